// Keeps a text model of the editor and a shared Y.Text equal, as deltas both ways, with undo of one's own changes only.
// While the model is held (an input method composes in it), the text goes on and the model follows at the release.
// Knows no Monaco: the model is the small interface below, which Monaco's ITextModel satisfies.

import * as Y from "yjs";
import { HeldEdits, type Edit } from "#ui/kit/held-edits.ts";

export interface ModelRange {
  readonly startLineNumber: number;
  readonly startColumn: number;
  readonly endLineNumber: number;
  readonly endColumn: number;
}

export interface ModelChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Lines end with LF, so that its offsets are those of the Y.Text. */
export interface TextModel {
  getValue(): string;
  getValueLength(): number;
  setValue(text: string): void;
  getPositionAt(offset: number): { readonly lineNumber: number; readonly column: number };
  applyEdits(edits: { range: ModelRange; text: string }[]): void;
  onDidChangeContent(listener: (event: { readonly changes: readonly ModelChange[] }) => void): {
    dispose(): void;
  };
}

/** A caret, or a selection from its first to its last offset. */
export interface Caret {
  readonly first: number;
  readonly last: number;
}

/** An editor's carets as offsets of its model. */
export interface Carets {
  read(): readonly Caret[];
  /** In the order in which they were read. */
  write(carets: readonly Caret[]): void;
}

export interface TextBindingOptions {
  readonly text: Y.Text;
  readonly model: TextModel;
  /** The carets that edits of others move. */
  readonly carets?: Carets;
  /** Where an undo or redo has just changed the text. */
  readonly onRevert?: (offset: number) => void;
}

type Delta = Y.YTextEvent["delta"];

export class TextBinding {
  readonly #text: Y.Text;
  readonly #model: TextModel;
  readonly #undo: Y.UndoManager;
  readonly #carets: Carets | undefined;
  readonly #onRevert: ((offset: number) => void) | undefined;
  readonly #observer: (event: Y.YTextEvent, transaction: Y.Transaction) => void;
  readonly #subscription: { dispose(): void };
  /** True while we change the model ourselves: its events are then no input. */
  #applying = false;
  #mirrored = false;
  /** While the model is held: how it differs from the text. */
  #held: HeldEdits | undefined;

  constructor(options: TextBindingOptions) {
    this.#text = options.text;
    this.#model = options.model;
    this.#carets = options.carets;
    this.#onRevert = options.onRevert;
    this.#undo = new Y.UndoManager(this.#text, { trackedOrigins: new Set([this]) });
    this.#replaceAll();
    this.#subscription = this.#model.onDidChangeContent((event) => this.#local(event.changes));
    this.#observer = (event, transaction) => {
      if (transaction.origin === this) return;
      if (this.#held !== undefined) this.#held.remote(event.delta);
      else this.#remote(event.delta, transaction.origin === this.#undo);
    };
    this.#text.observe(this.#observer);
  }

  /**
   * The text holds what the model cannot (a lone CR, a BOM, written by a foreign client): it is shown,
   * and must not be edited here, because its offsets differ from ours.
   */
  get mirrored(): boolean {
    return this.#mirrored;
  }

  /**
   * From now on, nothing but the person's own input changes the model: an input method that composes loses its place
   * otherwise. The text takes the input at once; only what others do is shown later.
   */
  hold(): void {
    if (!this.#mirrored) this.#held ??= new HeldEdits(this.#text.length);
  }

  /** Shows what has happened to the text meanwhile. */
  release(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    const edits = held.release(this.#text.toJSON());
    this.#show(edits);
    this.#check();
  }

  /** Where a place of the model is in the text. */
  toText(offset: number): number {
    return this.#held?.toText(offset) ?? offset;
  }

  /** Where a place of the text is in the model. */
  toModel(index: number): number {
    return this.#held?.toShown(index) ?? index;
  }

  undo(): void {
    this.release();
    this.#undo.undo();
  }

  redo(): void {
    this.release();
    this.#undo.redo();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#text.unobserve(this.#observer);
    this.#undo.destroy();
  }

  #local(changes: readonly ModelChange[]): void {
    if (this.#applying) return;
    if (this.#mirrored) {
      this.#replaceAll();
      return;
    }
    // From the end, so that one change does not move the next one.
    const ordered = [...changes].sort((a, b) => b.rangeOffset - a.rangeOffset);
    this.#text.doc?.transact(() => {
      for (const { rangeOffset, rangeLength, text } of ordered) {
        const edit: Edit = { at: rangeOffset, remove: rangeLength, insert: text };
        for (const { at, remove, insert } of (this.#held?.local(edit) ?? [edit]).toReversed()) {
          if (remove > 0) this.#text.delete(at, remove);
          if (insert !== "") this.#text.insert(at, insert);
        }
      }
    }, this);
    if (this.#held === undefined) this.#check();
  }

  #remote(delta: Delta, reverted: boolean): void {
    if (this.#mirrored) {
      this.#replaceAll();
      return;
    }
    // Offsets of a delta that refer to the text before the change, as the editor's edits do.
    const edits: Edit[] = [];
    let offset = 0;
    let shift = 0;
    let lastChange = 0;
    for (const part of delta) {
      if (part.retain !== undefined) offset += part.retain;
      else if (typeof part.insert === "string") {
        edits.push({ at: offset, remove: 0, insert: part.insert });
        shift += part.insert.length;
        lastChange = offset + shift;
      } else if (part.delete !== undefined) {
        edits.push({ at: offset, remove: part.delete, insert: "" });
        offset += part.delete;
        shift -= part.delete;
        lastChange = offset + shift;
      }
    }
    this.#show(edits);
    this.#check();
    if (reverted) this.#onRevert?.(lastChange);
  }

  /** Changes the model as others have changed the text. Offsets refer to the model before all edits. */
  #show(edits: readonly Edit[]): void {
    if (edits.length === 0) return;
    const before = this.#carets?.read() ?? [];
    this.#apply(() =>
      this.#model.applyEdits(
        edits.map(({ at, remove, insert }) => ({ range: this.#range(at, remove), text: insert })),
      ),
    );
    // A caret stays behind what was typed there, and a selection does not grow: the next key would come behind
    // what a colleague has just put there, or replace it.
    this.#carets?.write(
      before.map(({ first, last }) =>
        first === last
          ? { first: carried(first, edits, "left"), last: carried(first, edits, "left") }
          : { first: carried(first, edits, "right"), last: carried(last, edits, "left") },
      ),
    );
  }

  #range(offset: number, length: number): ModelRange {
    const start = this.#model.getPositionAt(offset);
    const end = length === 0 ? start : this.#model.getPositionAt(offset + length);
    return {
      startLineNumber: start.lineNumber,
      startColumn: start.column,
      endLineNumber: end.lineNumber,
      endColumn: end.column,
    };
  }

  #apply(change: () => void): void {
    this.#applying = true;
    try {
      change();
    } finally {
      this.#applying = false;
    }
  }

  /** The Y.Text is the truth: where the model has come to differ, it is filled anew. */
  #check(): void {
    if (this.#model.getValueLength() !== this.#text.length) this.#replaceAll();
  }

  #replaceAll(): void {
    const value = this.#text.toJSON();
    const now = this.#model.getValue();
    if (now !== value) this.#apply(() => this.#fill(now, value));
    this.#mirrored = this.#model.getValueLength() !== value.length;
  }

  /** Changes what differs, so that caret and folds stay. */
  #fill(now: string, value: string): void {
    // Only as a whole does the model take a text in that it cannot hold as it is.
    if (now === "" || /[\r\uFEFF]/.test(value)) {
      this.#model.setValue(value);
      return;
    }
    const most = Math.min(now.length, value.length);
    let start = 0;
    while (start < most && now[start] === value[start]) start++;
    let end = 0;
    while (end < most - start && now.at(-1 - end) === value.at(-1 - end)) end++;
    const text = value.slice(start, value.length - end);
    this.#model.applyEdits([{ range: this.#range(start, now.length - start - end), text }]);
  }
}

/** Where an offset is after the edits; `side` says where an insertion at the offset itself leaves it. */
function carried(offset: number, edits: readonly Edit[], side: "left" | "right"): number {
  let to = offset;
  for (const { at, remove, insert } of edits) {
    if (at > offset || (at === offset && remove === 0 && side === "left")) break;
    to += insert.length - Math.min(remove, offset - at);
  }
  return to;
}
