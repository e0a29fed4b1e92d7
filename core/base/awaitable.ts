// Values that may be at hand already. What is at hand is used at once: a promise would cost a trip through the scheduler.

/** The value when it is at hand, a promise only where one must wait. */
export type Awaitable<T> = T | Promise<T>;

export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Goes on at once where the value is at hand. */
export function chain<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** All the values, at once where all are at hand. */
export function all<T>(values: readonly Awaitable<T>[]): Awaitable<T[]> {
  const ready: T[] = [];
  for (const value of values) {
    if (isPromise(value)) return Promise.all(values.map(async (each) => each));
    ready.push(value);
  }
  return ready;
}
