// Which elements stay where they are when their order changes.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { staying } from "./arrange.ts";

function stays(wanted: string, now: string, fixed?: string): string {
  const kept = staying(
    wanted.split("").map((letter) => now.indexOf(letter)),
    fixed === undefined ? undefined : wanted.indexOf(fixed),
  );
  return [...kept]
    .toSorted((a, b) => a - b)
    .map((index) => wanted[index])
    .join("");
}

describe("staying", () => {
  it("[ED-20] moves as few as can be", () => {
    expect(stays("ABCD", "ABCD")).toBe("ABCD");
    expect(stays("BCDA", "ABCD")).toBe("BCD");
    expect(stays("DABC", "ABCD")).toBe("ABC");
    expect(stays("AXB", "AB")).toBe("AB");
    expect(stays("X", "")).toBe("");
  });

  it("[ED-20] never moves the fixed one", () => {
    expect(stays("BCDA", "ABCD", "A")).toBe("A");
    expect(stays("BAC", "ABC", "A")).toBe("AC");
    expect(stays("BAC", "ABC", "B")).toBe("BC");
    // It is new: nothing is held by it.
    expect(stays("AXB", "AB", "X")).toBe("AB");
  });

  it("keeps a sequence that is in order already, with the fixed one in it", () => {
    const orders = fc.uniqueArray(fc.nat(30), { maxLength: 12 }).chain((now) =>
      fc.record({
        positions: fc.shuffledSubarray(now.map((_, place) => place)),
        fixed: fc.nat(12),
      }),
    );
    fc.assert(
      fc.property(orders, ({ positions, fixed }) => {
        const held = positions.length === 0 ? undefined : fixed % positions.length;
        const kept = [...staying(positions, held)].toSorted((a, b) => a - b);
        const places = kept.map((index) => positions[index] ?? -1);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        if (held !== undefined) expect(kept).toContain(held);
      }),
    );
  });
});
