// Rewritten prose merged into a live fragment, block by block: equal blocks are not touched, a changed paragraph
// is edited in place, and what a colleague changed meanwhile stays. Knows no cells.

import * as Y from "yjs";
import { align, commonSubsequence } from "#core/text/align.ts";
import { formatOf, type FragmentBlock, newElement, readContainer, readFragment } from "./fragment.ts";
import { parseProse } from "./parse.ts";
import { type ProseElement, proseKey, proseMarks, type ProseText } from "./tree.ts";
import { mergeEdits } from "#core/text/merge.ts";
import { applyToText } from "#core/text/shared-text.ts";

/** Fills an empty fragment. */
export function fillFragment(fragment: Y.XmlFragment, markdown: string): void {
  fragment.insert(
    0,
    parseProse(markdown).map(({ node }) => newElement(node)),
  );
}

/** Applies the change from `base` to `next` (Markdown) to the fragment as it is now. */
export function mergeProse(fragment: Y.XmlFragment, base: string, next: string): void {
  mergeBlocks(
    fragment,
    readFragment(fragment),
    parseProse(base).map(({ node }) => node),
    parseProse(next).map(({ node }) => node),
  );
}

/** The blocks of a fragment, or of a list, an item, a quotation in it. */
function mergeBlocks(
  fragment: Y.XmlFragment,
  present: readonly FragmentBlock[],
  old: readonly ProseElement[],
  wanted: readonly ProseElement[],
): void {
  const oldKeys = old.map(proseKey);
  const presentOf = new Map(
    commonSubsequence(
      oldKeys,
      present.map(({ node }) => proseKey(node)),
    ),
  );
  // From the end, so that the indexes before stay true.
  const hunks = hunksOf(oldKeys, wanted.map(proseKey)).flatMap((hunk) => pairedHunks(hunk, old, wanted));
  for (const hunk of hunks.toReversed()) {
    const removed = old.slice(hunk.oldStart, hunk.oldEnd);
    const added = wanted.slice(hunk.newStart, hunk.newEnd);
    const intact = removed.flatMap((_, offset) => present[presentOf.get(hunk.oldStart + offset) ?? -1] ?? []);
    const single = removed.length === 1 && added.length === 1;
    const counterpart = single ? counterpartOf(hunk.oldStart, old.length, present, presentOf) : undefined;
    if (counterpart !== undefined && editInPlace(fragment, counterpart, removed[0], added[0])) continue;
    if (counterpart !== undefined && editInside(fragment, counterpart, removed[0], added[0])) continue;
    const before = lastPresentBefore(hunk.oldStart, present, presentOf);
    const place = intact[0]?.index ?? (before === undefined ? 0 : before.index + 1);
    for (const { index } of intact.toReversed()) fragment.delete(index, 1);
    if (added.length > 0) fragment.insert(place, added.map(newElement));
  }
}

interface Hunk {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

function hunksOf(old: readonly string[], next: readonly string[]): Hunk[] {
  const hunks: Hunk[] = [];
  let [oldStart, newStart] = [0, 0];
  for (const [oldEnd, newEnd] of [...commonSubsequence(old, next), [old.length, next.length] as const]) {
    // As many as before are taken for the same ones, each changed.
    if (oldEnd - oldStart === newEnd - newStart)
      for (let index = 0; index < oldEnd - oldStart; index++)
        hunks.push({
          oldStart: oldStart + index,
          oldEnd: oldStart + index + 1,
          newStart: newStart + index,
          newEnd: newStart + index + 1,
        });
    else if (oldEnd > oldStart || newEnd > newStart) hunks.push({ oldStart, oldEnd, newStart, newEnd });
    [oldStart, newStart] = [oldEnd + 1, newEnd + 1];
  }
  return hunks;
}

/** Blocks that share at least this part of their words are versions of one block. */
const alike = 0.4;

/** A hunk cut so that each block which became another one stands alone with it, and is edited, not replaced. */
function pairedHunks(hunk: Hunk, old: readonly ProseElement[], wanted: readonly ProseElement[]): Hunk[] {
  const removed = old.slice(hunk.oldStart, hunk.oldEnd).map(wordsOf);
  const added = wanted.slice(hunk.newStart, hunk.newEnd).map(wordsOf);
  if (removed.length === 0 || added.length === 0 || removed.length + added.length === 2) return [hunk];
  const pairs = align(removed.length, added.length, (i, j) => {
    const share = shareOfWords(removed[i] ?? [], added[j] ?? []);
    return share >= alike ? share : 0;
  });
  const parts: Hunk[] = [];
  let [oldStart, newStart] = [hunk.oldStart, hunk.newStart];
  const cut = (oldEnd: number, newEnd: number): void => {
    if (oldEnd > oldStart || newEnd > newStart) parts.push({ oldStart, oldEnd, newStart, newEnd });
    [oldStart, newStart] = [oldEnd, newEnd];
  };
  for (const [i, j] of pairs) {
    cut(hunk.oldStart + i, hunk.newStart + j);
    cut(hunk.oldStart + i + 1, hunk.newStart + j + 1);
  }
  cut(hunk.oldEnd, hunk.newEnd);
  return parts;
}

function wordsOf(block: ProseElement): readonly string[] {
  const texts = textsOf(block);
  return texts === undefined
    ? []
    : plain(texts)
        .split(/\s+/)
        .filter((word) => word !== "");
}

function shareOfWords(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 0;
  return (2 * commonSubsequence(a, b).length) / (a.length + b.length);
}

function lastPresentBefore(
  oldIndex: number,
  present: readonly FragmentBlock[],
  presentOf: ReadonlyMap<number, number>,
): FragmentBlock | undefined {
  for (let index = oldIndex - 1; index >= 0; index--) {
    const at = presentOf.get(index);
    if (at !== undefined) return present[at];
  }
  return undefined;
}

/** The present block that was the old one: itself, or the only one between its neighbours, which a colleague changed. */
function counterpartOf(
  oldIndex: number,
  oldLength: number,
  present: readonly FragmentBlock[],
  presentOf: ReadonlyMap<number, number>,
): FragmentBlock | undefined {
  const same = presentOf.get(oldIndex);
  if (same !== undefined) return present[same];
  const before = oldIndex === 0 ? -1 : presentOf.get(oldIndex - 1);
  const after = oldIndex === oldLength - 1 ? present.length : presentOf.get(oldIndex + 1);
  return before !== undefined && after === before + 2 ? present[before + 1] : undefined;
}

const containers: ReadonlySet<string> = new Set(["bulletList", "orderedList", "listItem", "blockquote"]);

/** False where the blocks are not containers of one kind. */
function editInside(
  fragment: Y.XmlFragment,
  block: FragmentBlock,
  base: ProseElement | undefined,
  next: ProseElement | undefined,
): boolean {
  const child = fragment.get(block.index);
  if (!(child instanceof Y.XmlElement) || base === undefined || next === undefined) return false;
  if (!containers.has(base.type) || base.type !== next.type || next.type !== block.node.type) return false;
  if (JSON.stringify(base.attrs) !== JSON.stringify(next.attrs)) return false;
  mergeBlocks(child, readContainer(child), blocksIn(base), blocksIn(next));
  return true;
}

function blocksIn(node: ProseElement): ProseElement[] {
  return (node.content ?? []).filter((part) => part.type !== "text");
}

/** False where the blocks are not plain runs of text of one kind. */
function editInPlace(
  fragment: Y.XmlFragment,
  block: FragmentBlock,
  base: ProseElement | undefined,
  next: ProseElement | undefined,
): boolean {
  const child = fragment.get(block.index);
  const [baseTexts, nextTexts, texts] = [textsOf(base), textsOf(next), textsOf(block.node)];
  if (baseTexts === undefined || nextTexts === undefined || texts === undefined) return false;
  if (!(child instanceof Y.XmlElement) || base?.type !== next?.type || next?.type !== block.node.type)
    return false;
  if (JSON.stringify(base?.attrs) !== JSON.stringify(next?.attrs)) return false;
  const [text, ...others] = child.toArray();
  if (!(text instanceof Y.XmlText) || others.length > 0) return false;

  applyToText(text, mergeEdits(plain(baseTexts), plain(nextTexts), plain(texts)));
  // Formatting follows only where nobody else changed the text meanwhile.
  if (text.length > 0 && plain(texts) === plain(baseTexts)) {
    const none = Object.fromEntries(proseMarks.map((mark) => [mark, null]));
    text.applyDelta(
      nextTexts.map((node) => ({
        retain: node.text.length,
        attributes: { ...none, ...formatOf(node.marks ?? []) },
      })),
    );
  }
  return true;
}

function textsOf(node: ProseElement | undefined): readonly ProseText[] | undefined {
  if (node?.type !== "paragraph" && node?.type !== "heading" && node?.type !== "codeBlock") return undefined;
  const texts = (node.content ?? []).filter((part) => part.type === "text");
  return texts.length > 0 && texts.length === node.content?.length ? texts : undefined;
}

function plain(texts: readonly ProseText[]): string {
  return texts.map(({ text }) => text).join("");
}
