// What somebody goes on to type into a text file that has become bytes: it is typed into a copy of the text, and put
// into the file when that is text again, or kept as a file of its own.

import * as Y from "yjs";
import { applyToText } from "#core/text/shared-text.ts";
import { mergeText } from "#core/text/merge.ts";
import { diffText } from "#core/text/diff.ts";

export class TypedAside {
  /** Nobody else's. */
  readonly text: Y.Text;
  readonly #base: string;

  /** `base`: the text as it was when the file became bytes. */
  constructor(base: string) {
    this.text = new Y.Doc().getText("text");
    this.text.insert(0, base);
    this.#base = base;
  }

  /** Something was typed that is nowhere else. */
  get typed(): boolean {
    return this.text.toJSON() !== this.#base;
  }

  /** Puts what was typed into the text that the file is now. */
  mergeInto(text: Y.Text): void {
    if (!this.typed) return;
    const now = text.toJSON();
    const merged = mergeText(this.#base, this.text.toJSON(), now);
    text.doc?.transact(() => applyToText(text, diffText(now, merged)));
  }
}

/** "a.txt" as "a (typed).txt", or with a number where that is taken. */
export function asideName(name: string, taken: (name: string) => boolean): string {
  const dot = name.lastIndexOf(".");
  const [stem, suffix] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let count = 1; ; count++) {
    const made = `${stem} (typed${count === 1 ? "" : ` ${count}`})${suffix}`;
    if (!taken(made)) return made;
  }
}
