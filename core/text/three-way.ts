// Three versions of a text made one: what both sides changed is there, and what both changed alike is there once.
// Goes by lines, and within lines that both changed by characters. Knows nothing of Yjs.

import { commonSubsequence } from "./align.ts";
import { applyEdits, type CharacterBudget, diffText, newCharacterBudget, type TextEdit } from "./diff.ts";
import { Drift } from "./drift.ts";
import { splitLines } from "./lines.ts";

/** Whole lines of `before` that become whole lines of `after`, ascending. */
export type LineDiff = (before: string, after: string) => readonly TextEdit[];

/** `mine` and `theirs` were made from `base` independently. What both put in one place stands there one after the other. */
export function mergeThree(
  base: string,
  mine: string,
  theirs: string,
  diffLines: LineDiff = linesOf,
  budget: CharacterBudget = newCharacterBudget(),
): string {
  if (mine === base || mine === theirs) return theirs;
  if (theirs === base) return mine;
  // A last line without its end would be another line than the same with something behind it.
  const merged = mergeLines(`${base}\n`, `${mine}\n`, `${theirs}\n`, diffLines, budget);
  return merged.endsWith("\n") ? merged.slice(0, -1) : merged;
}

function mergeLines(
  base: string,
  mine: string,
  theirs: string,
  diffLines: LineDiff,
  budget: CharacterBudget,
): string {
  let merged = "";
  let at = 0;
  const [own, foreign] = [mine, theirs].map((side) => joined(base, diffLines(base, side)));
  for (const { start, end, ours, others } of regionsOf(own ?? [], foreign ?? [])) {
    merged += base.slice(at, start);
    const old = base.slice(start, end);
    const [mySide, theirSide] = [applied(base, start, end, ours), applied(base, start, end, others)];
    if (ours.length === 0) merged += theirSide;
    else merged += others.length === 0 ? mySide : mergeRegion(old, mySide, theirSide, budget);
    at = end;
  }
  return merged + base.slice(at);
}

/**
 * Edits that only empty lines part are one: an empty line is equal to any other, and may stand for one that is elsewhere.
 */
function joined(base: string, edits: readonly TextEdit[]): TextEdit[] {
  const whole: TextEdit[] = [];
  for (const edit of edits) {
    const last = whole.at(-1);
    const end = last === undefined ? 0 : last.at + last.remove;
    const between = base.slice(end, edit.at);
    if (last === undefined || last.remove + edit.remove === 0 || between.trim() !== "") whole.push(edit);
    else
      whole[whole.length - 1] = {
        at: last.at,
        remove: edit.at + edit.remove - last.at,
        insert: last.insert + between + edit.insert,
      };
  }
  return whole;
}

/** A stretch of the base that at least one side changed. */
interface Region {
  readonly start: number;
  readonly end: number;
  readonly ours: readonly TextEdit[];
  readonly others: readonly TextEdit[];
}

/** Edits of both sides that overlap or touch share a region. */
function regionsOf(ours: readonly TextEdit[], others: readonly TextEdit[]): Region[] {
  const regions: { start: number; end: number; ours: TextEdit[]; others: TextEdit[] }[] = [];
  const all = [...ours.map((edit) => ({ edit, own: true })), ...others.map((edit) => ({ edit, own: false }))];
  for (const { edit, own } of all.sort((a, b) => a.edit.at - b.edit.at)) {
    const end = edit.at + edit.remove;
    let region = regions.at(-1);
    if (region === undefined || edit.at > region.end) {
      region = { start: edit.at, end, ours: [], others: [] };
      regions.push(region);
    }
    region.end = Math.max(region.end, end);
    (own ? region.ours : region.others).push(edit);
  }
  return regions;
}

function applied(base: string, start: number, end: number, edits: readonly TextEdit[]): string {
  let text = "";
  let at = start;
  for (const edit of edits) {
    text += base.slice(at, edit.at) + edit.insert;
    at = edit.at + edit.remove;
  }
  return text + base.slice(at, end);
}

/** Both sides changed this stretch. */
function mergeRegion(base: string, mine: string, theirs: string, budget: CharacterBudget): string {
  if (mine === theirs) return theirs;
  // What both put in one place is put together there, and is theirs from then on.
  const own = fineEdits(base, mine, linesOf, budget);
  const others = fineEdits(base, theirs, linesOf, budget).map((edit) => {
    const index = own.findIndex(({ at, insert }) => at === edit.at && insert !== "");
    const same = own[index];
    if (same === undefined || edit.insert === "") return edit;
    own[index] = { ...same, insert: "" };
    return { ...edit, insert: union(edit.insert, same.insert) };
  });
  const drift = new Drift(base.length);
  drift.add(others);
  return applyEdits(applyEdits(base, others), drift.carry(own));
}

/** Shorter texts occur within others by chance. */
const tellingLength = 4;

/** The part of the shorter side's lines that the other side has too, from which on both are taken for one text. */
const alikeShare = 0.5;

/** What both sides put in one place: where it is the same for the most part, each line once, else one after the other. */
function union(theirs: string, mine: string): string {
  if (theirs === mine || (mine.length >= tellingLength && theirs.includes(mine))) return theirs;
  if (theirs.length >= tellingLength && mine.includes(theirs)) return mine;
  const [theirLines, myLines] = [splitLines(theirs), splitLines(mine)];
  const common = commonSubsequence(theirLines, myLines);
  const telling = common.filter(([index]) => isTelling(theirLines[index])).length;
  const fewest = Math.min(theirLines.filter(isTelling).length, myLines.filter(isTelling).length);
  if (telling === 0 || telling < alikeShare * fewest) {
    // Whole lines go before what the rest of a line stands behind, so that both stay lines.
    return mine.endsWith("\n") && !theirs.endsWith("\n") ? mine + theirs : theirs + mine;
  }
  let text = "";
  let [theirAt, myAt] = [0, 0];
  for (const [i, j] of [...common, [theirLines.length, myLines.length] as const]) {
    text += theirLines.slice(theirAt, i).join("") + myLines.slice(myAt, j).join("") + (theirLines[i] ?? "");
    [theirAt, myAt] = [i + 1, j + 1];
  }
  return text;
}

/** Empty lines and fences are in every Markdown file. */
function isTelling(line: string | undefined): boolean {
  return line !== undefined && /[\p{L}\p{N}]/u.test(line) && !/^\s*(?:```|~~~|<!--)/.test(line);
}

/** By lines, and by characters within what stands between equal lines. */
export function fineEdits(
  before: string,
  after: string,
  diffLines: LineDiff = linesOf,
  budget: CharacterBudget = newCharacterBudget(),
): TextEdit[] {
  return joined(before, diffLines(before, after)).flatMap(({ at, remove, insert }) =>
    diffText(before.slice(at, at + remove), insert, budget).map((edit) => ({ ...edit, at: at + edit.at })),
  );
}

function linesOf(before: string, after: string): TextEdit[] {
  const [old, fresh] = [splitLines(before), splitLines(after)];
  const edits: TextEdit[] = [];
  let [oldAt, newAt, at] = [0, 0, 0];
  for (const [i, j] of [...commonSubsequence(old, fresh), [old.length, fresh.length] as const]) {
    const removed = old.slice(oldAt, i).join("");
    const insert = fresh.slice(newAt, j).join("");
    if (removed !== "" || insert !== "") edits.push({ at, remove: removed.length, insert });
    at += removed.length + (old[i]?.length ?? 0);
    [oldAt, newAt] = [i + 1, j + 1];
  }
  return edits;
}
