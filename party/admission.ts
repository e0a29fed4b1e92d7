// Whom a room lets in: from verified claims and the wishes in the URL.

import type { TokenClaims } from "#core/auth/token.ts";
import { admitPerson } from "#core/room/person.ts";
import type { Admission } from "./host.ts";

export function admissionOf(claims: TokenClaims, url: string, connection: string): Admission {
  const { searchParams } = new URL(url);
  // No epoch of ours is longer; what the host keeps of a connection must stay small.
  const epoch = searchParams.get("epoch")?.slice(0, 64);
  return {
    connection,
    role: claims.role,
    ...(epoch === undefined ? {} : { epoch }),
    conch: searchParams.get("conch") === "1",
    person: admitPerson({
      fixedName: claims.name,
      key: searchParams.get("person"),
      name: searchParams.get("name"),
      color: searchParams.get("color"),
      // A stock client has none: every connection is a stranger.
      fallbackKey: connection,
    }),
  };
}
