// Runs tasks one after the other; a task that is done at once costs no trip through the scheduler.

import type { MaybePromise } from "./host.ts";

export class TaskQueue {
  #busy = false;
  readonly #waiting: (() => Promise<void>)[] = [];

  /** Settles with the task. */
  run<T>(task: () => MaybePromise<T>): MaybePromise<T> {
    if (!this.#busy) return this.#start(task);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(async () => {
        try {
          resolve(await this.#start(task));
        } catch (thrown) {
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        }
      });
    });
  }

  #start<T>(task: () => MaybePromise<T>): MaybePromise<T> {
    this.#busy = true;
    let result: MaybePromise<T>;
    try {
      result = task();
    } catch (thrown) {
      this.#next();
      throw thrown;
    }
    if (!(result instanceof Promise)) {
      this.#next();
      return result;
    }
    return result.finally(() => this.#next());
  }

  #next(): void {
    const task = this.#waiting.shift();
    this.#busy = task !== undefined;
    // Through the queue, so that a long line of short tasks does not grow the stack.
    // The task settles its own promise, and never rejects.
    if (task !== undefined) queueMicrotask(() => void task());
  }
}
