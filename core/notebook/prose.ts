// Prose as a tree in the shape of the rich text editor (ProseMirror JSON with Tiptap's names), and its reading
// from Markdown. A top-level block that the tree cannot hold whole stays source: nothing is ever dropped.
// Knows no DOM and no editor; printing is in prose-print.ts, Yjs in prose-fragment.ts.

import type { BlockContent, DefinitionContent, List, ListItem, PhrasingContent, RootContent } from "mdast";
import { topLevelBlocks } from "./parse.ts";

/** The nodes that a prose editor must know. It deletes what it does not know: see SPEC [NB-32]. */
export const proseNodes = [
  "paragraph",
  "heading",
  "bulletList",
  "orderedList",
  "listItem",
  "blockquote",
  "codeBlock",
  "horizontalRule",
  "hardBreak",
] as const;

/** The marks that a prose editor must know, from the outermost inwards as they are printed. */
export const proseMarks = ["link", "bold", "italic", "strike", "code"] as const;

/** The language of a code block that holds Markdown source which the tree cannot express. Pandoc's name for it. */
export const rawLanguage = "{=markdown}";

export type ProseNodeName = (typeof proseNodes)[number];
type ProseMarkName = (typeof proseMarks)[number];

export interface ProseMark {
  readonly type: ProseMarkName;
  readonly attrs?: { readonly href: string; readonly title?: string };
}

export interface ProseText {
  readonly type: "text";
  readonly text: string;
  /** In the order of `proseMarks`. */
  readonly marks?: readonly ProseMark[];
}

export interface ProseElement {
  readonly type: ProseNodeName;
  readonly attrs?: Readonly<Record<string, string | number>>;
  readonly content?: readonly ProseNode[];
}

export type ProseNode = ProseText | ProseElement;

export interface ProseBlock {
  readonly node: ProseElement;
  /** Offsets in the Markdown. */
  readonly start: number;
  readonly end: number;
}

export function parseProse(markdown: string): ProseBlock[] {
  return topLevelBlocks(markdown).map(({ node, start, end }) => ({
    node: blockOf(node) ?? rawBlock(markdown.slice(start, end)),
    start,
    end,
  }));
}

function rawBlock(source: string): ProseElement {
  return element("codeBlock", { language: rawLanguage }, [{ type: "text", text: source }]);
}

/** One string for equal trees, built always in one order of keys. */
export function proseKey(node: ProseNode): string {
  return JSON.stringify(node);
}

export function element(
  type: ProseNodeName,
  attrs?: Readonly<Record<string, string | number>>,
  content: readonly ProseNode[] = [],
): ProseElement {
  return { type, ...(attrs === undefined ? {} : { attrs }), ...(content.length === 0 ? {} : { content }) };
}

/** A text node with its marks in their one order, each at most once. */
export function textNode(text: string, marks: readonly ProseMark[]): ProseText {
  const ordered = proseMarks.flatMap((name) => marks.find((mark) => mark.type === name) ?? []);
  return { type: "text", text, ...(ordered.length === 0 ? {} : { marks: ordered }) };
}

/** Joins neighbours with the same marks and leaves out empty texts. */
export function joinTexts(nodes: readonly ProseNode[]): ProseNode[] {
  const joined: ProseNode[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (node.type !== "text") joined.push(node);
    else if (node.text === "") continue;
    else if (last?.type === "text" && JSON.stringify(last.marks) === JSON.stringify(node.marks))
      joined[joined.length - 1] = textNode(last.text + node.text, node.marks ?? []);
    else joined.push(node);
  }
  return joined;
}

/** undefined where the tree has no node for something inside: the whole block stays source then. */
function blockOf(node: RootContent | BlockContent | DefinitionContent | ListItem): ProseElement | undefined {
  switch (node.type) {
    case "paragraph":
      return withContent("paragraph", undefined, inline(node.children, []));
    case "heading":
      return withContent("heading", { level: node.depth }, inline(node.children, []));
    case "blockquote":
      return withContent("blockquote", undefined, blocks(node.children));
    case "list":
      return listOf(node);
    case "code": {
      const language = languageOf(node.lang ?? "", node.meta ?? "");
      if (language === rawLanguage) return undefined;
      const text: ProseNode[] = node.value === "" ? [] : [{ type: "text", text: node.value }];
      return element("codeBlock", language === "" ? undefined : { language }, text);
    }
    case "thematicBreak":
      return element("horizontalRule");
    default:
      return undefined;
  }
}

/** The mark that keeps a runnable block prose is not part of its language. */
export const inertAttribute = "{run=false}";

function languageOf(language: string, meta: string): string {
  return meta === "" || meta === inertAttribute ? language : `${language} ${meta}`;
}

function listOf(list: List): ProseElement | undefined {
  const items: ProseElement[] = [];
  for (const item of list.children) {
    const content = blocks(item.children);
    if (content === undefined) return undefined;
    // The editor's list item begins with a paragraph.
    if (content[0]?.type !== "paragraph") content.unshift(element("paragraph"));
    if (typeof item.checked === "boolean") {
      const [first, ...rest] = content;
      const box = textNode(item.checked ? "[x] " : "[ ] ", []);
      content.splice(
        0,
        content.length,
        element("paragraph", undefined, joinTexts([box, ...(first?.content ?? [])])),
        ...rest,
      );
    }
    items.push(element("listItem", undefined, content));
  }
  return list.ordered === true
    ? element("orderedList", { start: list.start ?? 1 }, items)
    : element("bulletList", undefined, items);
}

function blocks(nodes: readonly (BlockContent | DefinitionContent)[]): ProseElement[] | undefined {
  const content: ProseElement[] = [];
  for (const node of nodes) {
    const block = blockOf(node);
    if (block === undefined) return undefined;
    content.push(block);
  }
  // The editor's containers hold at least one block.
  return content.length === 0 ? [element("paragraph")] : content;
}

function withContent(
  type: ProseNodeName,
  attrs: Readonly<Record<string, string | number>> | undefined,
  content: readonly ProseNode[] | undefined,
): ProseElement | undefined {
  return content === undefined ? undefined : element(type, attrs, content);
}

function inline(nodes: readonly PhrasingContent[], marks: readonly ProseMark[]): ProseNode[] | undefined {
  const content: ProseNode[] = [];
  for (const node of nodes) {
    const part = inlineOf(node, marks);
    if (part === undefined) return undefined;
    content.push(...part);
  }
  return joinTexts(content);
}

function inlineOf(node: PhrasingContent, marks: readonly ProseMark[]): ProseNode[] | undefined {
  switch (node.type) {
    case "text":
      // A line break in the source is a space to the reader; the editor would show it as a break.
      return [textNode(node.value.replaceAll(/[ \t]*(?:\r\n|\n|\r)[ \t]*/g, " "), marks)];
    case "strong":
      return inline(node.children, [...marks, { type: "bold" }]);
    case "emphasis":
      return inline(node.children, [...marks, { type: "italic" }]);
    case "delete":
      return inline(node.children, [...marks, { type: "strike" }]);
    case "inlineCode":
      return [textNode(node.value, [...marks, { type: "code" }])];
    case "link": {
      const title = node.title ?? undefined;
      const attrs = { href: node.url, ...(title === undefined ? {} : { title }) };
      const content = inline(node.children, [...marks, { type: "link", attrs }]);
      // A link without text would vanish.
      return content === undefined || content.length === 0 ? undefined : content;
    }
    case "break":
      return [element("hardBreak")];
    default:
      return undefined;
  }
}
