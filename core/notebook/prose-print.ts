// Prose trees back to Markdown: what is unchanged keeps its very text, only changed blocks are printed anew.
// Knows neither Yjs nor cells.

import type { BlockContent, List, ListItem, Paragraph, PhrasingContent, RootContent } from "mdast";
import { gfmToMarkdown } from "mdast-util-gfm";
import { type Options, toMarkdown } from "mdast-util-to-markdown";
import { commonSubsequence } from "./align.ts";
import { kindOfInfo } from "./fence.ts";
import {
  element,
  inertAttribute,
  joinTexts,
  parseProse,
  type ProseElement,
  proseKey,
  type ProseMark,
  type ProseNode,
  type ProseText,
  rawLanguage,
  textNode,
} from "./prose.ts";

/** The Markdown of these blocks; `original` is the text that the cell was last read from, "" for none. */
export function printProse(content: readonly ProseElement[], original: string): string {
  const old = parseProse(original);
  const oldKeys = old.map(({ node }) => proseKey(node));
  const exactKeys = content.map(proseKey);
  if (exactKeys.length === oldKeys.length && exactKeys.every((key, index) => key === oldKeys[index]))
    return original;

  const style = styleOf(original);
  const printable = content.map(normalBlock).filter((node) => node !== undefined);
  // What was read keeps its text even where normalising would change it.
  const keys = printable.map(({ key }) => key);
  const kept = new Map(commonSubsequence(keys, oldKeys).map(([index, oldIndex]) => [index, oldIndex]));
  let text = "";
  printable.forEach(({ node }, index) => {
    const oldIndex = kept.get(index);
    const block = oldIndex === undefined ? undefined : old[oldIndex];
    if (index > 0) {
      const previous = kept.get(index - 1);
      const neighbours = previous !== undefined && oldIndex === previous + 1;
      text += neighbours ? original.slice(old[previous]?.end, block?.start) : "\n\n";
    }
    text += block === undefined ? printBlock(node, style) : original.slice(block.start, block.end);
  });
  const expected = printable.map(({ node, key }, index) => (kept.has(index) ? key : proseKey(node)));
  if (hasBlocks(text, expected)) return text;
  // Neighbours may run into each other (two lists): the printer parts them when it sees them all.
  const whole = print(
    printable.map(({ node }) => blockToMdast(node, true)),
    style,
  );
  return hasBlocks(
    whole,
    printable.map(({ node }) => proseKey(node)),
  )
    ? whole
    : text;
}

/** What of Markdown's many spellings the author uses. */
interface Style {
  readonly bullet: "-" | "*" | "+";
  readonly emphasis: "*" | "_";
}

function styleOf(original: string): Style {
  const bullet = /^ {0,3}([-*+])[ \t]+\S/m.exec(original)?.[1];
  return {
    bullet: bullet === "*" || bullet === "+" ? bullet : "-",
    emphasis: /(?<![\w_])_[^\s_]/.test(original) ? "_" : "*",
  };
}

function printBlock(node: ProseElement, style: Style): string {
  if (isRaw(node)) return textOf(node);
  const mdast = [blockToMdast(node, true)];
  // Escapes only where leaving them out would change what is read.
  const bare = print(mdast, style, { text: (text: { value: string }) => text.value });
  return hasBlocks(bare, [proseKey(node)]) ? bare : print(mdast, style);
}

function print(
  children: RootContent[],
  style: Style,
  handlers: NonNullable<Options["handlers"]> = {},
): string {
  return toMarkdown(
    { type: "root", children },
    {
      extensions: [gfmToMarkdown()],
      handlers,
      bullet: style.bullet,
      bulletOther: style.bullet === "-" ? "*" : "-",
      emphasis: style.emphasis,
      rule: "-",
      fences: true,
      listItemIndent: "one",
    },
  ).replace(/\n$/, "");
}

function hasBlocks(markdown: string, keys: readonly string[]): boolean {
  const parsed = parseProse(markdown);
  return parsed.length === keys.length && parsed.every(({ node }, index) => proseKey(node) === keys[index]);
}

function isRaw(node: ProseElement): boolean {
  return node.type === "codeBlock" && node.attrs?.["language"] === rawLanguage;
}

function textOf(node: ProseElement): string {
  return (node.content ?? []).map((part) => (part.type === "text" ? part.text : textOf(part))).join("");
}

// Markdown cannot say everything that an editor can: spaces at the edges, empty paragraphs, a bold space.

/** The block as Markdown can say it, with its key as it was; undefined where nothing is left. */
function normalBlock(node: ProseElement): { node: ProseElement; key: string } | undefined {
  if (isRaw(node)) return textOf(node).trim() === "" ? undefined : { node, key: proseKey(node) };
  const normal = normalElement(node);
  return normal.type === "paragraph" && normal.content === undefined
    ? undefined
    : { node: normal, key: proseKey(node) };
}

function normalElement(node: ProseElement): ProseElement {
  const content = node.content ?? [];
  switch (node.type) {
    case "paragraph":
    case "heading":
      return element(node.type, node.attrs, normalInline(content, node.type === "heading"));
    case "codeBlock":
      return element(
        node.type,
        node.attrs,
        textOf(node) === "" ? [] : [{ type: "text", text: textOf(node) }],
      );
    case "listItem":
    case "blockquote": {
      const blocks = content.map((part) =>
        part.type === "text" ? element("paragraph", undefined, [part]) : normalElement(part),
      );
      // Empty paragraphs vanish, but an item begins with a paragraph and a quote holds at least one.
      const kept = blocks.filter(
        (block, index) =>
          block.content !== undefined ||
          block.type !== "paragraph" ||
          (index === 0 && node.type === "listItem"),
      );
      return element(node.type, undefined, kept.length === 0 ? [element("paragraph")] : kept);
    }
    default:
      return element(
        node.type,
        node.attrs,
        content.map((part) => (part.type === "text" ? part : normalElement(part))),
      );
  }
}

function normalInline(content: readonly ProseNode[], oneLine: boolean): ProseNode[] {
  const parts = content.flatMap((part): ProseNode[] => {
    if (part.type === "hardBreak") return oneLine ? [textNode(" ", [])] : [part];
    if (part.type !== "text") return [];
    const text = part.text.replaceAll(/[ \t]*[\r\n]+[ \t]*/g, " ");
    const marks = part.marks ?? [];
    if (marks.length === 0 || marks.some((mark) => mark.type === "code")) return [textNode(text, marks)];
    // Marks do not hold at spaces.
    const [, before = "", inner = "", after = ""] = /^(\s*)([^]*?)(\s*)$/.exec(text) ?? [];
    return [textNode(before, []), textNode(inner, inner === "" ? [] : marks), textNode(after, [])];
  });
  return trimLines(joinTexts(parts));
}

/** Without spaces beside breaks and at the ends, and without a break at the end. */
function trimLines(parts: readonly ProseNode[]): ProseNode[] {
  const trimmed = parts.map((part, index) => {
    if (part.type !== "text" || part.marks?.some((mark) => mark.type === "code") === true) return part;
    let { text } = part;
    if (parts[index - 1]?.type !== "text") text = text.replace(/^[ \t]+/, "");
    if (parts[index + 1]?.type !== "text") text = text.replace(/[ \t]+$/, "");
    return textNode(text, part.marks ?? []);
  });
  const joined = joinTexts(trimmed);
  while (joined.at(-1)?.type === "hardBreak") joined.pop();
  while (joined[0]?.type === "hardBreak") joined.shift();
  return joined;
}

function blockToMdast(node: ProseElement, topLevel: boolean): BlockContent {
  const content = node.content ?? [];
  switch (node.type) {
    case "heading":
      return { type: "heading", depth: depthOf(node.attrs?.["level"]), children: inlineToMdast(content) };
    case "blockquote":
      return { type: "blockquote", children: blocksToMdast(content) };
    case "bulletList":
    case "orderedList":
      return listToMdast(node);
    case "codeBlock": {
      const language = String(node.attrs?.["language"] ?? "");
      if (language === rawLanguage) return { type: "html", value: textOf(node) };
      // Read back, a runnable block would be a cell.
      const info =
        topLevel && kindOfInfo(language) !== undefined ? `${language} ${inertAttribute}` : language;
      const [lang = "", ...meta] = info.split(" ");
      return {
        type: "code",
        lang: lang === "" ? null : lang,
        meta: meta.length === 0 ? null : meta.join(" "),
        value: textOf(node),
      };
    }
    case "horizontalRule":
      return { type: "thematicBreak" };
    default:
      return { type: "paragraph", children: inlineToMdast(content) };
  }
}

function depthOf(level: unknown): 1 | 2 | 3 | 4 | 5 | 6 {
  return level === 2 || level === 3 || level === 4 || level === 5 || level === 6 ? level : 1;
}

function blocksToMdast(content: readonly ProseNode[]): BlockContent[] {
  return content.flatMap((part): BlockContent[] => (part.type === "text" ? [] : [blockToMdast(part, false)]));
}

function listToMdast(node: ProseElement): List {
  const children = (node.content ?? []).map((item): ListItem => {
    const blocks = blocksToMdast(item.type === "text" ? [] : (item.content ?? []));
    const [first] = blocks;
    // The editor's items begin with a paragraph, Markdown's need not.
    if (first !== undefined && isEmpty(first)) blocks.shift();
    return {
      type: "listItem",
      spread: blocks.filter((block) => block.type === "paragraph").length > 1,
      children: blocks,
    };
  });
  const start = node.attrs?.["start"];
  return {
    type: "list",
    ordered: node.type === "orderedList",
    ...(node.type === "orderedList" ? { start: typeof start === "number" ? start : 1 } : {}),
    spread: false,
    children,
  };
}

function isEmpty(node: BlockContent): node is Paragraph {
  return node.type === "paragraph" && node.children.length === 0;
}

/** Flat marked texts to nested ones: of the marks that begin here, the one that reaches farthest is outermost. */
function inlineToMdast(nodes: readonly ProseNode[], open: readonly ProseMark[] = []): PhrasingContent[] {
  const made: PhrasingContent[] = [];
  for (let index = 0; index < nodes.length;) {
    const node = nodes[index];
    if (node === undefined) break;
    if (node.type !== "text") {
      made.push({ type: "break" });
      index++;
      continue;
    }
    const pending = (node.marks ?? []).filter((mark) => mark.type !== "code" && !hasMark(open, mark));
    if (pending.length === 0) {
      made.push(leaf(node));
      index++;
      continue;
    }
    let outer = pending[0];
    let end = index;
    for (const mark of pending) {
      let reach = index;
      while (reach < nodes.length && textHasMark(nodes[reach], mark)) reach++;
      if (reach > end) [outer, end] = [mark, reach];
    }
    if (outer === undefined) break;
    made.push(wrap(outer, inlineToMdast(nodes.slice(index, end), [...open, outer])));
    index = end;
  }
  return made;
}

function leaf(node: ProseText): PhrasingContent {
  return node.marks?.some((mark) => mark.type === "code") === true
    ? { type: "inlineCode", value: node.text }
    : { type: "text", value: node.text };
}

function wrap(mark: ProseMark, children: PhrasingContent[]): PhrasingContent {
  switch (mark.type) {
    case "bold":
      return { type: "strong", children };
    case "italic":
      return { type: "emphasis", children };
    case "strike":
      return { type: "delete", children };
    default:
      return { type: "link", url: mark.attrs?.href ?? "", title: mark.attrs?.title ?? null, children };
  }
}

function hasMark(marks: readonly ProseMark[], wanted: ProseMark): boolean {
  return marks.some((mark) => sameMark(mark, wanted));
}

function textHasMark(node: ProseNode | undefined, wanted: ProseMark): boolean {
  return node?.type === "text" && hasMark(node.marks ?? [], wanted);
}

function sameMark(a: ProseMark, b: ProseMark): boolean {
  return a.type === b.type && a.attrs?.href === b.attrs?.href && a.attrs?.title === b.attrs?.title;
}
