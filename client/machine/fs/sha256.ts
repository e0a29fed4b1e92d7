// SHA-256 from the runtime itself, which browsers' workers and Node call the same: many times as fast as our own, and
// beside the thread that asks.

import { toHex } from "#core/base/bytes.ts";
import { hashBytes } from "#core/project/blobs.ts";

// Declared here because the machine's type world has neither the DOM's library nor Node's.
declare const crypto: {
  readonly subtle: { digest(algorithm: "SHA-256", data: Uint8Array): Promise<ArrayBuffer> };
};

/** Lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  try {
    return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  } catch {
    // A page that is not served securely has no `subtle`.
    return hashBytes(bytes);
  }
}
