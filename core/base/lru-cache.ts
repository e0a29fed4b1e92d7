// Values by key within a limit on their size: the least recently used are dropped first. Knows nothing of what they are.

export interface LruCacheOptions<K, V> {
  /** What all values together may measure. */
  readonly limit: number;
  /** How many there may be; any number where it is left out. */
  readonly maxEntries?: number;
  readonly sizeOf: (value: V) => number;
  /** Values that stay for now, whatever the limit. */
  readonly isHeld?: (key: K) => boolean;
  readonly onDrop?: (key: K) => void;
}

export class LruCache<K, V> {
  readonly #options: LruCacheOptions<K, V>;
  /** The least recently used first. */
  readonly #values = new Map<K, V>();
  #latest: K | undefined;
  #size = 0;

  constructor(options: LruCacheOptions<K, V>) {
    this.#options = options;
  }

  /** What all values together measure. */
  get size(): number {
    return this.#size;
  }

  has(key: K): boolean {
    return this.#values.has(key);
  }

  /** Makes it the latest used. */
  get(key: K): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined || key === this.#latest) return value;
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#latest = key;
    return value;
  }

  /** Makes it the latest used, which stays even where it alone is beyond the limit. */
  set(key: K, value: V): void {
    this.#forget(key);
    this.#values.set(key, value);
    this.#latest = key;
    this.#size += this.#options.sizeOf(value);
    this.trim();
  }

  /** Drops what is too much: call it when something is no longer held. */
  trim(): void {
    const { limit, maxEntries = Infinity, isHeld, onDrop } = this.#options;
    for (const key of this.#values.keys()) {
      const fits = this.#size <= limit && this.#values.size <= maxEntries;
      if (fits || key === this.#latest) return;
      if (isHeld?.(key) === true) continue;
      this.#forget(key);
      onDrop?.(key);
    }
  }

  #forget(key: K): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#size -= this.#options.sizeOf(value);
  }
}
