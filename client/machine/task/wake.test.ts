import { expect, it } from "vitest";
import { isParkedLine, wakeLine } from "#machine/guest/wake.ts";

it("[WAKE-3] writes clock and seed in one line", () => {
  const seed = Uint8Array.from({ length: 32 }, (_, index) => index);
  expect(wakeLine(1_700_000_000_123.5, seed)).toBe(
    `conch-wake 1700000000 123500000 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n`,
  );
  expect(() => wakeLine(0, new Uint8Array(8))).toThrow(RangeError);
});

it("[WAKE-1] knows the line that says so", () => {
  expect(isParkedLine("[    1.2] x conch-agent: parked\r")).toBe(true);
  expect(isParkedLine("conch-agent: awake")).toBe(false);
});
