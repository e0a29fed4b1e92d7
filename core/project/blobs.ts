// Where the content of bytes files lives: content-addressed, immutable. An interface and its in-memory form.

import { sha256 } from "@noble/hashes/sha2.js";
import { ownBytes, toHex } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";

/** A blob's address: `hash` is lower-case hexadecimal SHA-256, `size` is bytes. */
export interface BlobRef {
  readonly hash: string;
  readonly size: number;
}

export interface BlobStore {
  /** The bytes if they are resident, else a promise of them. FsError EIO where they cannot be had now. */
  get(ref: BlobRef): Uint8Array | Promise<Uint8Array>;
  /**
   * Keeps the bytes at once (a `get` finds them) and sees to their upload in the background. They are the store's from
   * then on: they must not change. `hash` where it is known already.
   */
  put(bytes: Uint8Array, hash?: string): BlobRef;
}

export function hashBytes(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

/** The store, for somebody who has hashed these bytes. */
export function withHash(blobs: BlobStore, bytes: Uint8Array, hash: string): BlobStore {
  return {
    get: (ref) => blobs.get(ref),
    put: (each, known) => blobs.put(each, each === bytes ? hash : known),
  };
}

export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();

  get(ref: BlobRef): Uint8Array {
    const bytes = this.#blobs.get(ref.hash);
    if (bytes === undefined) throw new FsError("EIO", `blob ${ref.hash} is not here`);
    return bytes;
  }

  put(bytes: Uint8Array, hash = hashBytes(bytes)): BlobRef {
    if (!this.#blobs.has(hash)) this.#blobs.set(hash, ownBytes(bytes));
    return { hash, size: bytes.length };
  }
}
