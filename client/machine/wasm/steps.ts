// A computation written straight on, which goes on at once where values are at hand and waits where they are not:
// the form of `chain` for what has loops and cases.

import { type Awaitable, isPromise } from "#core/base/awaitable.ts";

export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

/** `const value = yield* wait(awaitable)` */
export function* wait<T>(value: Awaitable<T>): Steps<T> {
  // What is yielded comes back settled: `perform` sees to it.
  return isPromise(value) ? ((yield value) as T) : value;
}

/** Synchronous unless a step had to wait. */
export function perform<T>(steps: Steps<T>): Awaitable<T> {
  const first = steps.next();
  return first.done === true ? first.value : goOn(steps, first.value);
}

async function goOn<T>(steps: Steps<T>, waited: Promise<unknown>): Promise<T> {
  for (let current = waited; ;) {
    const settled = await current.then(
      (value) => () => steps.next(value),
      (thrown: unknown) => () => steps.throw(thrown),
    );
    const next = settled();
    if (next.done === true) return next.value;
    current = next.value;
  }
}
