// One tooltip for the whole page: any element with data-tip (and data-key for its shortcut) has one.
// It comes after a short rest of the pointer, at once on keyboard focus, and never takes focus itself.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { keyLabel } from "./keys.ts";
import "./tooltip.css";

/** Milliseconds the pointer rests before a tooltip shows. */
const restDelay = 450;
/** Pixels between an element and its tooltip. */
const gap = 6;

interface Tip {
  readonly anchor: Element;
  readonly text: string;
  readonly key: string | undefined;
}

function tipOf(target: EventTarget | null): Tip | undefined {
  const anchor =
    target instanceof Element ? target.closest<HTMLElement>(`[data-tip]:not([data-tip=""])`) : null;
  const text = anchor?.dataset["tip"];
  if (anchor === null || text === undefined || text === "") return undefined;
  return { anchor, text, key: anchor.dataset["key"] };
}

export function TooltipLayer() {
  const tip = useSignal<Tip | undefined>(undefined);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = (): void => {
      clearTimeout(timer);
      tip.value = undefined;
    };
    const over = (event: Event): void => {
      const found = tipOf(event.target);
      if (found?.anchor === tip.value?.anchor && found !== undefined) return;
      hide();
      if (found !== undefined) timer = setTimeout(() => (tip.value = found), restDelay);
    };
    const focus = (event: Event): void => {
      const found = tipOf(event.target);
      if (found !== undefined && found.anchor.matches(":focus-visible")) tip.value = found;
    };
    const listeners: [string, (event: Event) => void][] = [
      ["pointerover", over],
      ["focusin", focus],
      ["focusout", hide],
      ["pointerdown", hide],
      ["keydown", hide],
      ["wheel", hide],
    ];
    for (const [name, listener] of listeners)
      document.addEventListener(name, listener, { capture: true, passive: true });
    return () => {
      hide();
      for (const [name, listener] of listeners)
        document.removeEventListener(name, listener, { capture: true });
    };
  }, [tip]);

  // A button that does something else now says so, and one that has gone says nothing.
  const anchor = tip.value?.anchor;
  useEffect(() => {
    if (anchor === undefined) return undefined;
    const observer = new MutationObserver(() => {
      const shown = tip.peek();
      // Another element's tooltip is shown already; this observer ends with the next effect.
      if (shown?.anchor !== anchor) return;
      const now = anchor.isConnected ? tipOf(anchor) : undefined;
      if (now?.text !== shown.text || now.key !== shown.key) tip.value = now;
    });
    const attributeFilter = ["data-tip", "data-key"];
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter });
    return () => observer.disconnect();
  }, [anchor, tip]);

  useLayoutEffect(() => {
    const element = box.current;
    const shown = tip.value;
    if (element === null || shown === undefined) return;
    const anchor = shown.anchor.getBoundingClientRect();
    const own = element.getBoundingClientRect();
    const left = anchor.left + anchor.width / 2 - own.width / 2;
    const below = anchor.bottom + gap;
    const top = below + own.height > innerHeight ? anchor.top - gap - own.height : below;
    element.style.left = `${Math.max(4, Math.min(left, innerWidth - own.width - 4))}px`;
    element.style.top = `${top}px`;
  });

  if (tip.value === undefined) return null;
  return (
    <div class="kit-tooltip" ref={box} aria-hidden="true">
      {tip.value.text}
      {tip.value.key === undefined ? null : <kbd>{keyLabel(tip.value.key)}</kbd>}
    </div>
  );
}
