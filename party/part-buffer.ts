// A message that arrives in parts: one growing buffer, so that ten thousand small parts cost no more than one large one.

export class PartBuffer {
  #bytes = new Uint8Array(0);
  #length = 0;
  /** When the first part came; undefined while nothing waits. */
  since: number | undefined;

  get length(): number {
    return this.#length;
  }

  add(part: Uint8Array, now: number): void {
    this.since ??= now;
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** The whole message; nothing waits afterwards. */
  take(): Uint8Array {
    const whole = this.#bytes.subarray(0, this.#length);
    this.clear();
    return whole;
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    this.since = undefined;
  }
}
