// Where the cells are on the page, and which of them the focus is on its way to. Knows cells by id; draws nothing.

import type { Signal } from "@preact/signals";

/** How a cell is reached on the page. */
export interface CellHandle {
  readonly element: HTMLElement;
  focusEditor(at?: "start" | "end"): void;
  openMenu(): void;
}

export class CellPlaces {
  readonly #selected: Signal<string | undefined>;
  readonly #handles = new Map<string, CellHandle>();
  /** A cell to go to as soon as it is on the page. */
  #goal: { readonly id: string; readonly edit: boolean } | undefined;

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

  /** Selects a cell and shows it; `edit` puts the caret into it. */
  goTo(id: string, edit = false): void {
    this.#goal = { id, edit };
    // A cell that is on the page already is reached at once; a new one when it has been drawn.
    if (this.#handles.has(id)) this.settle();
    else this.#selected.value = id;
  }

  /** Goes to the cell that was waited for, once it is there. */
  settle(): void {
    const goal = this.#goal;
    const handle = goal === undefined ? undefined : this.#handles.get(goal.id);
    if (goal === undefined || handle === undefined) return;
    this.#goal = undefined;
    this.#selected.value = goal.id;
    handle.element.focus({ preventScroll: true });
    if (goal.edit) handle.focusEditor("start");
    handle.element.scrollIntoView({ block: "nearest" });
  }
}
