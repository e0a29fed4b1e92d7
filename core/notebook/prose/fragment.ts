// Prose in Yjs: the tree as @tiptap/y-tiptap stores it in a Y.XmlFragment (elements by node name with typed
// attributes, runs of text as one Y.XmlText with the marks as formatting). Knows no Markdown.

import * as Y from "yjs";
import {
  element,
  joinTexts,
  type ProseElement,
  type ProseMark,
  proseMarks,
  type ProseNode,
  proseNodes,
  type ProseText,
  textNode,
} from "./tree.ts";

/** A block and where it stands among the fragment's children. */
export interface FragmentBlock {
  readonly node: ProseElement;
  readonly index: number;
}

/** The fragment's blocks without the empty paragraphs, which only an editor needs. */
export function readFragment(fragment: Y.XmlFragment): FragmentBlock[] {
  return readContainer(fragment).filter(({ node }) => !isEmptyParagraph(node));
}

/** The blocks of a list, an item or a quotation, which may hold nothing but an empty paragraph. */
export function readContainer(fragment: Y.XmlFragment): FragmentBlock[] {
  const blocks: FragmentBlock[] = [];
  fragment.toArray().forEach((child, index) => {
    // A stock client may have put text straight into the fragment: it is kept as a paragraph.
    const node =
      child instanceof Y.XmlText ? element("paragraph", undefined, readText(child)) : readElement(child);
    if (node !== undefined) blocks.push({ node, index });
  });
  return blocks;
}

function isEmptyParagraph(node: ProseNode): boolean {
  return node.type === "paragraph" && node.content === undefined;
}

export function newElement(node: ProseElement): Y.XmlElement {
  const made = new Y.XmlElement(node.type);
  // Yjs's types say string; it stores any JSON value, and the editor's levels are numbers.
  for (const [key, value] of Object.entries(node.attrs ?? {})) made.setAttribute(key, value as string);
  made.insert(0, newContent(node.content ?? []));
  return made;
}

/** Consecutive texts share one Y.XmlText. */
function newContent(nodes: readonly ProseNode[]): (Y.XmlElement | Y.XmlText)[] {
  const made: (Y.XmlElement | Y.XmlText)[] = [];
  let run: ProseText[] = [];
  const endRun = (): void => {
    if (run.length === 0) return;
    const text = new Y.XmlText();
    text.applyDelta(run.map((node) => ({ insert: node.text, attributes: formatOf(node.marks ?? []) })));
    made.push(text);
    run = [];
  };
  for (const node of nodes) {
    if (node.type === "text") run.push(node);
    else {
      endRun();
      made.push(newElement(node));
    }
  }
  endRun();
  return made;
}

/** The marks as a text's formatting attributes. */
export function formatOf(marks: readonly ProseMark[]): Record<string, object> {
  return Object.fromEntries(marks.map((mark) => [mark.type, mark.attrs ?? {}]));
}

function readElement(child: unknown): ProseElement | undefined {
  if (!(child instanceof Y.XmlElement)) return undefined;
  const content = joinTexts(
    child.toArray().flatMap((part): readonly ProseNode[] => {
      if (part instanceof Y.XmlText) return readText(part);
      const read = readElement(part);
      return read === undefined ? [] : [read];
    }),
  );
  const type = proseNodes.find((name) => name === child.nodeName);
  const attributes: Readonly<Record<string, unknown>> = child.getAttributes();
  switch (type) {
    case "heading":
      return element(type, { level: headingLevel(attributes["level"]) }, content);
    case "orderedList":
      return element(
        type,
        { start: typeof attributes["start"] === "number" ? attributes["start"] : 1 },
        content,
      );
    case "codeBlock": {
      const language = attributes["language"];
      return element(
        type,
        typeof language === "string" && language !== "" ? { language } : undefined,
        content,
      );
    }
    case undefined:
      // Something that we have no name for: its text at least.
      return element("paragraph", undefined, content);
    default:
      return element(type, undefined, content);
  }
}

function headingLevel(value: unknown): number {
  return typeof value === "number" && value >= 1 && value <= 6 ? Math.floor(value) : 1;
}

interface TextDelta {
  readonly insert?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

function readText(text: Y.XmlText): ProseText[] {
  const delta: readonly TextDelta[] = text.toDelta();
  return delta.flatMap(({ insert, attributes }) =>
    typeof insert === "string" ? [textNode(insert, marksOf(attributes ?? {}))] : [],
  );
}

/** y-tiptap adds `--` and eight characters of hash to the name of a mark that may overlap itself. */
const hashSuffix = /--[a-zA-Z0-9+/=]{8}$/;

function marksOf(format: Readonly<Record<string, unknown>>): ProseMark[] {
  const marks: ProseMark[] = [];
  for (const [key, value] of Object.entries(format)) {
    const type = proseMarks.find((name) => name === key.replace(hashSuffix, ""));
    if (type === undefined || value === null) continue;
    if (type !== "link") marks.push({ type });
    else {
      const { href, title } = value as { href?: unknown; title?: unknown };
      if (typeof href !== "string") continue;
      marks.push({ type, attrs: { href, ...(typeof title === "string" ? { title } : {}) } });
    }
  }
  return marks;
}
