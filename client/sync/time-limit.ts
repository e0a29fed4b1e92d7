// Ends what has taken too long: a signal for fetch and its like that aborts when nothing has happened for so long. A
// connection that was cut off without a word stays open for minutes otherwise.

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";

export interface TimeLimitOptions {
  readonly clock: Clock;
  readonly milliseconds: number;
  /** Aborts it, too. */
  readonly outer?: AbortSignal;
}

export class TimeLimit {
  readonly signal: AbortSignal;
  readonly #options: TimeLimitOptions;
  readonly #controller = new AbortController();
  #timer: Disposer | undefined;

  constructor(options: TimeLimitOptions) {
    this.#options = options;
    const { outer } = options;
    const { signal } = this.#controller;
    this.signal = outer === undefined ? signal : AbortSignal.any([outer, signal]);
    this.extend();
  }

  /** Something has happened: the time begins anew. */
  extend(): void {
    const { clock, milliseconds } = this.#options;
    this.#timer?.();
    this.#timer = clock.after(milliseconds, () =>
      this.#controller.abort(new Error(`nothing has happened for ${milliseconds} ms`)),
    );
  }

  /** What it limited has ended by itself. */
  end(): void {
    this.#timer?.();
  }
}
