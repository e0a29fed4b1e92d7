// Storage that fails: tries it again every second until it works. Knows no connections.

import * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { storageRetryMilliseconds } from "#core/room/limits.ts";
import type { RoomClock } from "./host.ts";
import type { RoomStorage } from "./storage.ts";

export interface StorageTroubleOptions {
  readonly clock: RoomClock;
  readonly storage: RoomStorage;
  /** Runs a task when it is its turn. */
  readonly run: (task: () => Promise<void>) => void;
  /** It works again. */
  readonly onEnd: () => void | Promise<void>;
}

export class StorageTrouble {
  readonly #options: StorageTroubleOptions;
  /** The timer of the next try; set for as long as storage fails. */
  #retry: Disposer | undefined;

  constructor(options: StorageTroubleOptions) {
    this.#options = options;
  }

  /** Nothing can be stored now. */
  get here(): boolean {
    return this.#retry !== undefined;
  }

  begin(): void {
    const { clock, run } = this.#options;
    this.#retry = clock.after(storageRetryMilliseconds, () => run(() => this.#try()));
  }

  dispose(): void {
    this.#retry?.();
    this.#retry = undefined;
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
    return await this.#options.onEnd();
  }
}
