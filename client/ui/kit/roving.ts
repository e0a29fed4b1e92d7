// One Tab stop for a row of buttons: the arrow keys go from one to the next.

import { useSignal } from "@preact/signals";

export interface Roving {
  /** Of the button at this place of the row. */
  readonly tabIndex: (place: number) => 0 | -1;
  /** Of the row. */
  readonly onKeyDown: (event: KeyboardEvent & { readonly currentTarget: HTMLElement }) => void;
  readonly onFocusIn: (event: FocusEvent & { readonly currentTarget: HTMLElement }) => void;
}

/** For a row that holds nothing but so many buttons; `first`: the place that Tab goes to before the person has chosen. */
export function useRoving(count: number, first = 0): Roving {
  const current = useSignal(first);
  const buttons = (row: HTMLElement): HTMLButtonElement[] => [...row.querySelectorAll("button")];
  return {
    tabIndex: (place) => (place === Math.min(current.value, count - 1) ? 0 : -1),
    onKeyDown: (event) => {
      const all = buttons(event.currentTarget);
      const at = all.findIndex((button) => button === document.activeElement);
      const go = (place: number): void => all.at(place % all.length)?.focus();
      if (event.altKey || event.ctrlKey || event.metaKey || at < 0) return;
      if (event.key === "ArrowRight") go(at + 1);
      else if (event.key === "ArrowLeft") go(at - 1);
      else if (event.key === "Home") go(0);
      else if (event.key === "End") go(-1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    onFocusIn: (event) => {
      const at = buttons(event.currentTarget).findIndex((button) => button === event.target);
      if (at >= 0) current.value = at;
    },
  };
}
