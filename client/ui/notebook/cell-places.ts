// Where the cells are on the page, and which of them the focus is on its way to. Knows cells by id; draws nothing.

import type { Signal } from "@preact/signals";
import type { CellKind } from "#core/notebook/cell.ts";
import type { CaretIn } from "#ui/kit/carry-caret.ts";

/** How a cell is reached on the page. */
export interface CellHandle {
  readonly element: HTMLElement;
  readonly kind: CellKind;
  /** Where the caret is, while its editor has the focus. */
  readonly caret: CaretIn | undefined;
  focusEditor(at?: "start" | "end" | CaretIn): void;
  openMenu(): void;
}

export class CellPlaces {
  readonly #selected: Signal<string | undefined>;
  readonly #handles = new Map<string, CellHandle>();
  /** A cell to go to as soon as it is on the page. */
  #goal: { readonly id: string; readonly edit: boolean | CaretIn } | undefined;

  #shown: string | undefined;

  constructor(selected: Signal<string | undefined>) {
    this.#selected = selected;
  }

  register(id: string, handle: CellHandle | undefined): void {
    if (handle === undefined) this.#handles.delete(id);
    else this.#handles.set(id, handle);
  }

  get(id: string): CellHandle | undefined {
    return this.#handles.get(id);
  }

  /** The cell that the element is in. */
  at(target: EventTarget | null): string | undefined {
    if (!(target instanceof Element)) return undefined;
    const element = target.closest(".cell");
    for (const [id, handle] of this.#handles) if (handle.element === element) return id;
    return undefined;
  }

  /** The cells that stand next to this one on the page. */
  around(id: string): { readonly before: string | undefined; readonly after: string | undefined } {
    const all = [...this.#handles].toSorted(([, a], [, b]) =>
      (a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING) === 0 ? 1 : -1,
    );
    const at = all.findIndex(([other]) => other === id);
    return { before: all[at - 1]?.[0], after: all[at + 1]?.[0] };
  }

  /** Scrolls to the cell when it stands in its new place. */
  showWhenDrawn(id: string): void {
    this.#shown = id;
  }

  /** Selects a cell and shows it; `edit` puts the caret into it, at its start or at that place. */
  goTo(id: string, edit: boolean | CaretIn = false): void {
    this.#goal = { id, edit };
    // A cell that is on the page already is reached at once; a new one when it has been drawn.
    if (this.#handles.has(id)) this.settle();
    else this.#selected.value = id;
  }

  /** Goes to the cell that was waited for, once it is there. */
  settle(): void {
    const shown = this.#shown === undefined ? undefined : this.#handles.get(this.#shown);
    this.#shown = undefined;
    shown?.element.scrollIntoView({ block: "nearest" });
    const goal = this.#goal;
    const handle = goal === undefined ? undefined : this.#handles.get(goal.id);
    if (goal === undefined || handle === undefined) return;
    this.#goal = undefined;
    this.#selected.value = goal.id;
    handle.element.focus({ preventScroll: true });
    if (goal.edit !== false) handle.focusEditor(goal.edit === true ? "start" : goal.edit);
    handle.element.scrollIntoView({ block: "nearest" });
  }
}
