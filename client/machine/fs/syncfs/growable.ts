// A file's bytes while they are being written: one buffer that doubles. Knows no file.

import { FsError } from "#core/base/errno.ts";

/** Larger files would not fit a tab's memory beside the machine. */
const fileLimitBytes = 512 * 1024 * 1024;

export class Growable {
  #bytes: Uint8Array;
  #size: number;

  /** Takes a copy where it must be changed: `bytes` may be shared. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.slice();
    this.#size = bytes.length;
  }

  get size(): number {
    return this.#size;
  }

  /** At most `count` bytes, a copy. */
  read(offset: number, count: number): Uint8Array {
    return this.#bytes.slice(offset, Math.min(this.#size, offset + count));
  }

  /** What lies between the end and `offset` becomes zeros. */
  write(offset: number, data: Uint8Array): void {
    const end = offset + data.length;
    this.#reserve(end);
    if (offset > this.#size) this.#bytes.fill(0, this.#size, offset);
    this.#bytes.set(data, offset);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    this.#reserve(size);
    if (size > this.#size) this.#bytes.fill(0, this.#size, size);
    this.#size = size;
  }

  /** The content, without a copy: valid until the next change. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  #reserve(size: number): void {
    if (size > fileLimitBytes)
      throw new FsError("EFBIG", `a file in a project has at most ${fileLimitBytes} bytes`);
    if (size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(fileLimitBytes, Math.max(size, this.#bytes.length * 2, 256)));
    grown.set(this.view());
    this.#bytes = grown;
  }
}
