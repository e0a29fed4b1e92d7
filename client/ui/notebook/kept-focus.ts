// Keeps the focus in a cell when what has it goes: an editor that becomes another, a button, a line of input.

import { useLayoutEffect, useRef, type MutableRef } from "preact/hooks";
import type { CaretIn } from "#ui/kit/carry-caret.ts";
import type { CellEditor } from "./prose-cell.tsx";

export interface KeptFocus {
  /** The cell's editor goes with the caret at that place, and with this in it. */
  readonly onLosing: (caret: CaretIn, content: string) => void;
}

/** Called by the component that draws the cell, whenever it draws it. `bring` gets what the editor before held. */
export function useKeptFocus(
  root: MutableRef<HTMLElement | null>,
  editor: MutableRef<CellEditor | undefined>,
  bring: (content: string) => void,
): KeptFocus {
  const lost = useRef<{ readonly caret: CaretIn; readonly content: string }>();
  const before = document.activeElement;
  const held = before !== null && root.current?.contains(before) === true ? before : undefined;
  useLayoutEffect(() => {
    const cell = root.current;
    const going = lost.current;
    lost.current = undefined;
    if (cell === null) return;
    if (going !== undefined) {
      bring(going.content);
      editor.current?.focus(going.caret);
    } else if (held?.isConnected === false) {
      // Whoever was typing goes on typing: on the cell itself, letters are commands.
      const typed = held instanceof HTMLInputElement;
      const place = typed ? cell.querySelector<HTMLElement>("[role=log]") : undefined;
      (place ?? cell).focus({ preventScroll: true });
    }
  });
  return { onLosing: (caret, content) => (lost.current = { caret, content }) };
}
