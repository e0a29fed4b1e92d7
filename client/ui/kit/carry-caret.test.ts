// A caret in a text that is shown as something else.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carryCaret, missingSpaces } from "./carry-caret.ts";

/** "|" is the caret. */
function carried(from: string, into: string): string {
  const at = carryCaret({ text: from.replace("|", ""), offset: from.indexOf("|") }, into);
  return `${into.slice(0, at)}|${into.slice(at)}`;
}

describe("missingSpaces", () => {
  const missing = (from: string, now: string): string =>
    missingSpaces(
      { text: from.replace("|", ""), offset: from.indexOf("|") },
      { text: now.replace("|", ""), offset: now.indexOf("|") },
    );

  it("are those behind a word at the end of a line", () => {
    expect(missing("a word |", "a word|")).toBe(" ");
    expect(missing("a word.  |\nnext", "a word.|\nnext")).toBe("  ");
    expect(missing("a word |", "a word |")).toBe("");
    expect(missing("a word |more", "a word| more")).toBe("");
    expect(missing("a word|", "a word|")).toBe("");
    expect(missing("- |", "|")).toBe("");
  });
});

describe("carryCaret", () => {
  it("keeps its place where nothing changes", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (text, at) => {
        const offset = at % (text.length + 1);
        expect(carryCaret({ text, offset }, text)).toBe(offset);
      }),
    );
  });

  it.each([
    ["a *bold| word*", "a bold word", "a bold| word"],
    ["a *bold*| word", "a bold word", "a bold| word"],
    ["# Title\n\nText |here", "Title\nText here", "Title\nText |here"],
    ["x = 1|", "x = 1", "x = 1|"],
    ["x = |1", "x = 1\n", "x = |1\n"],
    ["|begin", "# begin", "|# begin"],
    ["日本|語", "**日本**語", "**日本|**語"],
    ["gone| away", "gone", "gone|"],
  ])("[ED-11] %s is %s", (from, into, expected) => {
    expect(carried(from, into)).toBe(expected);
  });

  it("stays inside any other text", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.string(), (text, at, into) => {
        const to = carryCaret({ text, offset: at % (text.length + 1) }, into);
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(into.length);
      }),
    );
  });
});
