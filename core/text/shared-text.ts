// Edits applied to, and read from, the shared texts of Yjs.

import type * as Y from "yjs";
import type { TextEdit } from "./diff.ts";

/** The part of Y.Text and Y.XmlText that is used. */
export interface EditableText {
  insert(index: number, text: string): void;
  delete(index: number, length: number): void;
}

/** Edits in terms of the text before any of them. */
export function applyToText(text: EditableText, edits: readonly TextEdit[]): void {
  for (const edit of edits.toReversed()) {
    if (edit.remove > 0) text.delete(edit.at, edit.remove);
    if (edit.insert !== "") text.insert(edit.at, edit.insert);
  }
}

/** The edits that an event of a shared text reports, in terms of the text before any of them. */
export function editsOfDelta(delta: Y.YTextEvent["delta"]): TextEdit[] {
  const edits: TextEdit[] = [];
  let at = 0;
  for (const { retain, delete: removed, insert } of delta) {
    if (retain !== undefined) at += retain;
    if (removed !== undefined) {
      edits.push({ at, remove: removed, insert: "" });
      at += removed;
    }
    // An embed counts one unit.
    if (insert !== undefined)
      edits.push({ at, remove: 0, insert: typeof insert === "string" ? insert : "\uFFFC" });
  }
  return edits;
}
