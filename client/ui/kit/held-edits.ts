// What has happened to a shared text while the editor must not be touched: the parts of the text that the editor does
// not show yet, and the parts of the editor's content that are no longer in the text. Knows neither Monaco nor Yjs.

/** Retain, insert, delete, in terms of the text before all of them: a delta of Yjs. */
export interface DeltaPart {
  readonly retain?: number | undefined;
  readonly insert?: unknown;
  readonly delete?: number | undefined;
}

/** Removes `remove` units at `at`, and puts `insert` there. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

interface Part {
  /** "both": in the editor and in the text. "shown": in the editor only. "hidden": in the text only. */
  readonly where: "both" | "shown" | "hidden";
  readonly length: number;
}

/** Parts in order, without empty ones; like neighbours are one. */
class PartList {
  readonly parts: Part[] = [];

  add(where: Part["where"], length: number): void {
    const last = this.parts.at(-1);
    if (length <= 0) return;
    if (last?.where === where) this.parts[this.parts.length - 1] = { where, length: last.length + length };
    else this.parts.push({ where, length });
  }
}

export class HeldEdits {
  #parts: readonly Part[];

  /** `length`: of the editor's content and of the text, which are still the same. */
  constructor(length: number) {
    this.#parts = length > 0 ? [{ where: "both", length }] : [];
  }

  /** The editor shows the text as it is. */
  get empty(): boolean {
    return this.#parts.every(({ where }) => where === "both");
  }

  /** The text changed; the editor did not. */
  remote(delta: readonly DeltaPart[]): void {
    const next = new PartList();
    const rest = [...this.#parts];
    /** Passes over units of the text; what is shown only goes along. */
    const pass = (count: number, removed: boolean): void => {
      let left = count;
      while (left > 0) {
        const part = rest.shift();
        if (part === undefined) return;
        if (part.where === "shown") {
          next.add("shown", part.length);
          continue;
        }
        const length = Math.min(left, part.length);
        if (!removed) next.add(part.where, length);
        else if (part.where === "both") next.add("shown", length);
        if (length < part.length) rest.unshift({ where: part.where, length: part.length - length });
        left -= length;
      }
    };
    for (const { retain, insert, delete: removed } of delta) {
      if (retain !== undefined) pass(retain, false);
      else if (insert !== undefined) next.add("hidden", typeof insert === "string" ? insert.length : 1);
      else if (removed !== undefined) pass(removed, true);
    }
    for (const part of rest) next.add(part.where, part.length);
    this.#parts = next.parts;
  }

  /**
   * The editor's content changed: the same edits in terms of the text before them, in order. What others inserted
   * inside a removed part stays. An insertion keeps to what stands before it in the editor; one that replaces
   * something takes its place.
   */
  local({ at, remove, insert }: Edit): Edit[] {
    const next = new PartList();
    const edits: Edit[] = [];
    const end = at + remove;
    let shown = 0;
    let text = 0;
    let placed = insert === "";
    const place = (): void => {
      if (placed) return;
      placed = true;
      edits.push({ at: text, remove: 0, insert });
      next.add("both", insert.length);
    };
    for (const part of this.#parts) {
      if (part.where === "hidden") {
        if (remove === 0 && shown === at) place();
        next.add("hidden", part.length);
        text += part.length;
        continue;
      }
      const inText = part.where === "both";
      const before = Math.max(0, Math.min(part.length, at - shown));
      const after = Math.max(0, Math.min(part.length, shown + part.length - end));
      const removed = part.length - before - after;
      next.add(part.where, before);
      if (inText) text += before;
      // Where nothing is removed, at the end of what stands before; else where the first removed unit was.
      if (remove === 0 ? shown + before === at : removed > 0) place();
      if (inText && removed > 0) edits.push({ at: text, remove: removed, insert: "" });
      if (inText) text += removed + after;
      next.add(part.where, after);
      shown += part.length;
    }
    place();
    this.#parts = next.parts;
    return edits;
  }

  /** The unit before this place of the editor is still in the text. */
  keepsBefore(offset: number): boolean {
    let shown = 0;
    for (const { where, length } of this.#parts) {
      if (where === "hidden") continue;
      shown += length;
      if (shown >= offset) return where === "both";
    }
    return false;
  }

  /** What makes the editor's content the text, in terms of the content as it is. */
  release(text: string): Edit[] {
    const edits: Edit[] = [];
    let shown = 0;
    let from = 0;
    for (const { where, length } of this.#parts) {
      if (where === "hidden") edits.push({ at: shown, remove: 0, insert: text.slice(from, from + length) });
      if (where === "shown") edits.push({ at: shown, remove: length, insert: "" });
      if (where !== "hidden") shown += length;
      if (where !== "shown") from += length;
    }
    return edits;
  }

  /** Where a place of the editor is in the text. */
  toText(offset: number): number {
    return this.#translate(offset, "shown", "hidden");
  }

  /** Where a place of the text is in the editor. */
  toShown(index: number): number {
    return this.#translate(index, "hidden", "shown");
  }

  #translate(offset: number, from: Part["where"], other: Part["where"]): number {
    let left = offset;
    let to = 0;
    for (const { where, length } of this.#parts) {
      // At an edge it keeps to what stands before it, as a caret does.
      if (left === 0) break;
      if (where === other) to += length;
      else {
        const step = Math.min(left, length);
        left -= step;
        if (where !== from) to += step;
      }
    }
    return to;
  }
}
