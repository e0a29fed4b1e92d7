// What the room has to write down and to say, collected for a few milliseconds: one write for everybody's edits, and
// one frame per receiver instead of one per keystroke. The first after a pause goes at once; what comes while a write
// is under way waits for its end. Knows no document and no sockets.

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { maxBatchBytes } from "#core/room/limits.ts";
import type { MaybePromise } from "./host.ts";
import type { Edit } from "./journal.ts";

export interface Batch {
  readonly edits: readonly Edit[];
  /** Awareness clients whose state changed. */
  readonly clients: ReadonlySet<number>;
  /** Connection to the highest mark that is durable once the edits are. */
  readonly marks: ReadonlyMap<string, number>;
}

export class Outbox {
  readonly #clock: Clock;
  /** How many milliseconds to collect at present. */
  readonly #pause: () => number;
  /** Writes and sends; settles when the next batch may. Never rejects. */
  readonly #flush: (batch: Batch) => MaybePromise<void>;
  #edits: Edit[] = [];
  #bytes = 0;
  #clients = new Set<number>();
  #marks = new Map<string, number>();
  #lastFlush = Number.NEGATIVE_INFINITY;
  #timer: Disposer | undefined;
  #busy: Promise<void> | undefined;
  #busyBytes = 0;
  #disposed = false;

  constructor(clock: Clock, pause: () => number, flush: (batch: Batch) => MaybePromise<void>) {
    this.#clock = clock;
    this.#pause = pause;
    this.#flush = flush;
  }

  /** Of the edits that are not written down yet. */
  get pendingBytes(): number {
    return this.#bytes + this.#busyBytes;
  }

  /** Settles when the batch that is being written is; undefined when none is. */
  get busy(): Promise<void> | undefined {
    return this.#busy;
  }

  addEdit(update: Uint8Array, author: string): void {
    this.#edits.push({ update, author });
    this.#bytes += update.length;
    if (this.#bytes >= maxBatchBytes) this.#send();
    else this.#schedule();
  }

  addClients(clients: Iterable<number>): void {
    for (const client of clients) this.#clients.add(client);
    if (this.#clients.size > 0) this.#schedule();
  }

  addMark(connection: string, id: number): void {
    this.#marks.set(connection, id);
    this.#schedule();
  }

  /** Writes and sends what waits, now; settles when nothing waits any more. */
  async drain(): Promise<void> {
    while (!this.#disposed && (this.#busy !== undefined || this.#waits())) {
      this.#send();
      await this.#busy;
    }
  }

  /** Drops what waits. */
  dispose(): void {
    this.#disposed = true;
    this.#timer?.();
    this.#timer = undefined;
    this.#take();
  }

  #waits(): boolean {
    return this.#edits.length + this.#clients.size + this.#marks.size > 0;
  }

  #take(): Batch {
    const batch: Batch = { edits: this.#edits, clients: this.#clients, marks: this.#marks };
    this.#edits = [];
    this.#bytes = 0;
    this.#clients = new Set();
    this.#marks = new Map();
    return batch;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#busy !== undefined) return;
    const wait = this.#lastFlush + this.#pause() - this.#clock.now();
    if (wait <= 0) this.#send();
    else this.#timer = this.#clock.after(wait, () => this.#send());
  }

  #send(): void {
    if (this.#busy !== undefined || this.#disposed) return;
    this.#timer?.();
    this.#timer = undefined;
    this.#lastFlush = this.#clock.now();
    if (!this.#waits()) return;
    this.#busyBytes = this.#bytes;
    const sent = this.#flush(this.#take());
    if (sent instanceof Promise) this.#busy = sent.then(() => this.#sent());
    else this.#busyBytes = 0;
  }

  #sent(): void {
    this.#busy = undefined;
    this.#busyBytes = 0;
    // From the end of a slow write on, so that what has piled up behind it is collected too.
    this.#lastFlush = this.#clock.now();
    if (this.#waits()) this.#schedule();
  }
}
