// How many bytes one or several file systems may keep in memory together: a counter with a limit.

import { FsError } from "#core/base/errno.ts";

export class Allowance {
  readonly limit: number;
  #used = 0;

  constructor(limitBytes: number) {
    this.limit = limitBytes;
  }

  get used(): number {
    return this.#used;
  }

  /** ENOSPC where it would go over the limit; then nothing is taken. */
  take(bytes: number): void {
    if (this.#used + bytes > this.limit) throw new FsError("ENOSPC", `all ${this.limit} bytes are in use`);
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
