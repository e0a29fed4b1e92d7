// A typed list of listeners, called in the order they came.

import type { Disposer } from "./disposable.ts";

export class Emitter<T> {
  readonly #listeners = new Set<(event: T) => void>();

  on(listener: (event: T) => void): Disposer {
    // A wrapper of its own: the same function may listen twice.
    const entry = (event: T): void => listener(event);
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  emit(event: T): void {
    // A copy: who comes or goes while we call is not part of this event.
    const listeners = [...this.#listeners];
    for (const listener of listeners) listener(event);
  }

  get size(): number {
    return this.#listeners.size;
  }
}
