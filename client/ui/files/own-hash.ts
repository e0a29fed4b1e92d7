// Large files are hashed by the browser itself, beside the page: ours would hold the page up for seconds.

import { toHex } from "#core/base/bytes.ts";
import { withHash, type BlobStore } from "#core/project/blobs.ts";

/** Bytes: what is smaller is hashed at once. */
const leastHashed = 256 * 1024;

/** The store, for somebody who is going to put these bytes. */
export async function withOwnHash(blobs: BlobStore, bytes: Uint8Array): Promise<BlobStore> {
  // A page that is not served securely has no `subtle`.
  if (bytes.length < leastHashed || crypto.subtle === undefined) return blobs;
  const { buffer, byteOffset, length } = bytes;
  if (!(buffer instanceof ArrayBuffer)) return blobs;
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(buffer, byteOffset, length));
  return withHash(blobs, bytes, toHex(new Uint8Array(digest)));
}
