// A token bucket: so much at once, so much a second. Takes the time as an argument.

export class TokenBucket {
  readonly #perMillisecond: number;
  readonly #burst: number;
  #level: number;
  #at: number;

  constructor(rate: { readonly perSecond: number; readonly burst: number }, now: number) {
    this.#perMillisecond = rate.perSecond / 1000;
    this.#burst = rate.burst;
    this.#level = rate.burst;
    this.#at = now;
  }

  /** False when there is not enough left: nothing is taken then. */
  take(amount: number, now: number): boolean {
    const passed = Math.max(0, now - this.#at);
    this.#level = Math.min(this.#burst, this.#level + passed * this.#perMillisecond);
    this.#at = now;
    if (amount > this.#level) return false;
    this.#level -= amount;
    return true;
  }
}
