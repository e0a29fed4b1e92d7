// Keeps messages off the terminals, whose newest lines are at the bottom: they stand above the panel, open or closed.

import { useLayoutEffect, type MutableRef } from "preact/hooks";

/** Of the root element: pixels from the bottom of the window that messages leave free (`kit/toasts.css`). */
const property = "--messages-above";

export function useMessagesAbove(panel: MutableRef<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = panel.current;
    if (element === null) return undefined;
    const { style } = document.documentElement;
    const paper = matchMedia("print");
    const sizes = new ResizeObserver(() => {
      // On paper there is no panel, and a root that changes its style meanwhile is laid out again in the middle of it.
      if (!paper.matches) style.setProperty(property, `${element.offsetHeight}px`);
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      style.removeProperty(property);
    };
  }, [panel]);
}
