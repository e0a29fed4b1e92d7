// Keeps a file system in memory somewhere that outlives it: what changed is stored soon after, a moment at a time.
// Knows neither where nor whose file system it is.

import type { Disposer } from "#core/base/disposable.ts";
import { type FsChange, type Keepable, mergeChanges } from "./fs-changes.ts";
import type { OverlayState } from "./overlay-state.ts";

/** Where a file system is kept. */
export interface FsStore {
  /** Undefined where nothing was kept. */
  load(): Promise<OverlayState | undefined>;
  /** All of the change is stored, or nothing and it rejects. */
  store(change: FsChange): Promise<void>;
}

export interface FsKeeperOptions {
  readonly fs: Keepable;
  readonly store: FsStore;
  /** It could not be stored, or (undefined) it can be again. */
  readonly onTrouble: (thrown: unknown) => void;
}

/** A program that writes all the time is stored this often. */
const collectMilliseconds = 700;
/** What could not be stored is tried again this much later. */
const retryMilliseconds = 20_000;

export class FsKeeper {
  readonly #options: FsKeeperOptions;
  readonly #stop: Disposer;
  /** Taken from the file system, and not stored yet. */
  #waiting: FsChange | undefined;
  #storing: Promise<void> | undefined;
  #timer: unknown;
  #trouble = false;
  #ended = false;

  /** Takes up all that has changed so far, too. */
  constructor(options: FsKeeperOptions) {
    this.#options = options;
    this.#stop = options.fs.onChange(() => this.#later(collectMilliseconds));
    this.#later(collectMilliseconds);
  }

  /** Settles when everything up to now is stored, or could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#storing;
    this.#storing ??= this.#store().finally(() => (this.#storing = undefined));
    await this.#storing;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.flush();
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #later(milliseconds: number): void {
    if (!this.#ended) this.#timer ??= setTimeout(() => void this.flush(), milliseconds);
  }

  async #store(): Promise<void> {
    const { fs, store, onTrouble } = this.#options;
    const change = fs.takeChanges();
    this.#waiting = this.#waiting === undefined ? change : mergeChanges(this.#waiting, change);
    if (this.#waiting.inodes.length + this.#waiting.gone.length === 0) {
      this.#waiting = undefined;
      return;
    }
    try {
      await store.store(this.#waiting);
      this.#waiting = undefined;
      if (this.#trouble) onTrouble(undefined);
      this.#trouble = false;
    } catch (thrown) {
      if (!this.#trouble) onTrouble(thrown);
      this.#trouble = true;
      this.#later(retryMilliseconds);
    }
  }
}
