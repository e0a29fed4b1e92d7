// What somebody typed into a cell while a colleague made prose or code of it: the colleague had not seen it yet, and it
// is put into what the cell has become. Only ever adds: what stands there is the colleague's.

import diff from "fast-diff";
import * as Y from "yjs";
import type { Cell } from "#core/notebook/cell.ts";
import { readFragment } from "#core/notebook/prose/fragment.ts";
import { fillFragment, mergeProse } from "#core/notebook/prose/merge.ts";
import { printProse } from "#core/notebook/prose/print.ts";
import { applyEdits, type TextEdit } from "#core/text/diff.ts";

/** `typed`: what the cell's editor held, as code or as Markdown. Runs inside a transaction. */
export function bringLateTyping(cell: Cell, typed: string): void {
  const { source, prose } = cell;
  if (source !== undefined)
    for (const { at, insert } of additions(source.toJSON(), typed).toReversed()) source.insert(at, insert);
  if (prose === undefined) return;
  const now = cell.print();
  const next = applyEdits(now, additions(now, asProse(typed)));
  if (next !== now) mergeProse(prose, now, next);
}

/** What `typed` has more: in one place as a rule; word for word where the colleague has gone on to write, too. */
function additions(now: string, typed: string): TextEdit[] {
  const most = Math.min(now.length, typed.length);
  let start = 0;
  while (start < most && now[start] === typed[start]) start++;
  let end = 0;
  while (end < most - start && now.at(-1 - end) === typed.at(-1 - end)) end++;
  if (start + end === now.length)
    return typed.length > now.length
      ? [{ at: start, remove: 0, insert: typed.slice(start, typed.length - end) }]
      : [];
  return wordAdditions(now, typed);
}

function wordAdditions(now: string, typed: string): TextEdit[] {
  const letters = new Map<string, string>();
  /** One UTF-16 unit for each different word. */
  const written = (text: string): string =>
    (text.match(/[\p{L}\p{N}]+|\s+|[^]/gu) ?? [])
      .map((word) => {
        const letter = letters.get(word) ?? String.fromCharCode(0x100 + letters.size);
        letters.set(word, letter);
        return letter;
      })
      .join("");
  const pair = [written(now), written(typed)] as const;
  const words = [...letters.keys()];
  const found: TextEdit[] = [];
  let at = 0;
  for (const [does, text] of diff(...pair)) {
    const plain = Array.from(text, (letter) => words[letter.charCodeAt(0) - 0x100] ?? "").join("");
    if (does === diff.INSERT) found.push({ at, remove: 0, insert: plain });
    else at += plain.length;
  }
  return found;
}

/** As prose that was read from it is printed. */
function asProse(code: string): string {
  const fragment = new Y.Doc().getXmlFragment("prose");
  fillFragment(fragment, code);
  return printFragment(fragment, "");
}

/** `original` is the Markdown that the prose was read from. */
export function printFragment(fragment: Y.XmlFragment, original: string): string {
  return printProse(
    readFragment(fragment).map(({ node }) => node),
    original,
  );
}
