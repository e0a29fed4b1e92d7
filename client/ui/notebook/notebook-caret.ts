// A caret in a notebook's file and in one of its cells: the same place, said both ways. Pure.

import type { Cell } from "#core/notebook/cell.ts";
import { carryCaret, missingSpaces, type CaretIn } from "#ui/kit/carry-caret.ts";

/** What is needed of a notebook. */
export interface PrintedNotebook {
  readonly cells: readonly Pick<Cell, "id" | "kind" | "code" | "print">[];
  print(): string;
}

interface Piece {
  readonly cell: PrintedNotebook["cells"][number];
  readonly text: string;
  /** Where it begins in the file, and its code in it. */
  readonly start: number;
  readonly code: number;
}

function piecesOf(notebook: PrintedNotebook): Piece[] {
  const file = notebook.print();
  let from = 0;
  return notebook.cells.map((cell) => {
    const text = cell.print();
    const start = Math.max(from, file.indexOf(text, from));
    from = start + text.length;
    // Behind the line that opens its fence.
    const code = cell.kind === "text" ? 0 : Math.max(0, text.indexOf(cell.code, text.indexOf("\n") + 1));
    return { cell, text, start, code };
  });
}

/** The cell, and the place in it, of a caret in the file. */
export function caretInCell(
  notebook: PrintedNotebook,
  caret: CaretIn,
): { readonly cell: string; readonly caret: CaretIn } | undefined {
  const offset = carryCaret(caret, notebook.print());
  const piece = piecesOf(notebook).findLast(({ start }, index) => index === 0 || start <= offset);
  if (piece === undefined) return undefined;
  const { cell, text, start, code } = piece;
  const inPiece = Math.min(text.length, Math.max(0, offset - start));
  if (cell.kind === "text") return { cell: cell.id, caret: { text, offset: inPiece } };
  const inCode = Math.min(cell.code.length, Math.max(0, inPiece - code));
  return { cell: cell.id, caret: { text: cell.code, offset: inCode } };
}

/** The place in the file of a caret in a cell. */
export function caretInFile(notebook: PrintedNotebook, id: string, caret: CaretIn): CaretIn {
  const piece = piecesOf(notebook).find(({ cell }) => cell.id === id);
  if (piece === undefined) return caret;
  const { cell, text, start, code } = piece;
  const inPiece = cell.kind === "text" ? carryCaret(caret, text) : code + carryCaret(caret, cell.code);
  const file = notebook.print();
  const at = start + inPiece;
  // In prose a line may end in spaces, in its Markdown not.
  const spaces = cell.kind === "text" ? missingSpaces(caret, { text, offset: inPiece }) : "";
  return { text: file.slice(0, at) + spaces + file.slice(at), offset: at + spaces.length };
}
