// A changed tree as edits of the source that the old one was read from: blocks that are still there are edited inside,
// new ones are written in the manner of their neighbours, gone ones are cut out with the lines between.
// How text is written is inline.ts's; which of several ways is taken, print.ts's.

import { lineStart } from "#core/text/lines.ts";
import { commonSubsequence } from "#core/text/align.ts";
import { codeEdits } from "./code.ts";
import { flowOfItems, flowOfLeaves, unitsOfItems, unitsOfLeaves } from "./flow.ts";
import { type Edit, InlineEdit, type SpellingOf } from "./inline.ts";
import { NewBlock, otherMarker, type Style } from "./new.ts";
import { unitsOf } from "./normal.ts";
import type { SourceBlock, SourceInline, Unit } from "./parse.ts";
import { isRaw, type ProseElement, proseKey, textOf } from "./tree.ts";

/** Edits that depend on how their text is to be written. */
export interface SourceEdit {
  readonly inlines: readonly InlineEdit[];
  edits(spelling: SpellingOf): Edit[];
}

/** undefined where this cannot be said by editing. */
export function editBlocks(
  source: string,
  old: readonly SourceBlock[],
  wanted: readonly ProseElement[],
  style: Style,
): SourceEdit | undefined {
  const planner = new Planner(source, style);
  return planner.children(old, wanted, undefined) ? planner : undefined;
}

/** The changed blocks written anew, whatever they were. */
export function rewriteBlocks(
  source: string,
  old: readonly SourceBlock[],
  wanted: readonly ProseElement[],
  style: Style,
): SourceEdit {
  const [oldKeys, keys] = [old.map(({ node }) => proseKey(node)), wanted.map(proseKey)];
  let start = 0;
  while (start < Math.min(oldKeys.length, keys.length) && oldKeys[start] === keys[start]) start++;
  let end = 0;
  while (
    end < Math.min(oldKeys.length, keys.length) - start &&
    oldKeys[oldKeys.length - 1 - end] === keys[keys.length - 1 - end]
  )
    end++;
  const planner = new Planner(source, style);
  planner.rewrite(old, start, old.length - end, wanted.slice(start, wanted.length - end));
  return planner;
}

/** All of these blocks written anew, also those that are as they were: what became of the others may change them. */
export function rewriteAll(
  source: string,
  old: readonly SourceBlock[],
  wanted: readonly ProseElement[],
  style: Style,
): SourceEdit {
  const planner = new Planner(source, style);
  planner.rewrite(old, 0, old.length, wanted);
  return planner;
}

interface Part {
  edits(spelling: SpellingOf): Edit[];
}

class Planner implements SourceEdit {
  readonly inlines: InlineEdit[] = [];
  readonly #parts: Part[] = [];
  readonly #source: string;
  readonly #style: Style;

  constructor(source: string, style: Style) {
    this.#source = source;
    this.#style = style;
  }

  edits(spelling: SpellingOf): Edit[] {
    return this.#parts
      .flatMap((part) => part.edits(spelling))
      .toSorted((a, b) => a.start - b.start || a.end - b.end);
  }

  rewrite(old: readonly SourceBlock[], from: number, to: number, added: readonly ProseElement[]): void {
    const [before, first, last, after] = [old[from - 1], old[from], old[to - 1], old[to]];
    const styles = this.#stylesOf(added, before, after);
    const blocks = added.map((node, index) => this.#newBlock(node, "", styles[index]));
    const removes = first !== undefined && last !== undefined && from < to;
    const start = removes ? first.start : (before?.end ?? after?.start ?? 0);
    const end = removes ? last.end : start;
    this.#parts.push({
      edits: (spelling) => {
        const text = blocks.map((block) => block.print(spelling)).join("\n\n");
        const lead = removes || before === undefined || text === "" ? "" : "\n\n";
        const trail = removes || before !== undefined || after === undefined || text === "" ? "" : "\n\n";
        return [{ start, end, text: lead + text + trail }];
      },
    });
  }

  /** `parent` is undefined at the top level. False where it cannot be done. */
  children(
    old: readonly SourceBlock[],
    wanted: readonly ProseElement[],
    parent: SourceBlock | undefined,
  ): boolean {
    const isList = parent?.node.type === "bulletList" || parent?.node.type === "orderedList";
    const pairs = commonSubsequence(
      old.map(({ node }) => proseKey(node)),
      wanted.map(proseKey),
    );
    let [oldStart, newStart] = [0, 0];
    for (const [oldEnd, newEnd] of [...pairs, [old.length, wanted.length] as const]) {
      const hunk = { oldStart, oldEnd, added: wanted.slice(newStart, newEnd) };
      if (!this.#hunk(old, hunk, isList, parent?.node.type === "listItem")) return false;
      [oldStart, newStart] = [oldEnd + 1, newEnd + 1];
    }
    return true;
  }

  #hunk(
    old: readonly SourceBlock[],
    { oldStart, oldEnd, added }: { oldStart: number; oldEnd: number; added: readonly ProseElement[] },
    isList: boolean,
    isItem: boolean,
  ): boolean {
    const removed = old.slice(oldStart, oldEnd);
    if (removed.length === 0 && added.length === 0) return true;
    if (removed.length === added.length) {
      return removed.every((block, index) => {
        const node = added[index];
        return node !== undefined && this.#block(block, node);
      });
    }
    if (removed.length > 0 && added.length > 0) {
      if (this.#flow(removed, added, isList)) return true;
      // One by one as long as they are of one kind; the others come or go.
      let common = 0;
      while (
        common < Math.min(removed.length, added.length) &&
        removed[common]?.node.type === added[common]?.type
      )
        common++;
      for (let index = 0; index < common; index++) {
        const [block, node] = [removed[index], added[index]];
        if (block === undefined || node === undefined || !this.#block(block, node)) return false;
      }
      return (
        this.#remove(old, oldStart + common, oldEnd) &&
        this.#insert(old, oldStart + common, added.slice(common), isList, isItem, oldEnd)
      );
    }
    return added.length === 0
      ? this.#remove(old, oldStart, oldEnd)
      : this.#insert(old, oldStart, added, isList, isItem, oldEnd);
  }

  #remove(old: readonly SourceBlock[], from: number, to: number): boolean {
    const [before, first, last, after] = [old[from - 1], old[from], old[to - 1], old[to]];
    if (first === undefined || last === undefined || from >= to) return true;
    if (before !== undefined) this.#fixed(before.end, last.end, "");
    else if (after !== undefined) this.#fixed(first.start, after.start, "");
    else return false;
    return true;
  }

  /** Behind the block before `at`, or before the one at `next`. */
  #insert(
    old: readonly SourceBlock[],
    at: number,
    added: readonly ProseElement[],
    isList: boolean,
    isItem: boolean,
    next: number,
  ): boolean {
    if (added.length === 0) return true;
    const before = old[at - 1];
    const neighbour = before ?? old[next];
    if (neighbour === undefined) return false;
    const prefix = this.#prefixOf(neighbour.start);
    const loose = isList && this.#isLoose(old);
    const styles = this.#stylesOf(added, before, old[next]);
    added.forEach((node, index) => {
      const marker = isList ? this.#marker(old, at - 1 + index + 1, before === undefined) : "";
      const style = styles[index] ?? this.#style;
      const block = this.#newBlock(node, prefix + " ".repeat(marker.length), style);
      const gap =
        (isList && !loose) || (isItem && continuesText(node))
          ? `\n${prefix}`
          : `\n${prefix.trimEnd()}\n${prefix}`;
      const place = before === undefined ? neighbour.start : before.end;
      this.#parts.push({
        edits: (spelling) => {
          const text = marker + block.print(spelling);
          return [{ start: place, end: place, text: before === undefined ? text + gap : gap + text }];
        },
      });
    });
    return true;
  }

  /** A list takes another marker than the list before it, and than the one behind. */
  #stylesOf(
    added: readonly ProseElement[],
    before: SourceBlock | undefined,
    after: SourceBlock | undefined,
  ): Style[] {
    const styles: Style[] = [];
    added.forEach((node, index) => {
      const like = index === 0 ? before?.node.type : added[index - 1]?.type;
      const last = index === 0 ? this.#styleAt(before) : (styles[index - 1] ?? this.#style);
      if (like === node.type) styles.push(otherMarker(last));
      else if (index === added.length - 1 && after?.node.type === node.type)
        styles.push(otherMarker(this.#styleAt(after)));
      else styles.push(this.#style);
    });
    return styles;
  }

  /** With the marker that this list has. */
  #styleAt(list: SourceBlock | undefined): Style {
    const start = list?.children[0]?.start ?? 0;
    const [, bullet, delimiter] =
      /^(?:([-*+])|\d{1,9}([.)]))/.exec(this.#source.slice(start, start + 10)) ?? [];
    return {
      ...this.#style,
      ...(bullet === "-" || bullet === "*" || bullet === "+" ? { bullet } : {}),
      ...(delimiter === "." || delimiter === ")" ? { delimiter } : {}),
    };
  }

  #newBlock(node: ProseElement, prefix: string, style = this.#style): NewBlock {
    const block = new NewBlock(node, style, prefix);
    this.inlines.push(...block.inlines);
    return block;
  }

  #isLoose(items: readonly SourceBlock[]): boolean {
    return items.some((item, index) => {
      const next = items[index + 1];
      return next !== undefined && /\n[ \t>]*\n/.test(this.#source.slice(item.end, next.start));
    });
  }

  /** As the neighbours have it, the number one higher unless they all have one. */
  #marker(items: readonly SourceBlock[], index: number, atStart: boolean): string {
    const neighbour = items[Math.min(Math.max(index - 1, 0), items.length - 1)];
    if (neighbour === undefined) return "- ";
    const text = this.#source.slice(neighbour.start, neighbour.start + 16);
    const [, bullet = "", number = "", delimiter = "", space = ""] =
      /^(?:([-*+])|(\d{1,9})([.)]))([ \t]*)/.exec(text) ?? [];
    const gap = /^ {1,4}$/.test(space) ? space : " ";
    if (bullet !== "") return bullet + gap;
    const numbers = items.map((item) => Number.parseInt(this.#source.slice(item.start, item.start + 9), 10));
    const same = numbers.length > 1 && numbers.every((value) => value === numbers[0]);
    const shift = atStart || same ? 0 : 1 + Math.max(0, index - items.length);
    return `${Number(number) + shift}${delimiter}${gap}`;
  }

  /** What begins a further line of a block that stands here: the marks of quotations, spaces for those of lists. */
  #prefixOf(start: number): string {
    return this.#source.slice(lineStart(this.#source, start), start).replaceAll(/[^>\t]/g, " ");
  }

  #block(old: SourceBlock, wanted: ProseElement): boolean {
    if (proseKey(old.node) === proseKey(wanted)) return true;
    return this.#inside(old, wanted) || this.#replace(old, wanted);
  }

  #replace(old: SourceBlock, wanted: ProseElement): boolean {
    // An item is written with its marker by its list, and a place without extent is none.
    if (wanted.type === "listItem" || old.start === old.end) return false;
    const block = this.#newBlock(wanted, this.#prefixOf(old.start));
    this.#parts.push({
      edits: (spelling) => [{ start: old.start, end: old.end, text: block.print(spelling) }],
    });
    return true;
  }

  #inside(old: SourceBlock, wanted: ProseElement): boolean {
    const { node, inline } = old;
    if (inline !== undefined && (wanted.type === "paragraph" || wanted.type === "heading"))
      return this.#leaf(old, inline, wanted);
    if (node.type !== wanted.type) return false;
    switch (node.type) {
      case "codeBlock":
        return this.#code(old, wanted);
      case "blockquote":
      case "listItem":
      case "bulletList":
      case "orderedList": {
        const mark = [this.inlines.length, this.#parts.length] as const;
        const content = (wanted.content ?? []).filter((part) => part.type !== "text");
        if (content.length > 0 && this.#number(old, wanted) && this.children(old.children, content, old))
          return true;
        this.inlines.length = mark[0];
        this.#parts.length = mark[1];
        return false;
      }
      default:
        return false;
    }
  }

  /** The number that an ordered list begins with. */
  #number({ node, children }: SourceBlock, wanted: ProseElement): boolean {
    if (node.type !== "orderedList") return true;
    const start = String(wanted.attrs?.["start"] ?? 1);
    // The item that is the first one now bears it.
    const [first] = wanted.content ?? [];
    const firstKey = first === undefined ? "" : proseKey(first);
    const bearer = children.find((item) => proseKey(item.node) === firstKey) ?? children[0];
    if (bearer === undefined) return false;
    const digits = /^\d{1,9}/.exec(this.#source.slice(bearer.start, bearer.start + 9))?.[0] ?? "";
    if (Number(digits) !== Number(start)) this.#fixed(bearer.start, bearer.start + digits.length, start);
    return true;
  }

  #leaf(old: SourceBlock, inline: SourceInline, wanted: ProseElement): boolean {
    const level = Number(wanted.attrs?.["level"] ?? 1);
    const isSame = old.node.type === wanted.type && old.node.attrs?.["level"] === wanted.attrs?.["level"];
    if (inline.units.length === 0 || wanted.content === undefined) return false;
    if (!isSame) {
      // The marks of a heading, before and behind (or below) its text.
      const before = /#{1,6}[ \t]+$/.exec(this.#source.slice(old.start, inline.start))?.[0].length ?? 0;
      const opening = wanted.type === "heading" ? `${"#".repeat(Math.min(Math.max(level, 1), 6))} ` : "";
      this.#fixed(inline.start - before, inline.start, opening);
      this.#fixed(inline.end, old.end, "");
    }
    const prefix = this.#prefixOf(old.start);
    this.#text(inline, unitsOf(wanted.content), prefix, () => "");
    return true;
  }

  #text(old: SourceInline, wanted: readonly Unit[], prefix: string, split: (unit: Unit) => string): void {
    const edit = new InlineEdit(this.#source, old, wanted, { prefix, split });
    this.inlines.push(edit);
    this.#parts.push({ edits: (spelling) => edit.edits(spelling(edit)) });
  }

  #fixed(start: number, end: number, text: string): void {
    this.#parts.push({ edits: () => [{ start, end, text }] });
  }

  #code(old: SourceBlock, wanted: ProseElement): boolean {
    if (isRaw(old.node) || isRaw(wanted)) return false;
    // Another language is another block.
    if (old.node.attrs?.["language"] !== wanted.attrs?.["language"]) return false;
    const edits = codeEdits(this.#source, old, textOf(old.node), textOf(wanted), this.#prefixOf(old.start));
    for (const { start, end, text } of edits ?? []) this.#fixed(start, end, text);
    return edits !== undefined;
  }

  /** Blocks that were parted or joined: their texts as one, with the ends of blocks in it. */
  #flow(removed: readonly SourceBlock[], added: readonly ProseElement[], isList: boolean): boolean {
    const [first] = removed;
    if (first === undefined) return false;
    const blockPrefix = this.#prefixOf(first.start);
    const nodes = new Map<string, ProseElement>();
    const old = isList ? flowOfItems(removed) : flowOfLeaves(removed);
    const wanted = isList ? unitsOfItems(added, nodes) : unitsOfLeaves(added, removed[0]?.node);
    if (old === undefined || wanted === undefined) return false;
    const marker = isList ? this.#marker(removed, removed.length, false) : "";
    const textPrefix = blockPrefix + " ".repeat(marker.length);
    const blocks = new Map([...nodes].map(([key, node]) => [key, this.#newBlock(node, textPrefix)]));
    const gap =
      isList && !this.#isLoose(removed) ? `\n${blockPrefix}` : `\n${blockPrefix.trimEnd()}\n${blockPrefix}`;
    let spell: SpellingOf | undefined;
    const edit = new InlineEdit(this.#source, old, wanted, {
      prefix: textPrefix,
      split: ({ text }) => {
        const block = blocks.get(text);
        if (block === undefined || spell === undefined) return gap + marker;
        const isClose = continuesText(nodes.get(text));
        return `${isClose ? "" : `\n${textPrefix.trimEnd()}`}\n${textPrefix}${block.print(spell)}`;
      },
    });
    this.inlines.push(edit);
    this.#parts.push({
      edits: (spelling) => {
        spell = spelling;
        return edit.edits(spelling(edit));
      },
    });
    return true;
  }
}

/** A list may follow an item's text without an empty line. */
function continuesText(node: ProseElement | undefined): boolean {
  const isList = node?.type === "bulletList" || (node?.type === "orderedList" && node.attrs?.["start"] === 1);
  const [item] = node?.content ?? [];
  return isList && item !== undefined && item.type !== "text" && textOf(item).trim() !== "";
}
