// Changes made here on their way to the room: kept in the browser's copy, collected, sent, marked ([ROOM-14]) and
// acknowledged; and which files they are in.

import * as Y from "yjs";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import type { NodeId } from "#core/project/project.ts";
import { writeFrame, writeUpdate } from "#core/room/messages.ts";
import type { LocalCopy } from "./local-copy.ts";
import { UnsavedFiles } from "./unsaved-files.ts";

/** Edits are collected this long into one message, so that a program that writes a thousand files is no flood. The first after a pause goes at once. */
const batchMilliseconds = 8;
/** A mark is sent this long after an edit: one for a burst of keystrokes. */
const markMilliseconds = 20;

export interface OutgoingChangesOptions {
  readonly clock: Clock;
  readonly send: (message: Uint8Array<ArrayBuffer>) => void;
  /** Outlives the tab, and has changes of earlier visits that the room may not have. */
  readonly copy?: Pick<LocalCopy, "carried" | "carriedFiles" | "append" | "acknowledged">;
}

export class OutgoingChanges {
  readonly #options: OutgoingChangesOptions;
  readonly #files: UnsavedFiles;
  /** Changes so far, and how many of them the room has written down. */
  #made: number;
  #saved = 0;
  #isUp = false;
  /** On this connection the room has had our step 2, so that a mark covers everything before it. */
  #isCaughtUp = false;
  /** Edits that wait to be sent on this connection. */
  #batch: Uint8Array[] = [];
  #batchTimer: Disposer | undefined;
  #lastBatch = 0;
  #markTimer: Disposer | undefined;

  constructor(options: OutgoingChangesOptions) {
    this.#options = options;
    const { carried = 0, carriedFiles = new Set<NodeId>() } = options.copy ?? {};
    this.#made = carried;
    this.#files = new UnsavedFiles(carriedFiles, carried);
  }

  /** Changes that the room has not written down yet. */
  get unsaved(): number {
    return this.#made - this.#saved;
  }

  /** The files that those are in; the project's root where it may be any. */
  get unsavedFiles(): ReadonlySet<NodeId> {
    return this.#files.ids;
  }

  /** Takes a change, as an update of the document, of these files. */
  add(update: Uint8Array, files: ReadonlySet<NodeId>): void {
    const { clock, copy } = this.#options;
    this.#made++;
    // A connection that comes up later begins with step 2, which holds whatever was made meanwhile.
    if (this.#isUp) {
      this.#batch.push(update);
      const wait = this.#lastBatch + batchMilliseconds - clock.now();
      if (wait <= 0) this.flush();
      else this.#batchTimer ??= clock.after(wait, () => this.flush());
      this.#markTimer ??= clock.after(markMilliseconds, () => this.#mark());
    }
    this.#files.changed(this.#made, files);
    copy?.append(update, { number: this.#made, files });
  }

  /** There is a connection: messages can be sent. */
  up(): void {
    this.#isUp = true;
    this.#isCaughtUp = false;
  }

  /** The connection is lost, and with it what waited to be sent on it. */
  down(): void {
    this.#isUp = false;
    this.#isCaughtUp = false;
    this.#batch = [];
    this.#stopTimers();
  }

  /** The room has been sent our step 2. */
  caughtUp(): void {
    this.#isCaughtUp = true;
    this.#mark();
  }

  /** The room has written down everything up to this mark. */
  acknowledge(mark: number): void {
    this.#save(mark);
    this.#options.copy?.acknowledged(this.#saved);
  }

  /** The room will not get them, and nobody wants them any more. The copy keeps them until it is removed. */
  giveUp(): void {
    this.#save(this.#made);
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
    this.#stopTimers();
  }

  #save(number: number): void {
    this.#saved = Math.min(Math.max(this.#saved, number), this.#made);
    this.#files.acknowledged(this.#saved);
  }

  #mark(): void {
    this.#markTimer?.();
    this.#markTimer = undefined;
    this.flush();
    if (this.#isCaughtUp && this.unsaved > 0)
      this.#options.send(writeFrame({ type: "mark", id: this.#made }));
  }

  #stopTimers(): void {
    this.#batchTimer?.();
    this.#markTimer?.();
    this.#batchTimer = undefined;
    this.#markTimer = undefined;
  }
}
