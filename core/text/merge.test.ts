import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import * as Y from "yjs";
import { mergeEdits } from "./merge.ts";
import { mergeThree } from "./three-way.ts";
import { applyToText } from "./shared-text.ts";

// Properties take their time where other work goes on.
vi.setConfig({ testTimeout: 180_000 });

function merged(current: string, base: string, next: string): string {
  const text = new Y.Doc().getText("t");
  text.insert(0, current);
  applyToText(text, mergeEdits(base, next, current));
  return text.toJSON();
}

it("[NB-43] becomes what was written where nobody else was at work", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "é", "🐚", "🐙", " ") });
  fc.assert(
    fc.property(text, text, (base, next) => {
      expect(merged(base, base, next)).toBe(next);
    }),
  );
});

it("[NB-43] becomes what was written also where the text is long", () => {
  const line = fc.constantFrom("alpha", "beta", "gamma 🐚", "", "  delta".repeat(20));
  const text = fc.array(line, { minLength: 200, maxLength: 600 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (base, next) => {
      expect(merged(base, base, next)).toBe(next);
    }),
    { numRuns: 20 },
  );
});

it("[PR-87] a line that one puts before a line which the other replaces stays a line", () => {
  expect(mergeThree("a\n<!-- cell -->\nb\n", "a\nmine\n<!-- cell -->\nb\n", "a\n```\n1\n```\nb\n")).toBe(
    "a\nmine\n```\n1\n```\nb\n",
  );
});

it("[NB-43] applies both changes", () => {
  expect(merged("Xone two three", "one two three", "one 2 three")).toBe("Xone 2 three");
  expect(merged("one two three Y", "one two three", "Z one two three")).toBe("Z one two three Y");
  // The writer deletes a line in which a colleague has typed: the colleague's word stays.
  expect(merged("a\nb WORD b\nc", "a\nb b\nc", "a\nc")).toBe("a\nWORD c");
  // A colleague has deleted what the writer changed.
  expect(merged("a\nc", "a\nb\nc", "a\nB\nc")).toBe("a\nBc");
});

it("[NB-43] never loses what either of two has typed", () => {
  const word = fc.constantFrom("k", "l", "m n", "\n", "o");
  const base = fc.array(word).map((words) => words.join(""));
  const typed = (letter: string): fc.Arbitrary<{ at: number; text: string }> =>
    fc.record({ at: fc.nat(30), text: fc.nat(3).map((count) => letter.repeat(count + 1)) });
  const put = (text: string, { at, text: insert }: { at: number; text: string }): string =>
    text.slice(0, Math.min(at, text.length)) + insert + text.slice(Math.min(at, text.length));
  fc.assert(
    fc.property(base, typed("W"), typed("C"), fc.nat(30), (text, writer, colleague, cut) => {
      const next = put(text.slice(0, cut) + text.slice(cut + 3), writer);
      const result = merged(put(text, colleague), text, next);
      expect(result).toContain(writer.text);
      expect(result.replaceAll("W", "")).toContain(colleague.text);
    }),
  );
});
