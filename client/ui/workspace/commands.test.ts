// How the palette finds what one means.

import { expect, it } from "vitest";
import { matchScore } from "./commands.ts";

it("prefers the beginning of a word, then a run of letters, then letters in order", () => {
  const best = (typed: string, ...labels: string[]) =>
    labels
      .flatMap((label) => {
        const score = matchScore(label, typed);
        return score === undefined ? [] : [{ label, score }];
      })
      .sort((a, b) => a.score - b.score)
      .map(({ label }) => label);
  expect(best("main", "src/domain.c", "src/main.c", "Makefile in")).toEqual([
    "src/main.c",
    "src/domain.c",
    "Makefile in",
  ]);
  expect(best("nt", "New terminal", "Share")).toEqual(["New terminal"]);
  expect(best("", "b", "a")).toEqual(["b", "a"]);
  expect(matchScore("Share", "xyz")).toBeUndefined();
});
