// Bytes on their way to readers that may wait for them: standard input, and the output of a task that the tree made.
// A write is answered when it was read, or when it fits into what the pipe keeps. Knows no files.

import { emptyBytes } from "#core/base/bytes.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";

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

export class BytePipe {
  readonly #keeps: number;
  readonly #pieces: Piece[] = [];
  readonly #readers = new Set<Reader>();
  /** Bytes that wait for a reader. */
  #waiting = 0;
  #openings = 0;
  #ended = false;
  #closed = false;
  /** Its last reader has gone, and no other has come. */
  #broken = false;

  /** `keeps`: how many bytes may wait without keeping their writer waiting. */
  constructor(keeps = 0) {
    this.#keeps = keeps;
  }

  /** Settles when all of it was taken: that is the back-pressure. EPIPE when nobody will ever read it. */
  write(data: Uint8Array, interrupt?: Interrupt): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed || this.#ended || this.#broken) {
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
      this.#waiting += data.length;
      if (this.#waiting <= this.#keeps) piece.taken();
      else if (interrupt !== undefined) off = interrupt.on(() => this.#interrupt(piece));
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
    this.#fail();
    this.#serve();
  }

  /** As of a pipe with a name: once the last of those who opened it for reading has closed it, writes fail. */
  openForReading(): Disposer {
    this.#openings++;
    this.#broken = false;
    return () => {
      this.#openings--;
      if (this.#openings > 0) return;
      this.#broken = true;
      this.#fail();
    };
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

  #fail(): void {
    this.#waiting = 0;
    for (const piece of this.#pieces.splice(0)) piece.failed(new FsError("EPIPE"));
  }

  /** What was begun goes on to be read: a writer that wrote it again would double it. */
  #interrupt(piece: Piece): void {
    if (piece.begun) {
      piece.taken();
      return;
    }
    this.#pieces.splice(this.#pieces.indexOf(piece), 1);
    this.#waiting -= piece.data.length;
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
    this.#waiting -= data.length;
    piece.data = piece.data.subarray(data.length);
    if (piece.data.length === 0) {
      this.#pieces.shift();
      piece.taken();
    }
    return data;
  }
}
