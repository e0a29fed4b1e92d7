// Bytes on their way to one reader that may wait for them: standard input. Knows no files.

import { emptyBytes } from "#core/base/bytes.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable, Interrupt } from "#machine/fs/fs.ts";

interface Piece {
  data: Uint8Array;
  /** Whether a reader got some of it. */
  begun: boolean;
  readonly taken: () => void;
  readonly failed: (error: FsError) => void;
}

interface Reader {
  readonly count: number;
  readonly give: (data: Uint8Array) => void;
}

export class InputQueue {
  readonly #pieces: Piece[] = [];
  readonly #readers = new Set<Reader>();
  #ended = false;
  #closed = false;

  /** Settles when all of it was read: that is the back-pressure. EPIPE when nobody will ever read it. */
  write(data: Uint8Array, interrupt?: Interrupt): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed || this.#ended) {
        reject(new FsError("EPIPE"));
        return;
      }
      if (data.length === 0) {
        resolve();
        return;
      }
      let off: Disposer = () => undefined;
      const piece: Piece = {
        // A copy: who writes may use its buffer again at once.
        data: data.slice(),
        begun: false,
        taken: () => {
          off();
          resolve();
        },
        failed: (error) => {
          off();
          reject(error);
        },
      };
      this.#pieces.push(piece);
      if (interrupt !== undefined) off = interrupt.on(() => this.#interrupt(piece));
      this.#serve();
    });
  }

  /** After what was written, readers get the end of the file. */
  end(): void {
    this.#ended = true;
    this.#serve();
  }

  /** Nobody reads any more: writes fail, readers get the end of the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const piece of this.#pieces.splice(0)) piece.failed(new FsError("EPIPE"));
    this.#serve();
  }

  read(count: number, interrupt: Interrupt): Awaitable<Uint8Array> {
    if (count === 0) return emptyBytes;
    // Only when no reader waits: first come, first served.
    if (this.#readers.size === 0) {
      const data = this.#take(count);
      if (data !== undefined) return data;
    }
    return new Promise((resolve, reject) => {
      let off: Disposer = () => undefined;
      const reader: Reader = {
        count,
        give: (data) => {
          off();
          resolve(data);
        },
      };
      this.#readers.add(reader);
      off = interrupt.on(() => {
        if (this.#readers.delete(reader)) reject(new FsError("EINTR"));
      });
    });
  }

  /** What was begun goes on to be read: a writer that wrote it again would double it. */
  #interrupt(piece: Piece): void {
    if (piece.begun) {
      piece.taken();
      return;
    }
    this.#pieces.splice(this.#pieces.indexOf(piece), 1);
    piece.failed(new FsError("EINTR"));
  }

  #serve(): void {
    for (const reader of this.#readers) {
      const data = this.#take(reader.count);
      if (data === undefined) return;
      this.#readers.delete(reader);
      reader.give(data);
    }
  }

  /** Bytes that are at hand, empty bytes at the end, undefined where one must wait. */
  #take(count: number): Uint8Array | undefined {
    const piece = this.#pieces[0];
    if (piece === undefined) return this.#ended || this.#closed ? emptyBytes : undefined;
    const data = piece.data.subarray(0, count);
    piece.begun = true;
    piece.data = piece.data.subarray(data.length);
    if (piece.data.length === 0) {
      this.#pieces.shift();
      piece.taken();
    }
    return data;
  }
}
