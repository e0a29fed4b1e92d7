// A clock for tests: time passes when the test says so.

import type { Clock } from "#core/base/clock.ts";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that have not run and were not cancelled. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Lets time pass: each timer runs at its own time, those included that others set meanwhile. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#due(end);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** The whole machine stands still for so long, as a computer that sleeps: what was due then runs late. */
  async jump(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const late = this.#now;
    const timers = this.#timers.filter(({ at }) => at <= late);
    for (let count = timers.length; count > 0; count--) this.#due(late)?.run();
    await settle();
  }

  /** Takes out the timer that is due first, where one is until then. */
  #due(end: number): Timer | undefined {
    const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
    this.#timers = this.#timers.filter((timer) => timer !== next);
    return next;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
