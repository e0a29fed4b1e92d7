// Storage that fails: it is tried again, less and less often, until it works. Knows no connections.

import type { Clock } from "#core/base/clock.ts";
import * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { longestRetryMilliseconds, storageRetryMilliseconds } from "#core/room/limits.ts";
import type { RoomStorage } from "./storage.ts";

export interface StorageRetryOptions {
  readonly clock: Clock;
  readonly storage: RoomStorage;
  /** Writes that failed in a row before this room began. */
  readonly failures: number;
  /** Runs a task when it is its turn. */
  readonly run: (task: () => Promise<void>) => void;
  /** A write has succeeded again. */
  readonly onEnd: () => void | Promise<void>;
}

export class StorageRetry {
  readonly #options: StorageRetryOptions;
  /** Of the next try; set while storage fails. */
  #timer: Disposer | undefined;
  #failures: number;

  constructor(options: StorageRetryOptions) {
    this.#options = options;
    this.#failures = options.failures;
    if (this.#failures > 0) this.#wait();
  }

  /** Storage fails, and the next try is scheduled. */
  get isPending(): boolean {
    return this.#timer !== undefined;
  }

  begin(): void {
    this.#failures++;
    this.#wait();
  }

  dispose(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #wait(): void {
    const { clock, run } = this.#options;
    const wait = Math.min(storageRetryMilliseconds * 2 ** (this.#failures - 1), longestRetryMilliseconds);
    this.#timer = clock.after(wait, () => run(() => this.#try()));
  }

  /** Appends an update that changes nothing. */
  async #try(): Promise<void> {
    const nothing = new Y.Doc();
    try {
      await this.#options.storage.append(Y.encodeStateAsUpdate(nothing));
    } catch {
      return this.begin();
    } finally {
      nothing.destroy();
    }
    this.#timer = undefined;
    this.#failures = 0;
    return await this.#options.onEnd();
  }
}
