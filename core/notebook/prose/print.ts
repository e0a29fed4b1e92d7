// Prose trees back to Markdown. What is printed is the source with the smallest edit after which it reads as the tree:
// of several ways to write a change, the plainest one that is read back right. Knows neither Yjs nor cells.

import { commonSubsequence } from "#core/text/align.ts";
import { definitionsIn, type MarkdownSource, parseSource, rangeOf } from "#core/notebook/markdown/source.ts";
import { editBlocks, rewriteAll, rewriteBlocks, type SourceEdit } from "./edit.ts";
import type { Edit } from "./inline.ts";
import { styleOf, type Style } from "./new.ts";
import { exactBlocks, normalBlocks } from "./normal.ts";
import { type FormerBlocks, formerBlocks, upgradeBlocks } from "./former.ts";
import { parseProse, proseOf, type SourceBlock } from "./parse.ts";
import { settle } from "./spelling.ts";
import { type ProseElement, proseKey } from "./tree.ts";

/** The Markdown of these blocks; `original` is the text that the cell was last read from, "" for none. */
export function printProse(content: readonly ProseElement[], original: string): string {
  const mark = original.startsWith("\uFEFF") ? "\uFEFF" : "";
  return mark + printerOf(original.slice(mark.length)).print(content);
}

/** Who types has the same text printed again and again: a few sources stay read. */
const printersKept = 4;
const printers = new Map<string, Printer>();

function printerOf(source: string): Printer {
  const printer = printers.get(source) ?? new Printer(source);
  printers.delete(source);
  printers.set(source, printer);
  for (const key of printers.keys()) if (printers.size > printersKept) printers.delete(key);
  return printer;
}

/** A piece of the old blocks and what has come in their place, with a neighbour on either side. */
interface Region {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

class Printer {
  readonly #source: string;
  readonly #parsed: MarkdownSource;
  readonly #old: readonly SourceBlock[];
  readonly #style: Style;
  /** What references anywhere in the text need. */
  readonly #definitions: string;
  readonly #definitionCount: number;
  /** Read once something has changed. */
  #former: readonly FormerBlocks[] | undefined;

  constructor(source: string) {
    this.#source = source;
    this.#parsed = parseSource(source);
    this.#old = proseOf(this.#parsed);
    this.#style = styleOf(source);
    const definitions = definitionsIn(this.#parsed.root).map((node) => {
      const { start, end } = rangeOf(node);
      return `${source.slice(start, end)}\n\n`;
    });
    this.#definitions = definitions.join("");
    this.#definitionCount = definitions.length;
  }

  print(content: readonly ProseElement[]): string {
    const oldKeys = this.#old.map(({ node }) => proseKey(node));
    const old = this.#old.map(({ node }) => node);
    if (hasNodes(content, old)) return this.#source;
    this.#former ??= formerBlocks(this.#source, this.#old);
    const present = upgradeBlocks(content, this.#former);
    // What was read is what it is; other source is what it would be read as.
    const read = new Set(commonSubsequence(present.map(proseKey), oldKeys).map(([index]) => index));
    const exact = present.flatMap((node, index) => (read.has(index) ? [node] : exactBlocks(node)));
    const pairs = commonSubsequence(exact.map(proseKey), oldKeys);
    if (pairs.length === oldKeys.length && pairs.length === exact.length) return this.#source;
    // What was read keeps its text even where it is not what this program would write.
    const kept = new Set(pairs.map(([index]) => index));
    const normal = exact.map((node, index) =>
      kept.has(index) ? [node] : normalBlocks(node, this.#definitions),
    );
    const wanted = normal.flat();
    if (wanted.length === 0) return "";
    const edits = regionsOf(
      pairs.map(([index, oldIndex]) => [oldIndex, index]),
      this.#old.length,
      exact.length,
    ).map((region) => this.#editRegion(region, exact, normal));
    const text = applyEdits(this.#source, 0, this.#source.length, edits.flat()) ?? this.#source;
    if (hasBlocks(parseProse(text), wanted) || hasBlocks(parseProse(text), exact)) return text;
    const whole = this.#settle(rewriteBlocks("", [], wanted, this.#style), [], wanted);
    const rewritten = whole === undefined ? undefined : applyEdits("", 0, 0, whole);
    return rewritten !== undefined && hasBlocks(parseProse(rewritten), wanted) ? rewritten : text;
  }

  #editRegion(
    { oldStart, oldEnd, newStart, newEnd }: Region,
    exact: readonly ProseElement[],
    normal: readonly (readonly ProseElement[])[],
  ): Edit[] {
    const old = this.#old.slice(oldStart, oldEnd);
    const asIs = exact.slice(newStart, newEnd);
    const wanted = normal.slice(newStart, newEnd).flat();
    const isNormal = wanted.length === asIs.length && hasNodes(asIs, wanted);
    const exactEdit = isNormal ? undefined : editBlocks(this.#source, old, asIs, this.#style);
    const edit = editBlocks(this.#source, old, wanted, this.#style);
    const rewrite = rewriteBlocks(this.#source, old, wanted, this.#style);
    return (
      (exactEdit === undefined ? undefined : this.#settle(exactEdit, old, asIs, true)) ??
      this.#settle(edit, old, wanted) ??
      this.#settle(this.#parted(edit, old), old, wanted) ??
      this.#settle(this.#unindented(edit, old), old, wanted) ??
      this.#settle(rewrite, old, wanted) ??
      this.#settle(this.#parted(rewrite, old), old, wanted) ??
      this.#settle(this.#unindented(rewrite, old), old, wanted) ??
      this.#settle(rewriteAll(this.#source, old, wanted, this.#style), old, wanted) ??
      plainest(rewrite, this.#style)
    );
  }

  /** With empty lines between the blocks: what ends with text takes in the line behind. */
  #parted(edit: SourceEdit | undefined, old: readonly SourceBlock[]): SourceEdit | undefined {
    const lines = old.flatMap(({ start }, index): Edit[] => {
      const before = old[index - 1];
      if (before === undefined || /\n[ \t]*\n/.test(this.#source.slice(before.end, start))) return [];
      return [{ start, end: start, text: "\n" }];
    });
    return together(edit, lines);
  }

  /** Without the spaces before the blocks: behind a list they make them part of its last item. */
  #unindented(edit: SourceEdit | undefined, old: readonly SourceBlock[]): SourceEdit | undefined {
    const spaces = old.slice(1).flatMap(({ start, end }): Edit[] => {
      const block = this.#source.slice(start, end);
      const indent = /^ {1,3}(?! )/.exec(block)?.[0] ?? "";
      if (indent === "") return [];
      const lines = [...block.matchAll(new RegExp(`^${indent}`, "gm"))];
      return lines.map(({ index }) => ({
        start: start + index,
        end: start + index + indent.length,
        text: "",
      }));
    });
    return together(edit, spaces);
  }

  #settle(
    edit: SourceEdit | undefined,
    old: readonly SourceBlock[],
    wanted: readonly ProseElement[],
    bareOnly = false,
  ): Edit[] | undefined {
    if (edit === undefined) return undefined;
    const [start, end] = [old[0]?.start ?? 0, old.at(-1)?.end ?? 0];
    const reads = (edits: readonly Edit[]): boolean => {
      const text = applyEdits(this.#source, start, end, edits);
      if (text === undefined) return false;
      // What is first in the file is read as such (front matter), and nothing else is.
      if (start === 0 && this.#definitionCount === 0) return hasBlocks(parseProse(text), wanted);
      if (start > 0 || !text.startsWith("---"))
        return hasBlocks(parseProse(`\n${this.#definitions}${text}`).slice(this.#definitionCount), wanted);
      const blocks = parseProse(`${text}\n\n${this.#definitions}`);
      return hasBlocks(blocks.slice(0, blocks.length - this.#definitionCount), wanted);
    };
    return settle(edit, this.#style, reads, bareOnly);
  }
}

/** undefined where there is nothing to add. */
function together(edit: SourceEdit | undefined, added: readonly Edit[]): SourceEdit | undefined {
  if (edit === undefined || added.length === 0) return undefined;
  return {
    inlines: edit.inlines,
    edits: (spelling) =>
      [...added, ...edit.edits(spelling)].toSorted((a, b) => a.start - b.start || a.end - b.end),
  };
}

function plainest(edit: SourceEdit, style: Style): Edit[] {
  return settle(edit, style, () => true, true) ?? [];
}

function hasNodes(nodes: readonly ProseElement[], wanted: readonly ProseElement[]): boolean {
  return (
    nodes.length === wanted.length &&
    nodes.every((node, index) => proseKey(node) === proseKey(wanted[index] ?? node))
  );
}

function hasBlocks(blocks: readonly SourceBlock[], wanted: readonly ProseElement[]): boolean {
  return hasNodes(
    blocks.map(({ node }) => node),
    wanted,
  );
}

/** Ascending; those that are close to each other as one. */
function regionsOf(
  pairs: readonly (readonly [number, number])[],
  oldLength: number,
  newLength: number,
): Region[] {
  const regions: Region[] = [];
  let [oldStart, newStart] = [0, 0];
  for (const [oldEnd, newEnd] of [...pairs, [oldLength, newLength] as const]) {
    if (oldEnd > oldStart || newEnd > newStart) {
      const [before, after] = [Math.min(1, oldStart), Math.min(1, oldLength - oldEnd)];
      const region = {
        oldStart: oldStart - before,
        oldEnd: oldEnd + after,
        newStart: newStart - before,
        newEnd: newEnd + after,
      };
      const last = regions.at(-1);
      if (last !== undefined && last.oldEnd >= region.oldStart)
        regions[regions.length - 1] = { ...last, oldEnd: region.oldEnd, newEnd: region.newEnd };
      else regions.push(region);
    }
    [oldStart, newStart] = [oldEnd + 1, newEnd + 1];
  }
  return regions;
}

/** A piece of the source after the edits; undefined where they overlap. */
function applyEdits(source: string, start: number, end: number, edits: readonly Edit[]): string | undefined {
  let text = "";
  let done = start;
  for (const edit of edits) {
    if (edit.start < done || edit.end > end) return undefined;
    text += source.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return text + source.slice(done, end);
}
