// Pieces of Markdown that the prose editor has no form for, formulas first of all: shown as they are written, and
// never rewritten. Also what makes a typed or pasted formula one.

import { Extension, InputRule, Mark, PasteRule } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import type { Node } from "@tiptap/pm/model";

/** Pandoc's rule, at the end of what was typed: no space inside the dollars. */
const typedFormula = /(?<![\\$\w])(\$\$?)(?![\s$])((?:\\.|[^$\\])*?[^\s$\\]|(?:\\.|[^$\\])*\\.)\1$/;
const pastedFormula =
  /(?<![\\$\w])(\$\$?)(?![\s$])((?:\\.|[^$\\\n])*?[^\s$\\]|(?:\\.|[^$\\\n])*\\.)\1(?!\d)/g;

/** `\\(x\\)`; a backslash before it makes it text. */
const typedParentheses = /(?<!\\)\\\((?!\s*\\\))[^\\]*(?:\\[^)][^\\]*)*\\\)$/;
const pastedParentheses = /(?<!\\)\\\((?!\s*\\\))[^\\\n]*(?:\\[^)\n][^\\\n]*)*\\\)/g;

export const SourceMark = Mark.create({
  name: "source",
  excludes: "source code",
  code: true,
  inclusive: false,
  parseHTML: () => [{ tag: "span[data-source]" }],
  renderHTML: () => ["span", { "data-source": "", class: "prose-source", spellcheck: "false" }, 0],
  addInputRules() {
    return [typedFormula, typedParentheses].map(
      (find) =>
        new InputRule({
          find,
          handler: ({ state, range, match }) => {
            const { tr } = state;
            // What was typed last is not in the document yet.
            tr.insertText(match[0].slice(-1), range.to);
            tr.addMark(range.from, range.to + 1, this.type.create());
            tr.removeStoredMark(this.type);
          },
        }),
    );
  },
  addPasteRules() {
    return [pastedFormula, pastedParentheses].map(
      (find) =>
        new PasteRule({
          find,
          handler: ({ state, range }) => {
            state.tr.addMark(range.from, range.to, this.type.create());
          },
        }),
    );
  },
});

/** Addresses that stand in the text are text, and links to whoever reads it. */
const address = /\bhttps?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}*_~]/g;

export const ShownAddresses = Extension.create({
  name: "shownAddresses",
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet>({
      state: {
        init: (_, { doc }) => addressesIn(doc),
        apply: (transaction, shown) => (transaction.docChanged ? addressesIn(transaction.doc) : shown),
      },
      props: {
        decorations(state) {
          return this.getState(state);
        },
      },
    }),
  ],
});

function addressesIn(doc: Node): DecorationSet {
  const found: Decoration[] = [];
  doc.descendants((node, position, parent) => {
    const { text, marks } = node;
    if (text === undefined || parent?.type.spec.code === true) return;
    if (marks.some(({ type }) => type.name === "link" || type.spec.code === true)) return;
    for (const match of text.matchAll(address)) {
      const from = position + match.index;
      const attributes = { nodeName: "a", href: match[0], rel: "noopener noreferrer" };
      found.push(Decoration.inline(from, from + match[0].length, attributes));
    }
  });
  return DecorationSet.create(doc, found);
}

/** A picture that came with the cell, in Markdown. */
const attached = /!\[((?:\\.|[^\]\\])*)\]\(\s*<?attachment:([^\s)>"]+)/g;

interface AttachmentOptions {
  readonly attachments: Promise<ReadonlyMap<string, string>>;
}

/** Shows a picture behind the text that names it. */
export const ShownAttachments = Extension.create<AttachmentOptions>({
  name: "shownAttachments",
  addProseMirrorPlugins() {
    const key = new PluginKey<ReadonlyMap<string, string>>("shownAttachments");
    const { attachments } = this.options;
    return [
      new Plugin<ReadonlyMap<string, string>>({
        key,
        state: {
          init: () => new Map(),
          apply: (transaction, known) => {
            const loaded: unknown = transaction.getMeta(key);
            return loaded instanceof Map ? loaded : known;
          },
        },
        view: (view) => {
          void attachments.then(
            (loaded) => {
              if (!view.isDestroyed) view.dispatch(view.state.tr.setMeta(key, loaded));
            },
            // Without them the text says what belongs there.
            () => undefined,
          );
          return {};
        },
        props: {
          decorations: (state) => picturesIn(state.doc, key.getState(state) ?? new Map()),
        },
      }),
    ];
  },
});

function picturesIn(doc: Node, attachments: ReadonlyMap<string, string>): DecorationSet {
  const found: Decoration[] = [];
  if (attachments.size === 0) return DecorationSet.empty;
  doc.descendants((node, position) => {
    for (const match of node.text?.matchAll(attached) ?? []) {
      const [whole, alt = "", name = ""] = match;
      const address = attachments.get(name) ?? attachments.get(decodedName(name));
      if (address === undefined) continue;
      const end = position + match.index + whole.length + 1;
      found.push(
        Decoration.widget(Math.min(end, position + node.nodeSize), () => picture(address, alt), {
          key: `${name} ${alt}`,
          side: 1,
        }),
      );
    }
  });
  return DecorationSet.create(doc, found);
}

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function picture(address: string, alt: string): HTMLElement {
  const image = document.createElement("img");
  image.className = "prose-picture";
  image.src = address;
  image.alt = alt;
  image.contentEditable = "false";
  return image;
}
