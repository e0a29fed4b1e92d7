import { expect, it } from "vitest";
import { clampSize, readSizeFrame, writeSizeFrame } from "./size-frame.ts";

it("reads what it wrote", () => {
  const frame = writeSizeFrame({ cols: 120, rows: 40 });
  // oxlint-disable-next-line no-control-regex -- an escape sequence
  const [, text] = /^\x1b\]\d+;(.*)\x1b\\$/.exec(frame) ?? [];
  expect(readSizeFrame(text ?? "")).toEqual({ cols: 120, rows: 40 });
});

it("tells no size that nobody would draw", () => {
  expect(clampSize({ cols: 1, rows: 9_999 })).toEqual({ cols: 2, rows: 500 });
});

it.each(["", "80", "80;", "0;0", "80;24;1", "9999;24", "-1;24", "8x;24"])("refuses %j", (text) => {
  expect(readSizeFrame(text)).toBeUndefined();
});
