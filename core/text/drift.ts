// Follows where the parts of a text are while it is edited further, and carries edits of the text as it was over those
// later edits. core/project/SPEC.md section 4.

import type { TextEdit } from "./diff.ts";

/** A run of the base that is still in the text: `length` units from `base` now stand at `now`. */
interface Kept {
  readonly base: number;
  readonly now: number;
  readonly length: number;
}

/** Where the parts of a base text are after further edits of it. */
export class Drift {
  #kept: readonly Kept[];
  #length: number;

  constructor(length: number) {
    this.#length = length;
    this.#kept = length > 0 ? [{ base: 0, now: 0, length }] : [];
  }

  /** Where the parts are now, to be followed apart from this one. */
  copy(): Drift {
    const copy = new Drift(this.#length);
    copy.#kept = this.#kept;
    return copy;
  }

  /**
   * Where the parts are of what a writer made of the base with these edits, once they are in the text: this drift then
   * has taken in `carried`, which are the edits in terms of the text before.
   */
  ofWritten(edits: readonly TextEdit[], carried: readonly TextEdit[]): Drift {
    const kept: Kept[] = [];
    let shift = 0;
    let from = 0;
    const keepUpTo = (to: number): void => {
      for (const run of this.#kept) {
        const start = Math.max(run.base, from);
        const end = Math.min(run.base + run.length, to);
        if (start < end)
          kept.push({ base: start + shift, now: run.now + start - run.base, length: end - start });
      }
    };
    const inserted = carried[Symbol.iterator]();
    let grown = 0;
    for (const { at, remove, insert } of edits) {
      keepUpTo(at);
      from = at + remove;
      if (insert !== "") {
        // Each insertion is carried once, whatever becomes of what it replaces.
        for (let next = inserted.next(); next.done !== true; next = inserted.next()) {
          const { at: place, remove: gone, insert: text } = next.value;
          if (text !== "") kept.push({ base: at + shift, now: place + grown, length: text.length });
          grown += text.length - gone;
          if (text !== "") break;
        }
      }
      shift += insert.length - remove;
    }
    keepUpTo(Number.POSITIVE_INFINITY);
    const drift = new Drift(0);
    drift.#length = this.#length;
    drift.#kept = kept;
    return drift;
  }

  /** Of the base and what its knower has added to the end, where that is the end of the text now. */
  withEnd(baseLength: number, added: number): Drift {
    const drift = this.copy();
    drift.#kept = [...this.#kept, { base: baseLength, now: this.#length - added, length: added }];
    return drift;
  }

  /** Takes in edits in terms of the text as it is now. */
  add(edits: readonly TextEdit[]): void {
    for (const edit of edits.toReversed()) this.#addOne(edit.at, edit.remove, edit.insert.length);
  }

  #addOne(at: number, remove: number, insert: number): void {
    const end = at + remove;
    const shift = insert - remove;
    const kept: Kept[] = [];
    for (const run of this.#kept) {
      const before = Math.min(run.length, Math.max(0, at - run.now));
      const after = Math.min(run.length, Math.max(0, run.now + run.length - end));
      if (before === run.length) kept.push(run);
      else {
        if (before > 0) kept.push({ base: run.base, now: run.now, length: before });
        const skip = run.length - after;
        if (after > 0) kept.push({ base: run.base + skip, now: run.now + skip + shift, length: after });
      }
    }
    this.#kept = kept;
    this.#length += shift;
  }

  /**
   * The same edits in terms of the text as it is now. What somebody inserted inside a removed part stays; an
   * insertion goes before the next unit of the base that is still there, so after what was inserted at the same place.
   */
  carry(edits: readonly TextEdit[]): TextEdit[] {
    const carried: TextEdit[] = [];
    let index = 0;
    for (const edit of edits) {
      const end = edit.at + edit.remove;
      let run = this.#kept[index];
      while (run !== undefined && run.base + run.length <= edit.at) run = this.#kept[++index];
      const removals: TextEdit[] = [];
      for (let next = index; run !== undefined && run.base < end; run = this.#kept[++next]) {
        const from = Math.max(run.base, edit.at);
        const to = Math.min(run.base + run.length, end);
        removals.push({ at: run.now + from - run.base, remove: to - from, insert: "" });
      }
      const [first, ...others] = removals;
      if (first !== undefined) carried.push({ ...first, insert: edit.insert }, ...others);
      else if (edit.insert !== "")
        carried.push({ at: this.#placeOf(index, edit.at), remove: 0, insert: edit.insert });
    }
    return carried;
  }

  #placeOf(index: number, at: number): number {
    const run = this.#kept[index];
    if (run === undefined) return this.#length;
    return run.base >= at ? run.now : run.now + at - run.base;
  }
}

/** A text as somebody knows it, and where its parts are in the text as it is now. */
export interface TextVersion {
  readonly text: string;
  readonly drift: Drift;
}
