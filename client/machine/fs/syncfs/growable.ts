// A file's bytes while they are being written: blocks over what the file was. Knows no file.

import { FsError } from "#core/base/errno.ts";
import { blobLimit, fileLimitWords } from "#core/project/limits.ts";
import { Allowance } from "../allowance.ts";
import { Content } from "../content.ts";
import { isPromise } from "#core/base/awaitable.ts";
import type { Awaitable } from "#core/base/awaitable.ts";

const unlimited = new Allowance(Number.POSITIVE_INFINITY);

export class Growable {
  readonly #blocks: Content;
  #whole: Uint8Array | undefined;

  /** Begins as `bytes`, which are not copied and must not change. */
  constructor(bytes: Uint8Array) {
    this.#blocks = new Content(unlimited, {
      size: bytes.length,
      read: (offset, count) => bytes.subarray(offset, offset + count),
    });
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** At most `count` bytes, a copy. */
  read(offset: number, count: number): Uint8Array {
    return atOnce(this.#blocks.read(offset, count));
  }

  /** What lies between the end and `offset` becomes zeros. */
  write(offset: number, data: Uint8Array): void {
    this.#change(offset + data.length);
    atOnce(this.#blocks.write(offset, data));
  }

  truncate(size: number): void {
    this.#change(size);
    this.#blocks.truncate(size);
  }

  /** All of it as it is now, in bytes that never change: the same ones until the next write. */
  whole(): Uint8Array {
    return (this.#whole ??= this.read(0, this.size));
  }

  #change(end: number): void {
    if (end > blobLimit) throw new FsError("EFBIG", fileLimitWords);
    this.#whole = undefined;
  }
}

/** What lies behind is in memory: nothing is waited for. */
function atOnce<T>(value: Awaitable<T>): T {
  if (isPromise(value)) throw new Error("invariant violation: bytes in memory had to be fetched");
  return value;
}
