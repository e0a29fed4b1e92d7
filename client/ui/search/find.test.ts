// What is found in one text.

import { expect, it } from "vitest";
import { findInText, patternOf } from "./find.ts";
import type { Query } from "./find.ts";

const plain = { matchCase: false, wholeWord: false, regex: false } as const;

function find(text: string, query: Partial<Query> & { readonly text: string }) {
  const pattern = patternOf({ ...plain, ...query });
  if ("problem" in pattern) throw new Error(pattern.problem);
  return findInText(text, pattern);
}

it("tells the line and what stands around a match", () => {
  expect(find("one\n  two three\nfour", { text: "two" })).toEqual([
    { line: 2, before: "", hit: "two", after: " three" },
  ]);
});

it("finds several on one line, and the same word again lines later", () => {
  expect(find("a b a\n\n\na", { text: "a" }).map(({ line }) => line)).toEqual([1, 1, 4]);
});

it("takes signs as they are, unless they are to be an expression", () => {
  const text = "a.b-c (x) [1]\naxb";
  expect(find(text, { text: "a.b-c (x) [1]" })).toHaveLength(1);
  expect(find(text, { text: "a.b", regex: true })).toHaveLength(2);
  expect(find("x\ny", { text: "^y$", regex: true })).toMatchObject([{ line: 2, hit: "y" }]);
});

it("heeds case and whole words where asked to, also outside ASCII", () => {
  const text = "Élan élan élanvital élan_x";
  expect(find(text, { text: "élan" })).toHaveLength(4);
  expect(find(text, { text: "élan", matchCase: true })).toHaveLength(3);
  expect(find(text, { text: "élan", wholeWord: true })).toHaveLength(2);
  expect(find(text, { text: "élan", wholeWord: true, matchCase: true })).toHaveLength(1);
});

it("says what is no expression", () => {
  expect(patternOf({ ...plain, text: "(", regex: true })).toMatchObject({
    problem: expect.stringContaining("not a regular expression"),
  });
  expect(patternOf({ ...plain, text: "(" })).not.toHaveProperty("problem");
});

it("finds nothing in emptiness, cuts long lines around the match, and stops at the limit", () => {
  expect(find("aaa", { text: "b*", regex: true })).toEqual([]);
  const [match] = find(`${"x".repeat(5000)}needle${"y".repeat(5000)}`, { text: "needle" });
  expect(match?.before).toHaveLength(25);
  expect(match?.after).toHaveLength(160);
  expect(find("a\n".repeat(1000), { text: "a" })).toHaveLength(200);
});
