import { expect, it } from "vitest";
import { readSizeFrame, sizeOsc, writeSizeFrame } from "./size-frame.ts";

it("reads what it wrote", () => {
  const frame = writeSizeFrame({ cols: 120, rows: 40 });
  expect(frame.startsWith(`\x1b]${sizeOsc};`)).toBe(true);
  expect(readSizeFrame(frame.slice(`\x1b]${sizeOsc};`.length, -2))).toEqual({ cols: 120, rows: 40 });
});

it.each(["", "80", "80;", "0;0", "80;24;1", "9999;24", "-1;24", "8x;24"])("refuses %j", (text) => {
  expect(readSizeFrame(text)).toBeUndefined();
});
