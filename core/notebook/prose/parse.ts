// Prose read from Markdown, with the place of everything in the source: blocks, marks, and each single character of
// text. The editing of that source is in edit.ts.

import type { BlockContent, DefinitionContent, List, ListItem, PhrasingContent, RootContent } from "mdast";
import { inertAttribute } from "#core/notebook/markdown/fence.ts";
import type { Range } from "#core/notebook/markdown/formula.ts";
import { type MarkdownSource, parseSource, rangeOf } from "#core/notebook/markdown/source.ts";
import { startOfBlock } from "#core/notebook/markdown/blocks.ts";
import {
  element,
  joinTexts,
  type ProseElement,
  type ProseMark,
  type ProseNode,
  rawLanguage,
  textNode,
} from "./tree.ts";

/** One character of text, a hard break, or the end of a block before a further one of the same kind. */
export interface Unit {
  readonly kind: "text" | "break" | "split";
  /** The character; of the others, a name that tells equal ones. */
  readonly text: string;
  readonly marks: readonly ProseMark[];
}

export interface SourceUnit extends Unit, Range {}

/** A mark's delimiters and what is between them. */
export interface MarkSpan extends Range {
  readonly mark: ProseMark;
  /** Units between, `last` exclusive. */
  readonly first: number;
  readonly last: number;
  readonly openEnd: number;
  readonly closeStart: number;
}

/** What a paragraph or a heading holds. */
export interface SourceInline extends Range {
  readonly units: readonly SourceUnit[];
  readonly spans: readonly MarkSpan[];
}

export interface SourceBlock extends Range {
  readonly node: ProseElement;
  /** Of a list, a list item, a quotation. */
  readonly children: readonly SourceBlock[];
  readonly inline?: SourceInline;
}

/** Top-level blocks begin at the start of their line, so that indentation belongs to them. */
export function parseProse(markdown: string): SourceBlock[] {
  return proseOf(parseSource(markdown.startsWith("\uFEFF") ? markdown.slice(1) : markdown));
}

export function proseOf(parsed: MarkdownSource): SourceBlock[] {
  const { source, root } = parsed;
  let done = 0;
  return root.children.map((node) => {
    const { start, end } = rangeOf(node);
    const range = { start: startOfBlock(source, start, done), end };
    done = end;
    const block = blockOf(node, parsed, 0);
    if (block !== undefined) return { ...block, ...range };
    const text = source.slice(range.start, end);
    return {
      node: element("codeBlock", { language: rawLanguage }, [textNode(text, [])]),
      ...range,
      children: [],
    };
  });
}

/** undefined where the tree has no node for something inside: the whole block stays source then. */
function blockOf(
  node: RootContent | BlockContent | DefinitionContent | ListItem,
  parsed: MarkdownSource,
  depth: number,
): SourceBlock | undefined {
  const range = rangeOf(node);
  switch (node.type) {
    case "paragraph":
      return leafOf("paragraph", undefined, inlineOf(node.children, range, parsed, depth), range);
    case "heading": {
      const [first, last] = [node.children[0], node.children.at(-1)];
      const content =
        first === undefined || last === undefined
          ? { start: range.end, end: range.end }
          : { start: rangeOf(first).start, end: rangeOf(last).end };
      const attributes = { level: node.depth };
      return leafOf("heading", attributes, inlineOf(node.children, content, parsed, depth), range);
    }
    case "blockquote": {
      const children = blocksOf(node.children, parsed, depth + 1);
      if (children === undefined) return undefined;
      // The editor's containers hold at least one block.
      const content = children.length === 0 ? [element("paragraph")] : children.map((child) => child.node);
      return { node: element("blockquote", undefined, content), ...range, children };
    }
    case "list":
      return listOf(node, parsed, depth);
    case "code": {
      const language = languageOf(node.lang ?? "", node.meta ?? "");
      if (language === rawLanguage) return undefined;
      const content: ProseNode[] = node.value === "" ? [] : [textNode(node.value, [])];
      const attributes = language === "" ? undefined : { language };
      return { node: element("codeBlock", attributes, content), ...range, children: [] };
    }
    case "thematicBreak":
      return { node: element("horizontalRule"), ...range, children: [] };
    default:
      return undefined;
  }
}

function languageOf(language: string, meta: string): string {
  return meta === "" || meta === inertAttribute ? language : `${language} ${meta}`;
}

function leafOf(
  type: "paragraph" | "heading",
  attributes: Readonly<Record<string, number>> | undefined,
  inline: SourceInline,
  range: Range,
): SourceBlock {
  return { node: element(type, attributes, contentOf(inline.units)), ...range, children: [], inline };
}

function blocksOf(
  nodes: readonly (BlockContent | DefinitionContent)[],
  parsed: MarkdownSource,
  depth: number,
): SourceBlock[] | undefined {
  const blocks: SourceBlock[] = [];
  for (const node of nodes) {
    const block = blockOf(node, parsed, depth);
    if (block === undefined) return undefined;
    blocks.push(block);
  }
  return blocks;
}

function listOf(list: List, parsed: MarkdownSource, depth: number): SourceBlock | undefined {
  const items: SourceBlock[] = [];
  for (const item of list.children) {
    const read = itemOf(item, parsed, depth + 1);
    if (read === undefined) return undefined;
    items.push(read);
  }
  const content = items.map(({ node }) => node);
  const node =
    list.ordered === true
      ? element("orderedList", { start: list.start ?? 1 }, content)
      : element("bulletList", undefined, content);
  return { node, ...rangeOf(list), children: items };
}

function itemOf(item: ListItem, parsed: MarkdownSource, depth: number): SourceBlock | undefined {
  const children = blocksOf(item.children, parsed, depth);
  if (children === undefined) return undefined;
  const range = rangeOf(item);
  const [first] = children;
  // The editor's list item begins with a paragraph.
  if (first?.inline === undefined || first.node.type !== "paragraph")
    children.unshift({ node: element("paragraph"), start: range.end, end: range.end, children: [] });
  else if (typeof item.checked === "boolean")
    children[0] = withBox(first, first.inline, item.checked, range.start, parsed.source);
  return {
    node: element(
      "listItem",
      undefined,
      children.map(({ node }) => node),
    ),
    ...range,
    children,
  };
}

/** The box of a task is text, `[ ] ` or `[x] `. */
function withBox(
  { node, end }: SourceBlock,
  inline: SourceInline,
  checked: boolean,
  itemStart: number,
  source: string,
): SourceBlock {
  const before = source.slice(itemStart, inline.start);
  const box = before.lastIndexOf("[");
  const start = itemStart + Math.max(box, 0);
  const letters = (checked ? "[x] " : "[ ] ").split("").map((text, index): SourceUnit => ({
    kind: "text",
    text,
    marks: [],
    start: start + index,
    end: index === 3 ? inline.start : start + index + 1,
  }));
  const units = [...letters, ...inline.units];
  const spans = inline.spans.map((span) => ({
    ...span,
    first: span.first + letters.length,
    last: span.last + letters.length,
  }));
  const range = { start, end };
  return {
    node: element(node.type, undefined, contentOf(units)),
    ...range,
    children: [],
    inline: { units, spans, start, end: inline.end },
  };
}

/** The units as the tree has them. */
export function contentOf(units: readonly Unit[]): ProseNode[] {
  const nodes: ProseNode[] = [];
  let run = "";
  let runMarks: readonly ProseMark[] = [];
  const endRun = (): void => {
    if (run !== "") nodes.push(textNode(run, runMarks));
    run = "";
  };
  for (const { kind, text, marks } of units) {
    if (kind !== "text" || marks !== runMarks) endRun();
    runMarks = marks;
    if (kind === "text") run += text;
    else nodes.push(element("hardBreak"));
  }
  endRun();
  return joinTexts(nodes);
}

function inlineOf(
  nodes: readonly PhrasingContent[],
  range: Range,
  parsed: MarkdownSource,
  depth: number,
): SourceInline {
  const reader = new InlineReader(parsed, depth > 0);
  reader.read(nodes, [], range.end);
  return { ...range, units: reader.units, spans: reader.spans };
}

class InlineReader {
  readonly units: SourceUnit[] = [];
  readonly spans: MarkSpan[] = [];
  readonly #parsed: MarkdownSource;
  /** Lines in a container begin with its marks, which are none of the text's. */
  readonly #contained: boolean;
  /** Everything before has been read: formulas are read as a whole. */
  #done = 0;

  constructor(parsed: MarkdownSource, contained: boolean) {
    this.#parsed = parsed;
    this.#contained = contained;
  }

  read(nodes: readonly PhrasingContent[], marks: readonly ProseMark[], end: number): void {
    nodes.forEach((node, index) => {
      const next = nodes[index + 1];
      this.#readNode(node, marks, next === undefined ? end : rangeOf(next).start);
    });
  }

  #readNode(node: PhrasingContent, marks: readonly ProseMark[], next: number): void {
    const { start, end } = rangeOf(node);
    switch (node.type) {
      case "text":
        this.#readText(node.value, start, next, marks);
        break;
      case "inlineCode":
        this.#readMarked({ type: "code" }, marks, { start, end }, (inner) =>
          this.#readText(node.value, start, end, inner),
        );
        break;
      case "strong":
        this.#readParent({ type: "bold" }, marks, node.children, { start, end });
        break;
      case "emphasis":
        this.#readParent({ type: "italic" }, marks, node.children, { start, end });
        break;
      case "delete":
        this.#readParent({ type: "strike" }, marks, node.children, { start, end });
        break;
      case "link": {
        const title = node.title ?? undefined;
        const attrs = { href: node.url, ...(title === undefined ? {} : { title }) };
        // A link without words would vanish.
        if (node.children.length === 0) this.#readSource(start, end, marks);
        else this.#readParent({ type: "link", attrs }, marks, node.children, { start, end });
        break;
      }
      case "break":
        this.units.push({ kind: "break", text: "", marks: [], start, end: next });
        break;
      default:
        this.#readSource(start, end, marks);
    }
  }

  #readParent(
    mark: ProseMark,
    marks: readonly ProseMark[],
    children: readonly PhrasingContent[],
    range: Range,
  ): void {
    const [first, last] = [children[0], children.at(-1)];
    if (first === undefined || last === undefined) return;
    const inner = { start: rangeOf(first).start, end: rangeOf(last).end };
    this.#readMarked(mark, marks, range, (inside) => this.read(children, inside, inner.end), inner);
  }

  #readMarked(
    mark: ProseMark,
    marks: readonly ProseMark[],
    { start, end }: Range,
    read: (marks: readonly ProseMark[]) => void,
    inner?: Range,
  ): void {
    const first = this.units.length;
    const span = this.spans.length;
    read(marks.some(({ type }) => type === mark.type) ? marks : [...marks, mark]);
    const last = this.units.length;
    if (last === first) return;
    this.spans.splice(span, 0, {
      mark,
      first,
      last,
      start,
      openEnd: inner?.start ?? this.units[first]?.start ?? start,
      closeStart: inner?.end ?? this.units[last - 1]?.end ?? end,
      end,
    });
  }

  /** Every character of the value with its piece of the source; a line break has no piece and is a space. */
  #readText(value: string, start: number, end: number, marks: readonly ProseMark[]): void {
    const { pieces } = this.#parsed;
    let index = firstAtOrAfter(pieces, start);
    let at = start;
    for (let read = 0; read < value.length;) {
      const piece = pieces[index];
      const inside = piece !== undefined && piece.start < end;
      if (inside && piece.text !== "" && value.startsWith(piece.text, read)) {
        this.#readPiece(piece.text, piece, marks);
        read += piece.text.length;
        at = piece.end;
        index++;
        continue;
      }
      const lineBreak = /^(?:\r\n|\n|\r)/.exec(value.slice(read, read + 2))?.[0];
      if (lineBreak === undefined && inside) {
        index++;
        continue;
      }
      const stop = inside ? piece.start : end;
      this.#push(lineBreak === undefined ? value.slice(read) : " ", { start: at, end: stop }, marks);
      read = lineBreak === undefined ? value.length : read + lineBreak.length;
      at = stop;
    }
  }

  #readPiece(text: string, { start, end }: Range, marks: readonly ProseMark[]): void {
    if (text.length !== end - start) {
      // A reference may stand for several characters: the first one has the source.
      Array.from(text).forEach((letter, index) =>
        this.#push(letter, { start: index === 0 ? start : end, end }, marks),
      );
      return;
    }
    let at = start;
    for (const letter of text) {
      this.#push(letter, { start: at, end: at + letter.length }, marks);
      at += letter.length;
    }
  }

  #push(text: string, range: Range, marks: readonly ProseMark[]): void {
    if (range.start < this.#done) return;
    const formula = this.#parsed.formulas.find(({ start, end }) => start <= range.start && range.start < end);
    if (formula === undefined) this.units.push({ kind: "text", text, marks, ...range });
    else this.#readSource(formula.start, formula.end, marks);
  }

  /** What stays source, character by character. */
  #readSource(start: number, end: number, marks: readonly ProseMark[]): void {
    const { source } = this.#parsed;
    const inner: readonly ProseMark[] = [...marks.filter(({ type }) => type !== "code"), { type: "source" }];
    const parts = source
      .slice(start, end)
      .match(this.#contained ? /(?:\r\n|\n|\r)[ \t>]*|[^]/gu : /\r\n|[^]/gu);
    let at = start;
    for (const part of parts ?? []) {
      const text = /^[\r\n]/.test(part) ? "\n" : part;
      this.units.push({ kind: "text", text, marks: inner, start: at, end: at + part.length });
      at += part.length;
    }
    this.#done = end;
  }
}

function firstAtOrAfter(pieces: readonly Range[], offset: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
