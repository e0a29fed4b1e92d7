// Which cell of one version is which of another: by id, by equal content, by likeness and place.
// Knows nothing of Yjs.

import { align, commonSubsequence } from "#core/text/align.ts";
import type { CellKind } from "./cell.ts";

export interface Matchable {
  readonly kind: CellKind;
  readonly id?: string | undefined;
  /** Source or Markdown. */
  readonly text: string;
}

/** Cells that share at least this part of their lines (prose: words) are versions of one cell, wherever they stand. */
const alike = 0.4;

/** For each new cell the index of the old one that it continues. */
export function matchCells(old: readonly Matchable[], next: readonly Matchable[]): (number | undefined)[] {
  const match: (number | undefined)[] = next.map(() => undefined);
  const taken = new Set<number>();
  const pair = (newIndex: number, oldIndex: number): void => {
    match[newIndex] = oldIndex;
    taken.add(oldIndex);
  };
  const freeOld = (): number[] => [...old.keys()].filter((index) => !taken.has(index));
  const freeNew = (): number[] => [...next.keys()].filter((index) => match[index] === undefined);

  // By id. Of two cells with one id (somebody copied a cell) the first has it.
  const byId = new Map<string, number>();
  old.forEach((cell, index) => {
    if (cell.id !== undefined && !byId.has(cell.id)) byId.set(cell.id, index);
  });
  next.forEach((cell, index) => {
    const oldIndex = cell.id === undefined ? undefined : byId.get(cell.id);
    if (oldIndex === undefined || taken.has(oldIndex)) return;
    if ((old[oldIndex]?.kind === "text") === (cell.kind === "text")) pair(index, oldIndex);
  });

  // By equal content: in order, then (cells that were moved) anywhere.
  const keyOf = (cell: Matchable | undefined): string => `${cell?.kind}\n${cell?.text}`;
  const [restOld, restNew] = [freeOld(), freeNew()];
  const keysOf = (cells: readonly Matchable[], indexes: readonly number[]): string[] =>
    indexes.map((index) => keyOf(cells[index]));
  for (const [i, j] of commonSubsequence(keysOf(old, restOld), keysOf(next, restNew)))
    pair(restNew[j] ?? 0, restOld[i] ?? 0);
  const byKey = new Map<string, number[]>();
  for (const index of freeOld()) {
    const key = keyOf(old[index]);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [index]);
    else same.push(index);
  }
  for (const newIndex of freeNew()) {
    const oldIndex = byKey.get(keyOf(next[newIndex]))?.shift();
    if (oldIndex !== undefined) pair(newIndex, oldIndex);
  }

  // By likeness, or by standing in the same place between the same neighbours.
  const [lastOld, lastNew] = [freeOld(), freeNew()];
  const [takenBefore, matchBefore] = [takenBeforeEach(old.length, taken), matchedBeforeEach(match)];
  const samePlace = (oldIndex: number, newIndex: number): boolean =>
    matchBefore[newIndex] === takenBefore[oldIndex];
  const [oldParts, newParts] = [
    lastOld.map((index) => partsOf(old[index])),
    lastNew.map((index) => partsOf(next[index])),
  ];
  const weights = align(lastOld.length, lastNew.length, (i, j) => {
    const [oldIndex, newIndex] = [lastOld[i] ?? 0, lastNew[j] ?? 0];
    const [a, b] = [old[oldIndex], next[newIndex]];
    if (a === undefined || b === undefined || a.kind !== b.kind) return 0;
    const likeness = shareOf(oldParts[i] ?? [], newParts[j] ?? []);
    return likeness >= alike || samePlace(oldIndex, newIndex) ? 0.05 + 0.9 * likeness : 0;
  });
  for (const [i, j] of weights) pair(lastNew[j] ?? 0, lastOld[i] ?? 0);
  return match;
}

/** For each old cell the last one before it that is matched. */
function takenBeforeEach(length: number, taken: ReadonlySet<number>): (number | undefined)[] {
  let last: number | undefined;
  return Array.from({ length }, (_, index) => {
    const before = last;
    if (taken.has(index)) last = index;
    return before;
  });
}

/** For each new cell the old one that the last matched cell before it continues. */
function matchedBeforeEach(match: readonly (number | undefined)[]): (number | undefined)[] {
  let last: number | undefined;
  return match.map((oldIndex) => {
    const before = last;
    last = oldIndex ?? last;
    return before;
  });
}

/** The parts that two lists have in common, 0 to 1. */
function shareOf(a: readonly string[], b: readonly string[]): number {
  const count = new Map<string, number>();
  if (a.length + b.length === 0) return 1;
  for (const part of a) count.set(part, (count.get(part) ?? 0) + 1);
  let common = 0;
  for (const part of b) {
    const left = count.get(part) ?? 0;
    if (left > 0) common++;
    count.set(part, left - 1);
  }
  return (2 * common) / (a.length + b.length);
}

/** Lines of code; of prose words, since a paragraph that is edited may lose its line breaks. */
function partsOf(cell: Matchable | undefined): string[] {
  return (cell?.text ?? "")
    .split(cell?.kind === "text" ? /\s+/ : "\n")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
