// The difference of two texts as a list of edits, quick on every input: line by line first, then character by
// character where that is cheap. Knows no document; no clock either: the budgets are counts, so results repeat.

import fastDiff from "fast-diff";
import { lineStart, splitLines } from "./lines.ts";

/** Replaces `remove` UTF-16 units at `at` of the old text. */
export interface TextEdit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** Differing lines that Myers' search may find between two anchors before it gives up: 400² steps are about 2 ms. */
const lineBudget = 400;

/** Product of the lengths up to which a replaced stretch is compared by character; fast-diff takes about 5 ms for it. */
const stretchBudget = 4_000_000;

/** What all comparisons of one merge may still cost: products of the lengths that are compared by character. */
export interface CharacterBudget {
  left: number;
}

/** Comparing 2,000 characters with as many others, twice: about half a second where they have nothing in common. */
export function newCharacterBudget(): CharacterBudget {
  return { left: 8_000_000 };
}

/**
 * Edits in ascending order that do not touch each other and never part a surrogate pair. What is only inserted or only
 * removed is whole lines or words, where the texts leave a choice: people edit those. Many texts that belong to one merge
 * share a budget; beyond it, whole lines are replaced.
 */
export function diffText(before: string, after: string, budget?: CharacterBudget): TextEdit[] {
  let end = -1;
  return compare(before, after, budget).map((edit) => {
    const slid = slide(before, edit, end);
    end = slid.at + slid.remove;
    return slid;
  });
}

/** The same edit further to the left, where it begins a line, or else a word: "a b" in "a a b" may be either. */
function slide(before: string, edit: TextEdit, previousEnd: number): TextEdit {
  const text = edit.remove === 0 ? edit.insert : before.slice(edit.at, edit.at + edit.remove);
  // What is appended stays at the end.
  if ((edit.remove > 0 && edit.insert !== "") || edit.at + edit.remove === before.length) return edit;
  let best = 0;
  let bestRank = boundaryRank(before, edit.at);
  const most = Math.min(text.length, edit.at - previousEnd - 1, slideLimit);
  for (let steps = 1; steps <= most && bestRank < 2; steps++) {
    if (before[edit.at - steps] !== text[text.length - steps]) break;
    const rank = boundaryRank(before, edit.at - steps);
    if (rank <= bestRank) continue;
    best = steps;
    bestRank = rank;
  }
  if (best === 0) return edit;
  const at = edit.at - best;
  const turned = text.slice(text.length - best) + text.slice(0, text.length - best);
  return edit.remove === 0 ? { at, remove: 0, insert: turned } : { at, remove: edit.remove, insert: "" };
}

/** 2 where a line begins, 1 where a word does, 0 within a word. */
function boundaryRank(text: string, at: number): number {
  if (at === 0 || text[at - 1] === "\n") return 2;
  return /\s/.test(text[at - 1] ?? "") ? 1 : 0;
}

/** Characters that an edit is moved at most: longer lines are no people's. */
const slideLimit = 2000;

function compare(before: string, after: string, budget?: CharacterBudget): TextEdit[] {
  if (before === after) return [];
  const start = commonStart(before, after);
  const end = commonEnd(before, after, start);
  const middle = {
    at: start,
    old: before.slice(start, before.length - end),
    new: after.slice(start, after.length - end),
  };
  if (isCheap(middle, budget)) return byCharacter(middle);
  // Whole lines: widen to the line that the first difference is in.
  const from = lineStart(before, start);
  const old = before.slice(from, before.length - end);
  const fresh = after.slice(from, after.length - end);
  return byLine(old, fresh, from).flatMap((stretch) =>
    isCheap(stretch, budget) ? byCharacter(stretch) : trimmed(stretch),
  );
}

/** The same in whole lines: each edit removes lines and puts lines in their place. */
export function diffLines(before: string, after: string): TextEdit[] {
  return byLine(before, after, 0).map(({ at, old, new: insert }) => ({ at, remove: old.length, insert }));
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.at) + edit.insert;
    at = edit.at + edit.remove;
  }
  return result + text.slice(at);
}

/** A part of the old text and what stands for it. */
interface Stretch {
  readonly at: number;
  readonly old: string;
  readonly new: string;
}

/** Whether to compare by character; takes its cost from the budget. */
function isCheap(stretch: Stretch, budget: CharacterBudget | undefined): boolean {
  const cost = stretch.old.length * stretch.new.length;
  if (cost > Math.min(stretchBudget, budget?.left ?? stretchBudget)) return false;
  if (budget !== undefined) budget.left -= cost;
  return true;
}

function byCharacter(stretch: Stretch): TextEdit[] {
  if (stretch.old === "" || stretch.new === "") return trimmed(stretch);
  const edits: TextEdit[] = [];
  let at = stretch.at;
  let remove = 0;
  let insert = "";
  const flush = (): void => {
    if (remove > 0 || insert !== "") edits.push({ at, remove, insert });
    at += remove;
    remove = 0;
    insert = "";
  };
  // Clean-up joins edits that stand so close that they read as one.
  for (const [kind, part] of fastDiff(stretch.old, stretch.new, undefined, true)) {
    if (kind === fastDiff.EQUAL) {
      flush();
      at += part.length;
    } else if (kind === fastDiff.DELETE) remove += part.length;
    else insert += part;
  }
  flush();
  return edits;
}

function trimmed(stretch: Stretch): TextEdit[] {
  const start = commonStart(stretch.old, stretch.new);
  const end = commonEnd(stretch.old, stretch.new, start);
  const remove = stretch.old.length - start - end;
  const insert = stretch.new.slice(start, stretch.new.length - end);
  return remove === 0 && insert === "" ? [] : [{ at: stretch.at + start, remove, insert }];
}

function byLine(old: string, fresh: string, at: number): Stretch[] {
  const oldLines = splitLines(old);
  const newLines = splitLines(fresh);
  const numbers = new Map<string, number>();
  const a = numbered(oldLines, numbers);
  const b = numbered(newLines, numbers);
  const stretches: Stretch[] = [];
  let oldFrom = 0;
  let newFrom = 0;
  let offset = at;
  const stretchTo = (oldTo: number, newTo: number): void => {
    if (oldTo === oldFrom && newTo === newFrom) return;
    const text = oldLines.slice(oldFrom, oldTo).join("");
    stretches.push({ at: offset, old: text, new: newLines.slice(newFrom, newTo).join("") });
    offset += text.length;
    oldFrom = oldTo;
    newFrom = newTo;
  };
  for (const [oldIndex, newIndex] of matchLines(a, b)) {
    stretchTo(oldIndex, newIndex);
    offset += oldLines[oldIndex]?.length ?? 0;
    oldFrom = oldIndex + 1;
    newFrom = newIndex + 1;
  }
  stretchTo(oldLines.length, newLines.length);
  return stretches;
}

type Match = readonly [oldIndex: number, newIndex: number];

/** Equal lines in both, ascending. */
function matchLines(a: Int32Array, b: Int32Array): Match[] {
  const direct = myers(a, b);
  if (direct !== undefined) return direct;
  // Too different for an exact search: hold on to the lines that occur once in both, and search between them.
  const matches: Match[] = [];
  let oldFrom = 0;
  let newFrom = 0;
  for (const [oldTo, newTo] of [...uniqueMatches(a, b), [a.length, b.length] as const]) {
    for (const [i, j] of myers(a.subarray(oldFrom, oldTo), b.subarray(newFrom, newTo)) ?? []) {
      matches.push([oldFrom + i, newFrom + j]);
    }
    if (oldTo < a.length && newTo < b.length) matches.push([oldTo, newTo]);
    oldFrom = oldTo + 1;
    newFrom = newTo + 1;
  }
  return matches;
}

/** Myers' greedy search; undefined where the lists differ in more than `lineBudget` lines. */
function myers(a: Int32Array, b: Int32Array): Match[] | undefined {
  const trace: Int32Array[] = [];
  const middle = lineBudget + 1;
  const furthest = new Int32Array(2 * middle + 1);
  for (let distance = 0; distance <= Math.min(lineBudget, a.length + b.length); distance++) {
    trace.push(furthest.slice(middle - distance - 1, middle + distance + 2));
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const down = diagonal === -distance || (diagonal !== distance && left(diagonal) < right(diagonal));
      let x = down ? right(diagonal) : left(diagonal) + 1;
      let y = x - diagonal;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      furthest[middle + diagonal] = x;
      if (x >= a.length && y >= b.length) return walkBack(trace, a.length, b.length);
    }
  }
  return undefined;

  function left(diagonal: number): number {
    return furthest[middle + diagonal - 1] ?? 0;
  }
  function right(diagonal: number): number {
    return furthest[middle + diagonal + 1] ?? 0;
  }
}

function walkBack(trace: readonly Int32Array[], oldLength: number, newLength: number): Match[] {
  const matches: Match[] = [];
  let x = oldLength;
  let y = newLength;
  for (let distance = trace.length - 1; distance >= 0; distance--) {
    // Saved before the round: index 0 is the diagonal -distance - 1.
    const saved = trace[distance] ?? new Int32Array(0);
    const at = (diagonal: number): number => saved[diagonal + distance + 1] ?? 0;
    const diagonal = x - y;
    const down = diagonal === -distance || (diagonal !== distance && at(diagonal - 1) < at(diagonal + 1));
    const fromX = distance === 0 ? 0 : down ? at(diagonal + 1) : at(diagonal - 1);
    const fromY = distance === 0 ? 0 : fromX - (down ? diagonal + 1 : diagonal - 1);
    const snakeX = distance === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > snakeX) {
      x--;
      y--;
      matches.push([x, y]);
    }
    x = fromX;
    y = fromY;
  }
  return matches.reverse();
}

/** Lines that occur once in each list, those of them that keep their order (longest increasing run). */
function uniqueMatches(a: Int32Array, b: Int32Array): Match[] {
  const placesA = onlyPlaces(a);
  const placesB = onlyPlaces(b);
  const pairs: Match[] = [];
  for (const [line, oldIndex] of placesA) {
    const newIndex = placesB.get(line) ?? -1;
    if (oldIndex >= 0 && newIndex >= 0) pairs.push([oldIndex, newIndex]);
  }
  pairs.sort((p, q) => p[0] - q[0]);
  const tails: number[] = [];
  const before: number[] = [];
  pairs.forEach(([, newIndex], index) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((pairs[tails[mid] ?? 0]?.[1] ?? 0) < newIndex) low = mid + 1;
      else high = mid;
    }
    before.push(low > 0 ? (tails[low - 1] ?? -1) : -1);
    tails[low] = index;
  });
  const run: Match[] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) run.push(pair);
  }
  return run.reverse();
}

/** Where each line stands; -1 for those that occur again. */
function onlyPlaces(lines: Int32Array): Map<number, number> {
  const places = new Map<number, number>();
  lines.forEach((line, index) => places.set(line, places.has(line) ? -1 : index));
  return places;
}

function numbered(lines: readonly string[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(lines, (line) => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  });
}

function commonStart(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length > 0 && isHighSurrogate(a.charCodeAt(length - 1)) ? length - 1 : length;
}

function commonEnd(a: string, b: string, start: number): number {
  const limit = Math.min(a.length, b.length) - start;
  let length = 0;
  while (length < limit && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length))
    length++;
  return length > 0 && isLowSurrogate(a.charCodeAt(a.length - length)) ? length - 1 : length;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
