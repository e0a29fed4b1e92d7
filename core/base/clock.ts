// Time as code outside a host sees it: passed in, so that a test decides when time passes. Code that only asks what
// time it is takes `now: Clock["now"]`. The one implementation of the runtime's own time is system-clock.ts.

import type { Disposer } from "./disposable.ts";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once, after so many milliseconds; the disposer cancels the call. */
  after(milliseconds: number, run: () => void): Disposer;
}

/** Resolves after so many milliseconds. */
export function delay(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve));
}

/** Settles as `work` does; rejects with what `late` makes where that takes longer than so many milliseconds. */
export function within<T>(
  clock: Clock,
  milliseconds: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(milliseconds, () => reject(late()));
    work.then(resolve, reject).finally(stop);
  });
}
