// The keys of a server, all from its one secret: links have the secret itself, which never changes; access tokens have
// a key for every hour, which the next hour's follows. Nothing is stored.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8 } from "#core/base/bytes.ts";

/** HS256 wants a key of at least the length of its hash. */
const minimumSecretBytes = 32;
/** Milliseconds that one access key signs. */
export const keyPeriod = 3_600_000;

export class ServerKeys {
  /** Signs links. */
  readonly links: Uint8Array;

  constructor(secret: string) {
    this.links = encodeUtf8(secret);
    if (this.links.length < minimumSecretBytes)
      throw new Error(`the secret has ${this.links.length} bytes, it needs ${minimumSecretBytes}`);
  }

  /** A key for one purpose alone. */
  for(purpose: string): Uint8Array {
    return hkdf(sha256, this.links, undefined, encodeUtf8(`conch ${purpose}`), 32);
  }

  access(period: number): Uint8Array {
    return this.for(`access ${period}`);
  }
}
