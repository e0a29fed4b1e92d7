// A participant who asks to join: read from a verified token and the query of the URL.

import type { Pass } from "#core/auth/token.ts";
import { admitPerson } from "#core/room/person.ts";
import type { Visit } from "./host.ts";

export function visitOf({ person, ...pass }: Pass, url: string, connection: string): Visit {
  const { searchParams } = new URL(url);
  // No epoch of ours is longer; what the host keeps of a connection must stay small.
  const epoch = searchParams.get("epoch")?.slice(0, 64);
  const protocol = searchParams.get("conch");
  return {
    connection,
    pass,
    ...(epoch === undefined ? {} : { epoch }),
    ...(protocol === null ? {} : { protocol: protocol.slice(0, 16) }),
    // [ROOM-2] A link's token says nothing about people: then the URL's wishes count.
    person:
      person ??
      admitPerson({
        key: searchParams.get("person"),
        name: searchParams.get("name"),
        color: searchParams.get("color"),
        // A stock client has none: each of its connections is another person.
        fallbackKey: connection,
      }),
  };
}
