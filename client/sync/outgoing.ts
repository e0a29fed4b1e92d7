// Changes made here on their way to the room: collected, sent, marked ([ROOM-14]) and acknowledged.

import * as Y from "yjs";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { writeFrame, writeUpdate } from "#core/room/messages.ts";

/** Edits are collected this long into one message, so that a program that writes a thousand files is no flood. The first after a pause goes at once. */
const batchMilliseconds = 8;
/** A mark is sent this long after an edit: one for a burst of keystrokes. */
const markMilliseconds = 20;

export interface OutgoingOptions {
  readonly clock: Clock;
  /** Changes of an earlier session that the room may not have. */
  readonly carried: number;
  readonly send: (message: Uint8Array<ArrayBuffer>) => void;
}

export class Outgoing {
  readonly #options: OutgoingOptions;
  /** Local changes so far, and how many of them the room has written down. */
  #made: number;
  #saved = 0;
  #isUp = false;
  /** On this line the room has had our step 2, so that a mark covers everything before it. */
  #isCaughtUp = false;
  /** Edits that wait to be sent on this line. */
  #batch: Uint8Array[] = [];
  #batchTimer: Disposer | undefined;
  #lastBatch = 0;
  #markTimer: Disposer | undefined;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#made = options.carried;
  }

  /** Up to this number the room has written down everything. */
  get saved(): number {
    return this.#saved;
  }

  /** Changes that the room has not written down yet. */
  get unsaved(): number {
    return this.#made - this.#saved;
  }

  /** Takes a change; returns its number. */
  add(update: Uint8Array): number {
    this.#made++;
    // When the line is put up, step 2 holds whatever was made meanwhile.
    if (this.#isUp) {
      this.#batch.push(update);
      const { clock } = this.#options;
      const wait = this.#lastBatch + batchMilliseconds - clock.now();
      if (wait <= 0) this.flush();
      else this.#batchTimer ??= clock.after(wait, () => this.flush());
      this.#markTimer ??= clock.after(markMilliseconds, () => this.#mark());
    }
    return this.#made;
  }

  /** The line has been put up. */
  up(): void {
    this.#isUp = true;
    this.#isCaughtUp = false;
  }

  down(): void {
    this.#isUp = false;
    this.#batch = [];
  }

  /** The room has been sent our step 2. */
  caughtUp(): void {
    this.#isCaughtUp = true;
    this.#mark();
  }

  /** The room has written down everything up to this number. */
  acknowledge(number: number): void {
    this.#saved = Math.min(Math.max(this.#saved, number), this.#made);
  }

  /** Sends what waits. */
  flush(): void {
    this.#batchTimer?.();
    this.#batchTimer = undefined;
    const updates = this.#batch;
    const [first] = updates;
    if (first === undefined) return;
    this.#batch = [];
    this.#lastBatch = this.#options.clock.now();
    this.#options.send(writeUpdate(updates.length === 1 ? first : Y.mergeUpdates(updates)));
  }

  destroy(): void {
    this.#batchTimer?.();
    this.#markTimer?.();
  }

  #mark(): void {
    this.#markTimer?.();
    this.#markTimer = undefined;
    this.flush();
    if (this.#isCaughtUp && this.unsaved > 0)
      this.#options.send(writeFrame({ type: "mark", id: this.#made }));
  }
}
