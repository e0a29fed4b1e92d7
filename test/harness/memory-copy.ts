// A local copy in memory, as a browser keeps one: outlives a session, and knows what the server has acknowledged.

import * as Y from "yjs";
import { readMeta } from "#core/project/meta.ts";
import type { BlobKeeper, Keeping, LocalCopy, OwnChange } from "#sync/local-copy.ts";

/** A change that was made here: the replica's own clock after it, which the room must have when it acknowledges it. */
export interface Change {
  readonly client: number;
  readonly clock: number;
}

const noBlobs: BlobKeeper = {
  held: [],
  has: () => false,
  read: () => Promise.resolve(undefined),
  keep: () => undefined,
  hold: () => undefined,
  release: () => undefined,
};

export class MemoryCopy implements LocalCopy {
  readonly doc = new Y.Doc();
  readonly filled: boolean;
  readonly carried: number;
  readonly carriedFiles = new Set<string>();
  readonly leftovers = [];
  readonly blobs = noBlobs;
  readonly keeping: Keeping = { kept: true };
  readonly settled = true;
  /** The files of the work that was put aside; undefined where nothing was. */
  aside: ReadonlySet<string> | undefined;
  readonly #onSaved: (change: Change) => void;
  readonly #updates: Uint8Array[];
  /** By the number that the session gives them, from 1. */
  readonly #changes: (Change | undefined)[];

  /** `before`: the copy that an earlier visit left. */
  constructor(client: number, onSaved: (change: Change) => void, before?: MemoryCopy) {
    this.doc.clientID = client;
    this.#onSaved = onSaved;
    this.#updates = before === undefined ? [] : [...before.#updates];
    this.#changes = before === undefined ? [] : before.#changes.filter((change) => change !== undefined);
    for (const update of this.#updates) Y.applyUpdate(this.doc, update);
    this.filled = readMeta(this.doc).epoch !== undefined;
    this.carried = this.#changes.length;
  }

  /** Changes that nobody has acknowledged. */
  get unsaved(): number {
    return this.#changes.filter((change) => change !== undefined).length;
  }

  onKeeping(): () => void {
    return () => undefined;
  }

  append(update: Uint8Array, change: OwnChange | undefined): void {
    this.#updates.push(update);
    if (change === undefined) return;
    const { clientID, store } = this.doc;
    this.#changes[change.number - 1] = { client: clientID, clock: Y.getState(store, clientID) };
  }

  acknowledged(change: number): void {
    for (let index = 0; index < change; index++) {
      const made = this.#changes[index];
      if (made !== undefined) this.#onSaved(made);
      this.#changes[index] = undefined;
    }
  }

  setAside(files: ReadonlySet<string>): Promise<void> {
    this.aside = files;
    return Promise.resolve();
  }

  remove(): Promise<void> {
    throw new Error("invariant violation: nobody gives this copy up");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
