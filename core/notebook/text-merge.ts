// A rewritten text merged into a live one: what the writer changed since his copy is applied to what the text is
// now, and nothing else is touched. Works on anything with the editing calls of Y.Text.

import diff from "fast-diff";
import { commonSubsequence } from "./align.ts";

/** The part of Y.Text that is used. */
export interface EditableText {
  insert(index: number, text: string): void;
  delete(index: number, length: number): void;
}

/** Replaces `remove` code units at `at` by `insert`. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** Characters of changed middle up to which the diff goes by characters: beyond, it may take seconds. */
const characterBudget = 4000;

/** What one merge may still compare by characters, in products of lengths: texts without anything in common take longest. */
export interface CharacterBudget {
  left: number;
}

/** 2,000 characters against as many others take half a second at worst. */
export function newCharacterBudget(): CharacterBudget {
  return { left: 8_000_000 };
}

/** Applies the change from `base` to `next` to `text`, which now reads `current`. */
export function mergeText(
  text: EditableText,
  current: string,
  base: string,
  next: string,
  budget: CharacterBudget = newCharacterBudget(),
): void {
  mergeEdits(text, editsOf(base, current, budget), editsOf(base, next, budget));
}

/** Applies edits of a base to `text`, which became what it is by the edits `carried` of the same base. */
export function mergeEdits(text: EditableText, carried: readonly Edit[], edits: readonly Edit[]): void {
  for (const edit of edits.toReversed()) {
    const place = mapOffset(carried, edit.at);
    for (const [start, end] of surviving(carried, edit.at, edit.at + edit.remove).toReversed())
      text.delete(start, end - start);
    if (edit.insert !== "") text.insert(place, edit.insert);
  }
}

/** Where an offset of the base stands after the edits; at an edit's place, before what it inserted. */
function mapOffset(edits: readonly Edit[], offset: number): number {
  let shift = 0;
  for (const { at, remove, insert } of edits) {
    if (at >= offset) break;
    if (at + remove >= offset) return at + shift + (at + remove === offset ? insert.length : 0);
    shift += insert.length - remove;
  }
  return offset + shift;
}

/** The ranges that are left, after the edits, of a range of the base. */
function surviving(edits: readonly Edit[], start: number, end: number): [number, number][] {
  const ranges: [number, number][] = [];
  let from = start;
  let shift = 0;
  for (const { at, remove, insert } of edits) {
    if (at >= end) break;
    if (at > from) ranges.push([from + shift, at + shift]);
    shift += insert.length - remove;
    from = Math.max(from, at + remove);
  }
  if (from < end) ranges.push([from + shift, end + shift]);
  return ranges;
}

/** Ascending; by characters where that is cheap, else by lines. */
export function editsOf(a: string, b: string, budget: CharacterBudget = newCharacterBudget()): Edit[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end++;
  // Never between the halves of a surrogate pair.
  if (start > 0 && isHighSurrogate(a.charCodeAt(start - 1))) start--;
  if (end > 0 && isLowSurrogate(a.charCodeAt(a.length - end))) end--;
  const [middleA, middleB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (middleA === middleB) return [];
  if (middleA === "" || middleB === "") return [{ at: start, remove: middleA.length, insert: middleB }];
  return isCheap(middleA, middleB, budget)
    ? characterEdits(middleA, middleB, start)
    : lineEdits(middleA, middleB, start, budget);
}

/** Takes it from the budget. */
function isCheap(a: string, b: string, budget: CharacterBudget): boolean {
  const product = a.length * b.length;
  if (a.length + b.length > characterBudget || product > budget.left) return false;
  budget.left -= product;
  return true;
}

function characterEdits(a: string, b: string, offset: number): Edit[] {
  const edits: Edit[] = [];
  let at = offset;
  let open = false;
  for (const [kind, text] of diff(a, b)) {
    if (kind === 0) {
      at += text.length;
      open = false;
      continue;
    }
    const last = open ? edits.pop() : undefined;
    const edit = last ?? { at, remove: 0, insert: "" };
    edits.push(
      kind < 0 ? { ...edit, remove: edit.remove + text.length } : { ...edit, insert: edit.insert + text },
    );
    if (kind < 0) at += text.length;
    open = true;
  }
  return edits;
}

function lineEdits(a: string, b: string, offset: number, budget: CharacterBudget): Edit[] {
  const [linesA, linesB] = [splitLines(a), splitLines(b)];
  const edits: Edit[] = [];
  let [doneA, doneB, at] = [0, 0, offset];
  for (const [i, j] of [...commonSubsequence(linesA, linesB), [linesA.length, linesB.length] as const]) {
    const [removed, inserted] = [linesA.slice(doneA, i).join(""), linesB.slice(doneB, j).join("")];
    if (removed !== "" && inserted !== "" && isCheap(removed, inserted, budget))
      edits.push(...characterEdits(removed, inserted, at));
    else if (removed !== "" || inserted !== "") edits.push({ at, remove: removed.length, insert: inserted });
    at += removed.length + (linesA[i]?.length ?? 0);
    [doneA, doneB] = [i + 1, j + 1];
  }
  return edits;
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
