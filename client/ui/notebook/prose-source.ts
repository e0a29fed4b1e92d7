// Pieces of Markdown that the prose editor has no form for, formulas first of all: shown as they are written, and
// never rewritten. Also what makes a typed or pasted formula one.

import { Extension, InputRule, Mark, PasteRule } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import type { Node } from "@tiptap/pm/model";

/** Pandoc's rule, at the end of what was typed: no space inside the dollars. */
const typedFormula = /(?<![\\$\w])(\$\$?)(?![\s$])((?:\\.|[^$\\])*?[^\s$\\]|(?:\\.|[^$\\])*\\.)\1$/;
const pastedFormula =
  /(?<![\\$\w])(\$\$?)(?![\s$])((?:\\.|[^$\\\n])*?[^\s$\\]|(?:\\.|[^$\\\n])*\\.)\1(?!\d)/g;

export const SourceMark = Mark.create({
  name: "source",
  excludes: "source code",
  code: true,
  inclusive: false,
  parseHTML: () => [{ tag: "span[data-source]" }],
  renderHTML: () => ["span", { "data-source": "", class: "prose-source", spellcheck: "false" }, 0],
  addInputRules() {
    return [
      new InputRule({
        find: typedFormula,
        handler: ({ state, range, match }) => {
          const { tr } = state;
          // What was typed last is not in the document yet.
          tr.insertText(match[0].slice(-1), range.to);
          tr.addMark(range.from, range.to + 1, this.type.create());
          tr.removeStoredMark(this.type);
        },
      }),
    ];
  },
  addPasteRules() {
    return [
      new PasteRule({
        find: pastedFormula,
        handler: ({ state, range }) => {
          state.tr.addMark(range.from, range.to, this.type.create());
        },
      }),
    ];
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
  doc.descendants((node, position) => {
    const { text } = node;
    if (text === undefined || node.marks.some(({ type }) => type.name === "link" || type.spec.code === true))
      return;
    for (const match of text.matchAll(address)) {
      const from = position + match.index;
      const attributes = { nodeName: "a", href: match[0], rel: "noopener noreferrer" };
      found.push(Decoration.inline(from, from + match[0].length, attributes));
    }
  });
  return DecorationSet.create(doc, found);
}
