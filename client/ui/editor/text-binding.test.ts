// The binding between an editor's model and a Y.Text, on an in-memory model and real Yjs documents.

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import {
  TextBinding,
  type Caret,
  type ModelChange,
  type ModelRange,
  type TextModel,
} from "./text-binding.ts";

/** Behaves as Monaco's model does: LF only, edits refer to the text before all of them. */
class MemoryModel implements TextModel {
  #value = "";
  readonly #listeners = new Set<(event: { changes: readonly ModelChange[] }) => void>();

  getValue(): string {
    return this.#value;
  }
  getValueLength(): number {
    return this.#value.length;
  }
  setValue(text: string): void {
    const clean = text.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n");
    const change = { rangeOffset: 0, rangeLength: this.#value.length, text: clean };
    this.#value = clean;
    this.#emit([change]);
  }
  getPositionAt(offset: number): { lineNumber: number; column: number } {
    const before = this.#value.slice(0, offset).split("\n");
    return { lineNumber: before.length, column: (before.at(-1) ?? "").length + 1 };
  }
  #offsetAt(line: number, column: number): number {
    const lines = this.#value.split("\n").slice(0, line - 1);
    return lines.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  }
  applyEdits(edits: { range: ModelRange; text: string }[]): void {
    this.edit(
      ...edits.map(({ range, text }) => {
        const start = this.#offsetAt(range.startLineNumber, range.startColumn);
        const end = this.#offsetAt(range.endLineNumber, range.endColumn);
        return { rangeOffset: start, rangeLength: end - start, text };
      }),
    );
  }
  /** As a person's keys do, at one or several carets; offsets refer to the text before. */
  edit(...changes: ModelChange[]): void {
    // Stable: at one offset the first edit ends up first in the text.
    const fromEnd = changes.map((change, index) => ({ change, index }));
    fromEnd.sort((a, b) => b.change.rangeOffset - a.change.rangeOffset || b.index - a.index);
    for (const { change } of fromEnd)
      this.#value =
        this.#value.slice(0, change.rangeOffset) +
        change.text +
        this.#value.slice(change.rangeOffset + change.rangeLength);
    this.#emit(fromEnd.map(({ change }) => change));
  }
  onDidChangeContent(listener: (event: { changes: readonly ModelChange[] }) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }
  #emit(changes: readonly ModelChange[]): void {
    for (const listener of this.#listeners) listener({ changes });
  }
}

function textOf(content: string): Y.Text {
  const text = new Y.Doc().getText("text");
  text.insert(0, content);
  return text;
}

describe("TextBinding", () => {
  it("shows the text, carries changes of either side to the other", () => {
    const text = textOf("one\ntwo\n");
    const model = new MemoryModel();
    const binding = new TextBinding({ text, model });
    expect(model.getValue()).toBe("one\ntwo\n");
    model.edit({ rangeOffset: 3, rangeLength: 0, text: "!" });
    expect(text.toJSON()).toBe("one!\ntwo\n");
    text.doc?.transact(() => {
      text.delete(0, 3);
      text.insert(0, "1");
      text.insert(text.length, "three");
    });
    expect(model.getValue()).toBe("1!\ntwo\nthree");
    binding.dispose();
    text.insert(0, "later ");
    expect(model.getValue()).toBe("1!\ntwo\nthree");
  });

  it("makes one transaction of an edit at several carets", () => {
    const text = textOf("a\na\na\n");
    const model = new MemoryModel();
    using(new TextBinding({ text, model }), () => {
      let transactions = 0;
      text.observe(() => transactions++);
      model.edit(
        { rangeOffset: 0, rangeLength: 1, text: "bb" },
        { rangeOffset: 2, rangeLength: 1, text: "bb" },
        { rangeOffset: 4, rangeLength: 1, text: "bb" },
      );
      expect(text.toJSON()).toBe("bb\nbb\nbb\n");
      expect(transactions).toBe(1);
    });
  });

  it("undoes one's own changes and leaves the colleague's", () => {
    const text = textOf("");
    const model = new MemoryModel();
    const reverted: number[] = [];
    const onRevert = (offset: number): void => void reverted.push(offset);
    using(new TextBinding({ text, model, onRevert }), (binding) => {
      model.edit({ rangeOffset: 0, rangeLength: 0, text: "mine" });
      text.insert(4, " theirs");
      binding.undo();
      expect(model.getValue()).toBe(" theirs");
      expect(text.toJSON()).toBe(" theirs");
      binding.redo();
      expect(model.getValue()).toBe("mine theirs");
      expect(reverted).toEqual([0, 4]);
    });
  });

  it("shows, and refuses to edit, what the model cannot hold", () => {
    const text = textOf("one\rtwo\r\nthree");
    const model = new MemoryModel();
    using(new TextBinding({ text, model }), (binding) => {
      expect(model.getValue()).toBe("one\ntwo\nthree");
      expect(binding.mirrored).toBe(true);
      model.edit({ rangeOffset: 0, rangeLength: 0, text: "x" });
      expect(text.toJSON()).toBe("one\rtwo\r\nthree");
      expect(model.getValue()).toBe("one\ntwo\nthree");
      text.delete(0, text.length);
      text.insert(0, "clean");
      expect(binding.mirrored).toBe(false);
    });
  });

  it("keeps model and text equal whatever two people do", () => {
    const step = fc.record({
      side: fc.constantFrom("model", "text"),
      at: fc.nat(1000),
      length: fc.nat(6),
      insert: fc.stringMatching(/^[abé\n]{0,6}$/u),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const text = textOf("start\nhere\n");
        const model = new MemoryModel();
        using(new TextBinding({ text, model }), () => {
          for (const { side, at, length, insert } of steps) {
            const offset = at % (text.length + 1);
            const count = Math.min(length, text.length - offset);
            if (side === "model") model.edit({ rangeOffset: offset, rangeLength: count, text: insert });
            else
              text.doc?.transact(() => {
                text.delete(offset, count);
                text.insert(offset, insert);
              });
            expect(model.getValue()).toBe(text.toJSON());
          }
        });
      }),
    );
  });
});

describe("TextBinding and carets", () => {
  it("[ED-4] leaves them behind what stands before them, and selections as they are", () => {
    const text = textOf("abcdef");
    const model = new MemoryModel();
    let carets: readonly Caret[] = [
      { first: 2, last: 2 },
      { first: 3, last: 5 },
    ];
    const options = { read: () => carets, write: (moved: readonly Caret[]) => (carets = moved) };
    using(new TextBinding({ text, model, carets: options }), () => {
      text.insert(2, "X");
      expect(carets).toEqual([
        { first: 2, last: 2 },
        { first: 4, last: 6 },
      ]);
      text.insert(6, "Y");
      text.insert(4, "Z");
      expect(text.toJSON()).toBe("abXcZdeYf");
      expect(carets).toEqual([
        { first: 2, last: 2 },
        { first: 5, last: 7 },
      ]);
      text.delete(0, 6);
      expect(carets).toEqual([
        { first: 0, last: 0 },
        { first: 0, last: 1 },
      ]);
    });
  });
});

describe("TextBinding while an input method composes", () => {
  it("[ED-1] shows nothing of others until the release, and loses nothing of either", () => {
    const text = textOf("x = 1");
    const model = new MemoryModel();
    using(new TextBinding({ text, model }), (binding) => {
      binding.hold();
      model.edit({ rangeOffset: 5, rangeLength: 0, text: "に" });
      text.insert(0, "YOU ");
      model.edit({ rangeOffset: 5, rangeLength: 1, text: "にほ" });
      expect(model.getValue()).toBe("x = 1にほ");
      expect(text.toJSON()).toBe("YOU x = 1にほ");
      text.delete(6, 2);
      model.edit({ rangeOffset: 5, rangeLength: 2, text: "日本" });
      expect(model.getValue()).toBe("x = 1日本");
      binding.release();
      expect(model.getValue()).toBe("YOU x 1日本");
      expect(text.toJSON()).toBe("YOU x 1日本");
    });
  });

  it("[ED-2] keeps what others put inside, and takes, of what is being composed", () => {
    const text = textOf("ab");
    const model = new MemoryModel();
    using(new TextBinding({ text, model }), (binding) => {
      binding.hold();
      model.edit({ rangeOffset: 1, rangeLength: 0, text: "にほん" });
      text.insert(2, "!");
      text.delete(3, 1);
      expect(text.toJSON()).toBe("aに!んb");
      model.edit({ rangeOffset: 1, rangeLength: 3, text: "日本" });
      expect(text.toJSON()).toBe("a日本!b");
      binding.release();
      expect(model.getValue()).toBe("a日本!b");
    });
  });

  it("translates places", () => {
    const text = textOf("one two");
    const model = new MemoryModel();
    using(new TextBinding({ text, model }), (binding) => {
      expect([binding.toText(3), binding.toModel(3)]).toEqual([3, 3]);
      binding.hold();
      text.insert(0, "zero ");
      text.delete(8, 1);
      expect(text.toJSON()).toBe("zero onetwo");
      expect([1, 3, 4, 7].map((offset) => binding.toText(offset))).toEqual([6, 8, 8, 11]);
      expect([6, 8, 9, 11].map((index) => binding.toModel(index))).toEqual([1, 3, 5, 7]);
    });
  });

  it("undoes what was composed, not what came meanwhile", () => {
    const text = textOf("");
    const model = new MemoryModel();
    using(new TextBinding({ text, model }), (binding) => {
      binding.hold();
      model.edit({ rangeOffset: 0, rangeLength: 0, text: "日本" });
      text.insert(0, "theirs ");
      binding.undo();
      expect(model.getValue()).toBe("theirs ");
    });
  });

  it("[ED-2] ends with the text in the model whatever happens: two replicas, holds at random", () => {
    const step = fc.record({
      does: fc.constantFrom("type", "type", "colleague", "colleague", "hold", "release", "undo"),
      at: fc.nat(1000),
      length: fc.nat(6),
      insert: fc.stringMatching(/^[abé日\n]{0,6}$/u),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, late) => {
        const text = textOf("start\nhere\n");
        const { doc } = text;
        if (doc === null) throw new Error("invariant violation: a text without a document");
        const other = new Y.Doc();
        const theirs = other.getText("text");
        const exchange = (): void => {
          Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), "colleague");
          Y.applyUpdate(other, Y.encodeStateAsUpdate(doc), "here");
        };
        exchange();
        const model = new MemoryModel();
        using(new TextBinding({ text, model }), (binding) => {
          let held = false;
          for (const { does, at, length, insert } of steps) {
            if (does === "hold") binding.hold();
            else if (does === "release") binding.release();
            else if (does === "undo") binding.undo();
            held = does === "hold" || (held && does !== "release" && does !== "undo");
            if (does === "type") {
              const before = model.getValue();
              const offset = at % (before.length + 1);
              const count = Math.min(length, before.length - offset);
              model.edit({ rangeOffset: offset, rangeLength: count, text: insert });
              // What is typed stands in the editor as it was typed, held or not.
              expect(model.getValue()).toBe(before.slice(0, offset) + insert + before.slice(offset + count));
              expect(text.toJSON()).toContain(insert);
            }
            if (does === "colleague") {
              const before = model.getValue();
              const offset = at % (theirs.length + 1);
              other.transact(() => {
                theirs.delete(offset, Math.min(length, theirs.length - offset));
                theirs.insert(offset, insert);
              });
              if (!late) exchange();
              if (held) expect(model.getValue()).toBe(before);
            }
            if (!held) expect(model.getValue()).toBe(text.toJSON());
            for (let offset = 0; offset <= model.getValueLength(); offset++)
              expect(binding.toText(offset)).toBeLessThanOrEqual(text.length);
          }
          exchange();
          binding.release();
          expect(model.getValue()).toBe(text.toJSON());
          expect(theirs.toJSON()).toBe(text.toJSON());
        });
      }),
      { numRuns: 400 },
    );
  });
});

function using(binding: TextBinding, use: (binding: TextBinding) => void): void {
  try {
    use(binding);
  } finally {
    binding.dispose();
  }
}
