// Prose as a tree in the shape of the rich text editor (ProseMirror JSON with Tiptap's names). What the tree has no
// word for stays source, as a marked run of text or as a block: nothing is ever dropped. Knows no DOM and no editor;
// reading is in parse.ts, printing in print.ts, Yjs in fragment.ts.

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

/**
 * The marks that a prose editor must know, from the outermost inwards. Text marked as `source` is Markdown that the
 * tree has no word for (a formula, HTML, a picture, a reference): it is shown and printed as it is written.
 */
export const proseMarks = ["link", "bold", "italic", "strike", "code", "source"] as const;

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

export function sameMark(a: ProseMark, b: ProseMark): boolean {
  return a.type === b.type && a.attrs?.href === b.attrs?.href && a.attrs?.title === b.attrs?.title;
}

export function hasMark(marks: readonly ProseMark[], wanted: ProseMark): boolean {
  return marks.some((mark) => sameMark(mark, wanted));
}

export function isRaw(node: ProseElement): boolean {
  return node.type === "codeBlock" && node.attrs?.["language"] === rawLanguage;
}

export function textOf(node: ProseElement): string {
  return (node.content ?? []).map((part) => (part.type === "text" ? part.text : textOf(part))).join("");
}
