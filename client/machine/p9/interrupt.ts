// The interrupt of one request: fired by its Tflush, heard by the file that keeps it waiting.

import type { Disposer } from "#core/base/disposable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";

export class RequestInterrupt implements Interrupt {
  interrupted = false;
  #listeners: Set<() => void> | undefined;

  on(listener: () => void): Disposer {
    const entry = (): void => listener();
    if (this.interrupted) {
      entry();
      return () => undefined;
    }
    (this.#listeners ??= new Set()).add(entry);
    return () => {
      this.#listeners?.delete(entry);
    };
  }

  /** Whether the waiting operation wants to hear of it: else it ends by itself (a fetch, say). */
  get heard(): boolean {
    return this.#listeners !== undefined && this.#listeners.size > 0;
  }

  fire(): void {
    this.interrupted = true;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener();
  }
}
