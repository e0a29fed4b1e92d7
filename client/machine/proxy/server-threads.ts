// How many calls a process can serve at once: one that may wait for ever must leave somebody free for the others, and
// for the end.

import { FsError } from "#core/base/errno.ts";
import type { CallAnswer, CallChannel, SystemCall } from "#machine/task/call-channel.ts";

/** More waiting calls than any program has that waits for streams. */
const maxServers = 16;

export class ServerThreads {
  readonly #channel: CallChannel;
  #servers = 1;
  #busy = 0;
  #ended = false;

  constructor(channel: CallChannel) {
    this.#channel = channel;
  }

  async perform(call: SystemCall): Promise<CallAnswer> {
    if (this.#ended) throw new FsError("EBADF");
    this.#busy++;
    try {
      return await this.#channel.perform(call);
    } finally {
      this.#busy--;
    }
  }

  /** For calls that may wait for others than Linux. */
  mayWait<T>(call: () => Promise<T>): Promise<T> {
    if (this.#busy + 1 >= this.#servers && this.#servers < maxServers) {
      this.#servers++;
      this.#channel.help();
    }
    return call();
  }

  /** The program has ended. */
  end(): void {
    this.#ended = true;
  }
}
