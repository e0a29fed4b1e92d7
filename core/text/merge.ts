// Three-way merge of texts: what a writer changed in a copy of `base` is carried over what others changed meanwhile.

import { applyEdits, diffText } from "./diff.ts";
import type { CharacterBudget, TextEdit } from "./diff.ts";
import { Drift } from "./drift.ts";

/** What `mine` made of `base`, as edits of `theirs`, which others made of the same base. */
export function mergeEdits(base: string, mine: string, theirs: string, budget?: CharacterBudget): TextEdit[] {
  const own = diffText(base, mine, budget);
  if (theirs === base) return own;
  const drift = new Drift(base.length);
  drift.add(diffText(base, theirs, budget));
  return drift.carry(own);
}

/** What `mine` made of `base`, applied to `theirs`. */
export function mergeText(base: string, mine: string, theirs: string): string {
  return applyEdits(theirs, mergeEdits(base, mine, theirs));
}
