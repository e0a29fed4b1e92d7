// Bytes from a program to one consumer, a piece at a time: the writer waits for the consumer. Knows no files.

import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";

/** Where a program's output goes. */
export interface Sink {
  /** The number of bytes taken: all. EPIPE when nobody will ever take them. */
  write(data: Uint8Array, interrupt: Interrupt): Awaitable<number>;
  close(): void;
}

type Consumer = (data: Uint8Array) => void | Promise<void>;

export class OutputStream implements Sink {
  readonly #consume: Consumer;
  /** The piece under way and those behind it; undefined when the consumer is free. */
  #busy: Promise<void> | undefined;
  #closed = false;

  constructor(consume: Consumer) {
    this.#consume = consume;
  }

  /** The number of bytes taken: all. EPIPE after `close`. */
  write(data: Uint8Array, interrupt: Interrupt): Awaitable<number> {
    if (this.#closed) throw new FsError("EPIPE");
    if (data.length === 0) return 0;
    // A copy: the frame that it came in is used again when this call returns.
    const piece = data.slice();
    if (this.#busy === undefined) {
      const taken = this.#deliver(piece);
      if (taken === undefined) return piece.length;
      return this.#whenTaken(piece.length, this.#hold(taken), interrupt);
    }
    return this.#waitAndDeliver(piece, this.#busy, interrupt);
  }

  close(): void {
    this.#closed = true;
  }

  /** A consumer that fails has had its chance: the program is not to suffer for it. */
  #deliver(piece: Uint8Array): Promise<void> | undefined {
    const taken = this.#consume(piece);
    return taken instanceof Promise ? taken.catch(() => undefined) : undefined;
  }

  #hold(taken: Promise<void>): Promise<void> {
    const held = taken.then(() => {
      if (this.#busy === held) this.#busy = undefined;
    });
    this.#busy = held;
    return held;
  }

  /** Interrupted while the consumer has the data: it counts as written. */
  #whenTaken(length: number, held: Promise<void>, interrupt: Interrupt): Promise<number> {
    return new Promise((resolve) => {
      const off = interrupt.on(() => resolve(length));
      void held.then(() => {
        off();
        resolve(length);
      });
    });
  }

  #waitAndDeliver(piece: Uint8Array, before: Promise<void>, interrupt: Interrupt): Promise<number> {
    return new Promise((resolve, reject) => {
      let delivered = false;
      const off = interrupt.on(() => {
        if (delivered) resolve(piece.length);
        else reject(new FsError("EINTR"));
      });
      const turn = before.then(async () => {
        if (interrupt.interrupted) return;
        if (this.#closed) {
          off();
          reject(new FsError("EPIPE"));
          return;
        }
        delivered = true;
        await this.#deliver(piece);
      });
      void this.#hold(turn).then(() => {
        off();
        if (delivered) resolve(piece.length);
      });
    });
  }
}
