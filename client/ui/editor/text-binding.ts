// Keeps a text model of the editor and a shared Y.Text equal, as deltas both ways, with undo of one's own changes only.
// Knows no Monaco: the model is the small interface below, which Monaco's ITextModel satisfies.

import * as Y from "yjs";

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

export interface TextBindingOptions {
  readonly text: Y.Text;
  readonly model: TextModel;
  /** Where an undo or redo has just changed the text. */
  readonly onRevert?: (offset: number) => void;
}

type Delta = Y.YTextEvent["delta"];

export class TextBinding {
  readonly #text: Y.Text;
  readonly #model: TextModel;
  readonly #undo: Y.UndoManager;
  readonly #onRevert: ((offset: number) => void) | undefined;
  readonly #observer: (event: Y.YTextEvent, transaction: Y.Transaction) => void;
  readonly #subscription: { dispose(): void };
  /** True while we change the model ourselves: its events are then no input. */
  #applying = false;
  #mirrored = false;

  constructor(options: TextBindingOptions) {
    this.#text = options.text;
    this.#model = options.model;
    this.#onRevert = options.onRevert;
    this.#undo = new Y.UndoManager(this.#text, { trackedOrigins: new Set([this]) });
    this.#replaceAll();
    this.#subscription = this.#model.onDidChangeContent((event) => this.#local(event.changes));
    this.#observer = (event, transaction) => {
      if (transaction.origin === this) return;
      this.#remote(event.delta, transaction.origin === this.#undo);
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

  undo(): void {
    this.#undo.undo();
  }

  redo(): void {
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
      for (const change of ordered) {
        if (change.rangeLength > 0) this.#text.delete(change.rangeOffset, change.rangeLength);
        if (change.text !== "") this.#text.insert(change.rangeOffset, change.text);
      }
    }, this);
    this.#check();
  }

  #remote(delta: Delta, reverted: boolean): void {
    if (this.#mirrored) {
      this.#replaceAll();
      return;
    }
    // Offsets of a delta that refer to the text before the change, as the editor's edits do.
    const edits: { range: ModelRange; text: string }[] = [];
    let offset = 0;
    let shift = 0;
    let lastChange = 0;
    for (const part of delta) {
      if (part.retain !== undefined) offset += part.retain;
      else if (typeof part.insert === "string") {
        edits.push({ range: this.#range(offset, 0), text: part.insert });
        shift += part.insert.length;
        lastChange = offset + shift;
      } else if (part.delete !== undefined) {
        edits.push({ range: this.#range(offset, part.delete), text: "" });
        offset += part.delete;
        shift -= part.delete;
        lastChange = offset + shift;
      }
    }
    this.#apply(() => this.#model.applyEdits(edits));
    this.#check();
    if (reverted) this.#onRevert?.(lastChange);
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
    if (this.#model.getValue() !== value) this.#apply(() => this.#model.setValue(value));
    this.#mirrored = this.#model.getValueLength() !== value.length;
  }
}
