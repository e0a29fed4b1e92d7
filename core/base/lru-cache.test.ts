import { describe, expect, it } from "vitest";
import { LruCache } from "./lru-cache.ts";

function cacheOf(
  sizes: Readonly<Record<string, number>>,
  options: { held?: Set<string>; max?: number } = {},
) {
  const dropped: string[] = [];
  const cache = new LruCache<string, number>({
    limit: 10,
    sizeOf: (value) => value,
    isHeld: (key) => options.held?.has(key) ?? false,
    onDrop: (key) => void dropped.push(key),
    ...(options.max === undefined ? {} : { maxEntries: options.max }),
  });
  for (const [key, value] of Object.entries(sizes)) cache.set(key, value);
  return { cache, dropped };
}

describe("a cache by last use", () => {
  it("drops the least recently used when it holds too much", () => {
    const { cache, dropped } = cacheOf({ a: 4, b: 4 });
    expect(cache.get("a")).toBe(4);
    cache.set("c", 4);
    expect(dropped).toEqual(["b"]);
    expect(cache.size).toBe(8);
    expect(cache.get("b")).toBeUndefined();
  });

  it("keeps the latest, even where it is too large by itself", () => {
    const { cache, dropped } = cacheOf({ a: 4, b: 40 });
    expect(dropped).toEqual(["a"]);
    expect(cache.get("b")).toBe(40);
  });

  it("keeps what is held until it is released", () => {
    const held = new Set(["a"]);
    const { cache, dropped } = cacheOf({ a: 8, b: 8, c: 8 }, { held });
    expect(dropped).toEqual(["b"]);
    held.clear();
    cache.trim();
    expect(dropped).toEqual(["b", "a"]);
  });

  it("holds at most so many, and measures what replaced a value", () => {
    const { cache, dropped } = cacheOf({ a: 1, b: 1, c: 1 }, { max: 2 });
    expect(dropped).toEqual(["a"]);
    cache.set("b", 5);
    expect(cache.size).toBe(6);
  });
});
