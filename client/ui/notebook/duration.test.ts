import { expect, it } from "vitest";
import { formatDuration } from "./duration.ts";

it.each([
  [0, "0.0 s"],
  [63, "0.1 s"],
  [9_949, "9.9 s"],
  [9_999, "10 s"],
  [59_700, "1 min 0 s"],
  [125_000, "2 min 5 s"],
  [3_725_000, "1 h 2 min"],
  [-5, "0.0 s"],
])("%d ms is %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
