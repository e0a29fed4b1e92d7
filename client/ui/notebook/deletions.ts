// Cells that were deleted here, each deletion undoable on its own, whatever has happened to the others since.

import * as Y from "yjs";
import type { Notebook } from "#core/notebook/notebook.ts";

/** Deletions that are remembered: more than anybody regrets. */
const remembered = 20;

export class Deletions {
  readonly #notebook: Notebook;
  readonly #managers: Y.UndoManager[] = [];

  constructor(notebook: Notebook) {
    this.#notebook = notebook;
  }

  /** Deletes the cell; the returned function brings it back, once. */
  delete(id: string): () => void {
    const origin = {};
    const manager = new Y.UndoManager(this.#notebook.cellMaps(), { trackedOrigins: new Set([origin]) });
    this.#notebook.node.doc?.transact(() => this.#notebook.remove(id), origin);
    this.#managers.push(manager);
    if (this.#managers.length > remembered) this.#managers.shift()?.destroy();
    return () => this.#undo(manager);
  }

  /** Brings back the cell that was deleted last. */
  undo(): void {
    const last = this.#managers.at(-1);
    if (last !== undefined) this.#undo(last);
  }

  dispose(): void {
    for (const manager of this.#managers.splice(0)) manager.destroy();
  }

  #undo(manager: Y.UndoManager): void {
    const index = this.#managers.indexOf(manager);
    if (index === -1) return;
    this.#managers.splice(index, 1);
    manager.undo();
    manager.destroy();
  }
}
