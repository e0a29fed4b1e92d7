// What is behind descriptors 0, 1 and 2 of a program that no process stands behind: bytes from and to somebody.

import { emptyBytes } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { type Awaitable, isPromise } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";

/** Standard input. */
export interface ByteSource {
  /** At most `count` bytes, empty ones at the end; waits for the first. */
  read(count: number, interrupt: Interrupt): Awaitable<Uint8Array>;
}

/** Standard output or error. */
export interface ByteSink {
  /** How much was taken. Waiting is the back-pressure. */
  write(data: Uint8Array, interrupt: Interrupt): Awaitable<number>;
}

export interface StandardStreams {
  readonly input: ByteSource;
  readonly output: ByteSink;
  readonly error: ByteSink;
  /** Whether a person sits behind them: then they look like a terminal. */
  readonly terminal: boolean;
}

/** How much is read ahead of the program that polls: as much as a pipe holds. */
const aheadBytes = 64 * 1024;

/** A source that can be asked whether it has something. */
export class PolledSource {
  readonly #source: ByteSource;
  readonly #interrupt: Interrupt;
  #ahead: Uint8Array | undefined;
  #reading: Promise<void> | undefined;
  #failure: unknown;
  /** Empty bytes were read: on a terminal more may follow, and a read after a poll must see that end once. */
  #atEnd = false;

  constructor(source: ByteSource, interrupt: Interrupt) {
    this.#source = source;
    this.#interrupt = interrupt;
  }

  read(count: number): Awaitable<Uint8Array> {
    if (this.#ready) return this.#take(count);
    if (this.#reading !== undefined) return this.#reading.then(() => this.#take(count));
    return this.#source.read(count, this.#interrupt);
  }

  /** EAGAIN instead of waiting. */
  readNow(count: number): Uint8Array {
    void this.look();
    if (!this.#ready) throw new FsError("EAGAIN");
    return this.#take(count);
  }

  /** Undefined when a read would not wait; else what settles then. */
  look(): Promise<void> | undefined {
    if (this.#ready) return undefined;
    if (this.#reading !== undefined) return this.#reading;
    const read = this.#source.read(aheadBytes, this.#interrupt);
    if (!isPromise(read)) {
      this.#put(read);
      return undefined;
    }
    this.#reading = read
      .then(
        (data) => this.#put(data),
        (thrown: unknown) => {
          this.#failure = thrown;
        },
      )
      .finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  get bytesReady(): number {
    return this.#ahead?.length ?? 0;
  }

  get #ready(): boolean {
    return this.#ahead !== undefined || this.#atEnd || this.#failure !== undefined;
  }

  #put(data: Uint8Array): void {
    if (data.length === 0) this.#atEnd = true;
    else this.#ahead = data;
  }

  #take(count: number): Uint8Array {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    const ahead = this.#ahead;
    if (ahead === undefined) {
      this.#atEnd = false;
      return emptyBytes;
    }
    const data = ahead.subarray(0, count);
    this.#ahead = data.length === ahead.length ? undefined : ahead.subarray(data.length);
    return data;
  }
}
