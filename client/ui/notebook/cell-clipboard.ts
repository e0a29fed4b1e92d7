// Cells that were copied, in whichever notebook of this page; as Markdown also for other programs.

import type { Cell, CellKind } from "#core/notebook/cell.ts";
import { giveKept, takeKept } from "#core/notebook/jupyter/kept.ts";
import type { Notebook } from "#core/notebook/notebook.ts";

interface CopiedCell {
  readonly kind: CellKind;
  readonly content: string;
  readonly name: string | undefined;
  /** Of the Jupyter file that the cell came from: attachments, tags. */
  readonly kept: unknown;
}

let copied: CopiedCell | undefined;

function contentOf(cell: Cell): CopiedCell {
  const { kind, name } = cell;
  return { kind, name, content: kind === "text" ? cell.print() : cell.code, kept: takeKept(cell) };
}

function insert(notebook: Notebook, { kind, content, name, kept }: CopiedCell, after: string | null): Cell {
  return notebook.transact(() => {
    const cell = notebook.insert(kind, after, content);
    if (name !== undefined) notebook.setName(cell.id, name);
    giveKept(cell, kept);
    return cell;
  });
}

export function copyCell(cell: Cell): void {
  copied = contentOf(cell);
  // Where the browser does not allow it, the cell can still be pasted here.
  navigator.clipboard.writeText(`${cell.print()}\n`).catch(() => undefined);
}

/** undefined where nothing was copied. */
export function pasteCell(notebook: Notebook, after: string | null): Cell | undefined {
  return copied === undefined ? undefined : insert(notebook, copied, after);
}

/** Right behind the cell. A copy has no output: it has not run. */
export function duplicateCell(notebook: Notebook, cell: Cell): Cell {
  return insert(notebook, contentOf(cell), cell.id);
}
