// Messages for a reader that waits for them: a read gives exactly one. Knows nothing of what they say.

import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";

interface Reader {
  readonly count: number;
  readonly give: (data: Uint8Array) => void;
  readonly fail: (error: FsError) => void;
}

export class MessageQueue {
  readonly #messages: Uint8Array[] = [];
  readonly #readers = new Set<Reader>();

  send(message: Uint8Array): void {
    this.#messages.push(message);
    this.#serve();
  }

  /** Exactly one message; E2BIG where it does not fit. */
  read(count: number, interrupt: Interrupt): Awaitable<Uint8Array> {
    const message = this.#readers.size === 0 ? this.#messages[0] : undefined;
    if (message !== undefined) {
      if (message.length > count) throw new FsError("E2BIG");
      this.#messages.shift();
      return message;
    }
    return new Promise((resolve, reject) => {
      let off: Disposer = () => undefined;
      const reader: Reader = {
        count,
        give: (data) => {
          off();
          resolve(data);
        },
        fail: (error) => {
          off();
          reject(error);
        },
      };
      this.#readers.add(reader);
      off = interrupt.on(() => {
        if (this.#readers.delete(reader)) reject(new FsError("EINTR"));
      });
    });
  }

  /** Drops what was not read yet; who waits is interrupted. */
  clear(): void {
    this.#messages.length = 0;
    for (const reader of this.#readers) reader.fail(new FsError("EINTR"));
    this.#readers.clear();
  }

  #serve(): void {
    for (const reader of this.#readers) {
      const message = this.#messages[0];
      if (message === undefined) return;
      this.#readers.delete(reader);
      if (message.length > reader.count) reader.fail(new FsError("E2BIG"));
      else {
        this.#messages.shift();
        reader.give(message);
      }
    }
  }
}
