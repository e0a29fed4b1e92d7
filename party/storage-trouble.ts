// Storage that fails: tries it again, less and less often, until it works. Knows no connections.

import * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { longestRetryMilliseconds, storageRetryMilliseconds } from "#core/room/limits.ts";
import type { RoomClock } from "./host.ts";
import type { RoomStorage } from "./storage.ts";

export interface StorageTroubleOptions {
  readonly clock: RoomClock;
  readonly storage: RoomStorage;
  /** In a row, before it began. */
  readonly failures: number;
  /** Runs a task when it is its turn. */
  readonly run: (task: () => Promise<void>) => void;
  /** It works again. */
  readonly onEnd: () => void | Promise<void>;
}

export class StorageTrouble {
  readonly #options: StorageTroubleOptions;
  /** The timer of the next try; set for as long as storage fails. */
  #retry: Disposer | undefined;
  #failures: number;

  constructor(options: StorageTroubleOptions) {
    this.#options = options;
    this.#failures = options.failures;
    if (this.#failures > 0) this.#wait();
  }

  /** Nothing can be stored now. */
  get here(): boolean {
    return this.#retry !== undefined;
  }

  begin(): void {
    this.#failures++;
    this.#wait();
  }

  dispose(): void {
    this.#retry?.();
    this.#retry = undefined;
  }

  #wait(): void {
    const { clock, run } = this.#options;
    const wait = Math.min(storageRetryMilliseconds * 2 ** (this.#failures - 1), longestRetryMilliseconds);
    this.#retry = clock.after(wait, () => run(() => this.#try()));
  }

  /** Writes an update that changes nothing. */
  async #try(): Promise<void> {
    const nothing = new Y.Doc();
    try {
      await this.#options.storage.append(Y.encodeStateAsUpdate(nothing));
    } catch {
      return this.begin();
    } finally {
      nothing.destroy();
    }
    this.#retry = undefined;
    this.#failures = 0;
    return await this.#options.onEnd();
  }
}
