// Who stands at a room's door: from a verified token and the wishes in the URL.

import type { Pass } from "#core/auth/token.ts";
import { admitPerson } from "#core/room/person.ts";
import type { Visit } from "./host.ts";

export function visitOf({ person, ...pass }: Pass, url: string, connection: string): Visit {
  const { searchParams } = new URL(url);
  // No epoch of ours is longer; what the host keeps of a connection must stay small.
  const epoch = searchParams.get("epoch")?.slice(0, 64);
  return {
    connection,
    pass,
    ...(epoch === undefined ? {} : { epoch }),
    conch: searchParams.get("conch") === "1",
    // [ROOM-2] A link's token says nothing about people: then it is what the URL wishes for.
    person:
      person ??
      admitPerson({
        key: searchParams.get("person"),
        name: searchParams.get("name"),
        color: searchParams.get("color"),
        // A stock client has none: every connection is a stranger.
        fallbackKey: connection,
      }),
  };
}
