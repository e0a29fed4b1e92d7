// Collects what the room has to say for a few milliseconds, so that each receiver gets one frame
// instead of one per keystroke of everybody. The first after a pause goes at once.

import * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { batchMilliseconds } from "#core/room/limits.ts";
import type { RoomClock } from "./host.ts";

export interface Batch {
  /** All updates as one; undefined where there were none. */
  readonly update: Uint8Array | undefined;
  /** The connection that made all of them, if it was one alone: it need not hear them. */
  readonly author: string | undefined;
  /** Awareness clients whose state changed. */
  readonly clients: ReadonlySet<number>;
  /** Connection to the highest mark that is durable now. */
  readonly marks: ReadonlyMap<string, number>;
}

export class Outbox {
  readonly #clock: RoomClock;
  readonly #flush: (batch: Batch) => void;
  #updates: { readonly update: Uint8Array; readonly author: string }[] = [];
  #clients = new Set<number>();
  #marks = new Map<string, number>();
  #lastFlush = Number.NEGATIVE_INFINITY;
  #timer: Disposer | undefined;

  constructor(clock: RoomClock, flush: (batch: Batch) => void) {
    this.#clock = clock;
    this.#flush = flush;
  }

  addUpdate(update: Uint8Array, author: string): void {
    this.#updates.push({ update, author });
    this.#schedule();
  }

  addClients(clients: Iterable<number>): void {
    for (const client of clients) this.#clients.add(client);
    if (this.#clients.size > 0) this.#schedule();
  }

  addMark(connection: string, id: number): void {
    this.#marks.set(connection, id);
    this.#schedule();
  }

  /** Sends what waits, now. */
  flush(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#lastFlush = this.#clock.now();
    const updates = this.#updates;
    const clients = this.#clients;
    const marks = this.#marks;
    if (updates.length + clients.size + marks.size === 0) return;
    this.#updates = [];
    this.#clients = new Set();
    this.#marks = new Map();
    const [first] = updates;
    this.#flush({
      update: updates.length > 1 ? Y.mergeUpdates(updates.map(({ update }) => update)) : first?.update,
      author: updates.every(({ author }) => author === first?.author) ? first?.author : undefined,
      clients,
      marks,
    });
  }

  /** Drops what waits. */
  dispose(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#updates = [];
    this.#clients = new Set();
    this.#marks = new Map();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#lastFlush + batchMilliseconds - this.#clock.now();
    if (wait <= 0) this.flush();
    else this.#timer = this.#clock.after(wait, () => this.flush());
  }
}
