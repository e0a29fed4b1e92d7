// Fractional order keys: a cell moves by one write of its own key. Knows nothing of cells.

import { generateKeyBetween, generateNKeysBetween } from "fractional-indexing";

export interface Ordered {
  readonly id: string;
  readonly order: string;
}

/** By key, and where two people chose one key at once, by id. */
export function compareOrder(a: Ordered, b: Ordered): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * New keys that put `id` at `index` of the sorted list `others` (which does not hold `id`): one key, except where
 * the neighbours have the same key or an invalid one: then the followers get new keys as well.
 */
export function keysAt(others: readonly Ordered[], index: number, id: string): Map<string, string> {
  const left = others[index - 1]?.order ?? null;
  const right = others[index]?.order ?? null;
  try {
    if (left === null || right === null || left < right)
      return new Map([[id, generateKeyBetween(left, right)]]);
    let end = index;
    while ((others[end]?.order ?? "~") <= left) end++;
    const moved = [id, ...others.slice(index, end).map((other) => other.id)];
    const keys = generateNKeysBetween(left, others[end]?.order ?? null, moved.length);
    return new Map(moved.map((other, position) => [other, keys[position] ?? left]));
  } catch {
    // A stock client wrote a key that is none: all cells get new ones.
    const all = [
      ...others.slice(0, index).map((other) => other.id),
      id,
      ...others.slice(index).map((other) => other.id),
    ];
    const keys = generateNKeysBetween(null, null, all.length);
    return new Map(all.map((other, position) => [other, keys[position] ?? ""]));
  }
}
