// The rich text editor of a prose cell: Tiptap on the cell's shared fragment, with the colleagues' carets.
// Its nodes and marks are exactly those of core/notebook: the Yjs binding deletes what the editor does not know.

import { Editor, Extension, Mark, markInputRule } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";
import { Link } from "@tiptap/extension-link";
import { Placeholder } from "@tiptap/extension-placeholder";
import type { Node as ProseNode } from "@tiptap/pm/model";
import { StarterKit } from "@tiptap/starter-kit";
import { prosemirrorToYXmlFragment, yCursorPlugin } from "@tiptap/y-tiptap";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { carryCaret, missingSpaces, type CaretIn } from "#ui/kit/carry-caret.ts";
import { textOn } from "#ui/kit/color.ts";
import { printFragment } from "./late-typing.ts";
import { endComposition, ProseComposition } from "./prose-composition.ts";
import { ShownAddresses, ShownAttachments, SourceMark } from "./prose-source.ts";

export interface ProseEditorOptions {
  readonly parent: HTMLElement;
  readonly fragment: Y.XmlFragment;
  readonly awareness: Awareness;
  readonly editable: boolean;
  readonly label: string;
  readonly placeholder: string;
  /** Pictures that came with the cell, by the name in `attachment:NAME`. */
  readonly attachments: Promise<ReadonlyMap<string, string>> | undefined;
  /** The caret wants to leave: Up on the first line, Down on the last one. */
  readonly onLeave: (direction: "up" | "down") => void;
  readonly onEscape: () => void;
}

export interface ProseEditor {
  focus(at: "start" | "end" | CaretIn): void;
  /** Where the caret is in the text without marks, while the editor has the focus. */
  readonly caret: CaretIn | undefined;
  readonly empty: boolean;
  /** What it holds as Markdown; `original` is what it was read from. */
  markdown(original: string): string;
  setEditable(editable: boolean): void;
  setLabel(label: string): void;
  dispose(): void;
}

/** Tiptap's code excludes all other marks, so a link on code would be lost; Markdown knows it. */
const Code = Mark.create({
  name: "code",
  excludes: "code",
  code: true,
  exitable: true,
  parseHTML: () => [{ tag: "code" }],
  renderHTML: () => ["code", {}, 0],
  addInputRules() {
    return [markInputRule({ find: /(?:^|[^`])`([^`]+)`(?!`)$/, type: this.type })];
  },
  addKeyboardShortcuts() {
    return { "Mod-e": () => this.editor.commands.toggleMark(this.name) };
  },
});

/** An address that is typed or pasted is a link as it stands: a mark would be written out around it. */
const PlainLink = Link.extend({ addPasteRules: () => [] });

interface CaretUser {
  readonly name?: unknown;
  readonly color?: unknown;
}

function caretColour(user: CaretUser): string {
  return typeof user.color === "string" && /^#[0-9a-f]{6}$/i.test(user.color) ? user.color : "#808080";
}

function caretElement(user: CaretUser): HTMLElement {
  const colour = caretColour(user);
  const caret = document.createElement("span");
  caret.className = "prose-caret";
  caret.style.setProperty("--who", colour);
  const flag = document.createElement("span");
  flag.className = "prose-caret-flag";
  flag.style.color = textOn(colour);
  flag.textContent = typeof user.name === "string" ? user.name : "";
  caret.append(flag);
  return caret;
}

/** Carets of the others. Unlike Tiptap's own extension it does not write who we are: the session does that. */
function carets(awareness: Awareness): Extension {
  return Extension.create({
    name: "carets",
    addProseMirrorPlugins: () => [
      yCursorPlugin(awareness, {
        cursorBuilder: caretElement,
        selectionBuilder: (user: CaretUser) => ({
          class: "prose-selection",
          style: `--who: ${caretColour(user)}`,
        }),
      }),
    ],
  });
}

/** Up and Down where there is no further line leave the cell, and Escape always does. */
function leaving(onLeave: ProseEditorOptions["onLeave"], onEscape: () => void): Extension {
  return Extension.create({
    name: "leaving",
    addKeyboardShortcuts() {
      const leave = (direction: "up" | "down"): boolean => {
        const { selection, doc } = this.editor.state;
        if (!selection.empty || !this.editor.view.endOfTextblock(direction)) return false;
        const atEdge =
          direction === "up" ? selection.$from.index(0) === 0 : selection.$to.index(0) === doc.childCount - 1;
        if (atEdge) onLeave(direction);
        return atEdge;
      };
      // ProseMirror takes Escape for itself otherwise.
      const escape = (): boolean => {
        onEscape();
        return true;
      };
      return { ArrowUp: () => leave("up"), ArrowDown: () => leave("down"), Escape: escape };
    },
  });
}

/** The text without marks, a line for each block; up to a place of the document. */
function plainText(doc: ProseNode, to = doc.content.size): string {
  return doc.textBetween(0, to, "\n", "\n");
}

/** The place that so much of the plain text stands before. */
function placeOf(doc: ProseNode, offset: number): number {
  let low = 0;
  let high = doc.content.size;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (plainText(doc, middle).length < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

const attributes = (label: string): Record<string, string> => ({
  role: "textbox",
  "aria-multiline": "true",
  "aria-label": label,
  class: "prose",
});

export function createProseEditor(options: ProseEditorOptions): ProseEditor {
  const editor = new Editor({
    element: options.parent,
    editable: options.editable,
    injectCSS: false,
    editorProps: { attributes: attributes(options.label) },
    extensions: [
      StarterKit.configure({
        code: false,
        underline: false,
        undoRedo: false,
        // It would write an empty paragraph into every notebook that is looked at.
        trailingNode: false,
        link: false,
      }),
      PlainLink.configure({
        autolink: false,
        openOnClick: "whenNotEditable",
        HTMLAttributes: { target: null, rel: null, class: null },
      }),
      Code,
      SourceMark,
      ShownAddresses,
      ...(options.attachments === undefined
        ? []
        : [ShownAttachments.configure({ attachments: options.attachments })]),
      Collaboration.configure({ fragment: options.fragment }),
      carets(options.awareness),
      ProseComposition,
      leaving(options.onLeave, options.onEscape),
      Placeholder.configure({ placeholder: options.placeholder }),
    ],
  });
  return {
    focus: (at) => {
      // Not Tiptap's focus command, which waits a frame: what is typed meanwhile would be lost.
      const { doc } = editor.state;
      const text = plainText(doc);
      const offset = typeof at === "object" ? carryCaret(at, text) : undefined;
      const place = offset === undefined ? undefined : placeOf(doc, offset);
      editor.commands.setTextSelection(place ?? (at === "end" ? doc.content.size : 0));
      editor.view.focus();
      const spaces =
        typeof at === "object" && offset !== undefined ? missingSpaces(at, { text, offset }) : "";
      if (spaces !== "" && editor.isEditable) editor.view.dispatch(editor.state.tr.insertText(spaces));
    },
    get caret() {
      if (!editor.view.hasFocus()) return undefined;
      const { doc, selection } = editor.state;
      return { text: plainText(doc), offset: plainText(doc, selection.head).length };
    },
    get empty() {
      return editor.isEmpty;
    },
    markdown: (original) =>
      printFragment(
        prosemirrorToYXmlFragment(editor.state.doc, new Y.Doc().getXmlFragment("prose")),
        original,
      ),
    setEditable: (editable) => {
      if (!editable) endComposition(editor);
      editor.setEditable(editable, false);
    },
    setLabel: (label) => editor.setOptions({ editorProps: { attributes: attributes(label) } }),
    dispose: () => {
      endComposition(editor);
      editor.destroy();
    },
  };
}
