// While an input method composes in a prose cell, nothing but its own input changes the editor: it loses its place
// otherwise. What others do stays in the shared fragment, and is merged with what was composed at the end.

import { Extension, type Editor } from "@tiptap/core";
import type { Node as ProseNode } from "@tiptap/pm/model";
import { Plugin, Selection } from "@tiptap/pm/state";
import { StepMap } from "@tiptap/pm/transform";
import type { EditorView } from "@tiptap/pm/view";
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  yCursorPluginKey,
  ySyncPluginKey,
} from "@tiptap/y-tiptap";
import * as Y from "yjs";
import { HeldEdits } from "#ui/kit/held-edits.ts";

/** ms. ProseMirror reads the document for 20 ms after a composition: until then it is not over. */
const settleTime = 50;

/** What we use of y-tiptap's binding between the editor and the fragment. */
interface Binding {
  readonly type: Y.XmlFragment;
  readonly doc: Y.Doc;
  readonly mapping: Map<Y.AbstractType<unknown>, ProseNode | ProseNode[]>;
  /** Both directions pass through it. */
  mux: (work: () => void, otherwise?: () => void) => void;
  readonly beforeAllTransactions: () => void;
  beforeTransactionSelection: unknown;
  _forceRerender(): void;
}

/** The run of text that is composed in, and what others did to it. */
interface Run {
  readonly text: Y.XmlText;
  /** Where it begins in the editor's document. */
  readonly start: number;
  readonly length: number;
  readonly held: HeldEdits;
}

/** The part of a document that differs from another. */
interface Difference {
  readonly from: number;
  readonly end: number;
  readonly newEnd: number;
}

function difference(before: ProseNode, after: ProseNode): Difference | undefined {
  const from = before.content.findDiffStart(after.content);
  const ends = before.content.findDiffEnd(after.content);
  if (from === null || ends === null) return undefined;
  // Where the same text stands on both sides of a change, the two searches overlap.
  const overlap = Math.max(0, from - Math.min(ends.a, ends.b));
  return { from, end: ends.a + overlap, newEnd: ends.b + overlap };
}

/** Whole blocks that were taken out, as the difference; undefined where anything else was done. */
function removedBlocks(before: ProseNode, after: ProseNode): Difference | undefined {
  let first = 0;
  while (first < after.childCount && before.maybeChild(first)?.eq(after.child(first)) === true) first++;
  let last = 0;
  while (
    last < after.childCount - first &&
    before.maybeChild(before.childCount - 1 - last)?.eq(after.child(after.childCount - 1 - last)) === true
  )
    last++;
  if (first + last < after.childCount || before.childCount <= after.childCount) return undefined;
  const sizeOf = (from: number, to: number): number => {
    let size = 0;
    for (let index = from; index < to; index++) size += before.child(index).nodeSize;
    return size;
  };
  const from = sizeOf(0, first);
  return { from, end: from + sizeOf(first, before.childCount - last), newEnd: from };
}

class Composition {
  readonly #view: EditorView;
  readonly #binding: Binding;
  readonly #mux: Binding["mux"];
  readonly #base: ProseNode;
  readonly #run: Run | undefined;
  readonly #onFragment: (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]) => void;
  #changed = false;

  constructor(view: EditorView, binding: Binding) {
    this.#view = view;
    this.#binding = binding;
    this.#base = view.state.doc;
    this.#run = this.#findRun();
    this.#mux = binding.mux;
    binding.mux = () => undefined;
    binding.doc.off("beforeAllTransactions", binding.beforeAllTransactions);
    // Undo and carets find no binding meanwhile: the editor's places are not the fragment's.
    view.dispatch(view.state.tr.setMeta(ySyncPluginKey, { binding: null }));
    this.#onFragment = (events) => {
      this.#changed = true;
      for (const event of events)
        if (event instanceof Y.YTextEvent && event.target === this.#run?.text)
          this.#run.held.remote(event.delta);
    };
    binding.type.observeDeep(this.#listener);
  }

  /** Yjs types events as of any type of content. */
  get #listener(): Parameters<Y.XmlFragment["observeDeep"]>[0] {
    return this.#onFragment as Parameters<Y.XmlFragment["observeDeep"]>[0];
  }

  end(): void {
    const { doc, type } = this.#binding;
    type.unobserveDeep(this.#listener);
    doc.on("beforeAllTransactions", this.#binding.beforeAllTransactions);
    const mine = this.#view.state.doc;
    const change = difference(this.#base, mine);
    if (!this.#changed) {
      // The editor is ahead, and the binding takes in what was composed.
      this.#binding.mux = this.#mux;
      this.#view.dispatch(this.#view.state.tr.setMeta(ySyncPluginKey, { binding: this.#binding }));
    } else if (change === undefined) this.#showFragment();
    else if (!this.#writeRun(change, mine)) this.#rebase(change, mine);
  }

  /** The run of text that the caret is in; undefined in an empty paragraph, and where several are selected. */
  #findRun(): Run | undefined {
    const { type, doc, mapping } = this.#binding;
    const { from, to } = this.#view.state.selection;
    const places = [from, to].map((at) =>
      Y.createAbsolutePositionFromRelativePosition(
        absolutePositionToRelativePosition(at, type, mapping),
        doc,
      ),
    );
    const [first, last] = places;
    if (!(first?.type instanceof Y.XmlText) || first.type !== last?.type) return undefined;
    const { length } = first.type;
    return { text: first.type, start: from - first.index, length, held: new HeldEdits(length) };
  }

  /** What was composed inside one run of text goes to exactly its place there. False where it is not of that kind. */
  #writeRun({ from, end, newEnd }: Difference, mine: ProseNode): boolean {
    const run = this.#run;
    if (run === undefined || isGone(run.text._item)) return false;
    const { start, length, held, text } = run;
    const insert = mine.textBetween(from, newEnd, "\n", "\uFFFC");
    if (from < start || end > start + length || insert.length !== newEnd - from) return false;
    // What stood before it is gone: deleted, or in another paragraph, where it belongs then.
    if (from > start && !held.keepsBefore(from - start)) return false;
    const attributes = formatAt(mine, from, newEnd);
    this.#binding.doc.transact(() => {
      const edits = held.local({ at: from - start, remove: end - from, insert });
      for (const edit of edits.toReversed()) {
        if (edit.remove > 0) text.delete(edit.at, edit.remove);
        if (edit.insert !== "") text.insert(edit.at, edit.insert, attributes);
      }
    }, ySyncPluginKey);
    const caret = held.toText(Math.max(0, this.#view.state.selection.head - start));
    this.#showFragment(Y.createRelativePositionFromTypeIndex(text, Math.min(caret, text.length), -1));
    return true;
  }

  /** What was composed is put where its surroundings have gone; in a paragraph of its own if they are gone. */
  #rebase(change: Difference, mine: ProseNode): void {
    this.#showFragment();
    const view = this.#view;
    // Letter by letter, two neighbours that begin alike would be taken for one.
    const theirs = removedBlocks(this.#base, view.state.doc) ?? difference(this.#base, view.state.doc);
    const map =
      theirs === undefined
        ? StepMap.empty
        : new StepMap([theirs.from, theirs.end - theirs.from, theirs.newEnd - theirs.from]);
    const { tr, doc, schema } = view.state;
    const from = map.map(change.from, -1);
    const to = Math.max(from, map.map(change.end, 1));
    const slice = mine.slice(change.from, change.newEnd);
    const fits = doc.resolve(from).parent.inlineContent && doc.resolve(to).parent.inlineContent;
    const words = mine.textBetween(change.from, change.newEnd, "\n");
    if (fits || slice.openStart + slice.openEnd > 0 || words === "") tr.replaceRange(from, to, slice);
    else {
      const paragraph = schema.nodes["paragraph"]?.create(null, schema.text(words));
      if (paragraph !== undefined) tr.replaceWith(from, to, paragraph);
    }
    tr.setSelection(Selection.near(tr.doc.resolve(tr.mapping.map(to, 1)), -1));
    view.dispatch(tr);
  }

  /** Draws the fragment as it is now; the caret goes to that place of it. */
  #showFragment(caret?: Y.RelativePosition): void {
    const view = this.#view;
    const binding = this.#binding;
    binding.mux = this.#mux;
    // It puts the caret to the same offset, or nowhere: then we do.
    binding._forceRerender();
    if (caret === undefined) return;
    const at = relativePositionToAbsolutePosition(binding.doc, binding.type, caret, binding.mapping);
    if (at === null) return;
    const { tr } = view.state;
    view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(Math.min(at, tr.doc.content.size)), -1)));
  }
}

/** Somebody deleted it, or what it was in. */
function isGone(item: Y.Item | null): boolean {
  if (item === null) return false;
  return item.deleted || (item.parent instanceof Y.AbstractType && isGone(item.parent._item));
}

/** The marks of what stands there, as y-tiptap keeps them. */
function formatAt(doc: ProseNode, from: number, to: number): Record<string, object> {
  const format: Record<string, object> = {};
  doc.nodesBetween(from, to, (node) => {
    if (node.isText) for (const mark of node.marks) format[mark.type.name] ??= mark.attrs;
  });
  return format;
}

class Compositions {
  readonly #view: EditorView;
  #current: Composition | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
  }

  get open(): boolean {
    return this.#current !== undefined;
  }

  begin(): void {
    clearTimeout(this.#timer);
    if (this.#current !== undefined) return;
    const { binding } = ySyncPluginKey.getState(this.#view.state) as { readonly binding: Binding | null };
    if (binding !== null) this.#current = new Composition(this.#view, binding);
  }

  settle(): void {
    clearTimeout(this.#timer);
    if (this.open) this.#timer = setTimeout(() => this.end(), settleTime);
  }

  end(): void {
    clearTimeout(this.#timer);
    const current = this.#current;
    this.#current = undefined;
    current?.end();
  }
}

const running = new WeakMap<EditorView, Compositions>();

/** Ends a composition that is open: before the editor goes. */
export function endComposition(editor: Editor): void {
  running.get(editor.view)?.end();
}

/** Behind y-tiptap's extensions in the list. */
export const ProseComposition = Extension.create({
  name: "composition",
  addProseMirrorPlugins() {
    let compositions: Compositions | undefined;
    return [
      new Plugin({
        view: (view) => {
          compositions = new Compositions(view);
          running.set(view, compositions);
          return {};
        },
        // Colleagues' carets stand still meanwhile: drawing them anew parts the text that is composed in.
        filterTransaction: (tr) => compositions?.open !== true || tr.getMeta(yCursorPluginKey) === undefined,
        props: {
          handleDOMEvents: {
            compositionstart: () => compositions?.begin(),
            compositionend: () => compositions?.settle(),
            blur: () => compositions?.settle(),
          },
        },
      }),
    ];
  },
});
