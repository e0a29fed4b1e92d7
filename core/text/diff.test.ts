// Differences of texts: right on every input, small on ordinary ones, quick on the worst.

import { array, assert, constantFrom, integer, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeText } from "./merge.ts";
import { applyEdits, diffText } from "./diff.ts";

const line = constantFrom("alpha\n", "beta\n", "gamma\n", "\n", "😀 smile\n", "no end");

describe("diffText", () => {
  it("[PR-50] turns the one text into the other", () => {
    const text = oneof(
      string({ unit: "grapheme" }),
      array(line, { maxLength: 40 }).map((lines) => lines.join("")),
    );
    assert(
      property(text, text, (before, after) => {
        const edits = diffText(before, after);
        expect(applyEdits(before, edits)).toBe(after);
        let end = -1;
        for (const edit of edits) {
          expect(edit.at).toBeGreaterThan(end);
          end = edit.at + edit.remove;
        }
      }),
    );
  });

  it("[PR-50] turns the one long text into the other, by lines", () => {
    // Long enough that no comparison by character is made of the whole.
    const long = array(integer({ min: 0, max: 400 }), { minLength: 300, maxLength: 600 });
    assert(
      property(long, long, (a, b) => {
        const before = a.map((number) => `line number ${number} of a rather long file\n`).join("");
        const after = b.map((number) => `line number ${number} of a rather long file\n`).join("");
        expect(applyEdits(before, diffText(before, after))).toBe(after);
      }),
      { numRuns: 20 },
    );
  });

  it("[PR-51] never parts a surrogate pair", () => {
    expect(diffText("a😀b", "a😁b")).toEqual([{ at: 1, remove: 2, insert: "😁" }]);
    expect(diffText("😀", "😀😀")).toEqual([{ at: 2, remove: 0, insert: "😀" }]);
  });

  it("[PR-52] touches only the changed line of a long file", () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `value ${index} = ${index * index}\n`);
    const changed = lines.with(17, "value 17 = changed\n").with(4200, "value 4200 = changed too\n");
    const edits = diffText(lines.join(""), changed.join(""));
    expect(edits.reduce((sum, edit) => sum + edit.remove + edit.insert.length, 0)).toBeLessThan(60);
  });

  it("[PR-52] keeps the common lines of two files that hardly agree", () => {
    const kept = (index: number): string => `kept ${index}\n`;
    const before = Array.from({ length: 3000 }, (_, index) =>
      index % 10 === 0 ? kept(index) : `old ${index}\n`,
    );
    const after = Array.from({ length: 3000 }, (_, index) =>
      index % 10 === 0 ? kept(index) : `new line ${index}\n`,
    );
    const edits = diffText(before.join(""), after.join(""));
    expect(applyEdits(before.join(""), edits)).toBe(after.join(""));
    expect(
      edits.some((edit) =>
        before
          .join("")
          .slice(edit.at, edit.at + edit.remove)
          .includes("kept"),
      ),
    ).toBe(false);
  });
});

it("[PR-53] takes what was inserted or removed for whole lines and words", () => {
  const insertion = (before: string, after: string): unknown => diffText(before, after);
  expect(insertion("- a\n- c\n", "- a\n- b\n- c\n")).toEqual([{ at: 4, remove: 0, insert: "- b\n" }]);
  expect(insertion("- a\n- b\n- c\n", "- a\n- c\n")).toEqual([{ at: 4, remove: 4, insert: "" }]);
  expect(insertion("one three", "one two three")).toEqual([{ at: 4, remove: 0, insert: "two " }]);
  expect(insertion("x\n", "x\ny\n")).toEqual([{ at: 2, remove: 0, insert: "y\n" }]);
  expect(mergeText("- a\n- c\n", "- a\n- b\n- c\n", "- a\n")).toBe("- a\n- b\n");
});

it("[PR-52] makes the new text of a long one that begins with an empty line", () => {
  const before = `\n${"old line\n".repeat(400)}`;
  const after = `${"new, and longer, line\n".repeat(400)}old\n`;
  expect(applyEdits(before, diffText(before, after))).toBe(after);
});
