// F6 and Shift-F6 move the keyboard focus between the regions of the page. A region is an element with data-region.

const focusable =
  ':is(button:not(:disabled), input, select, textarea, a[href], [tabindex="0"], [contenteditable="true"]):not([tabindex="-1"], [role="separator"])';

/** Where the focus was in a region when it was left. */
const lastFocus = new WeakMap<Element, HTMLElement>();

function regions(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.checkVisibility() && region.querySelector(focusable) !== null,
  );
}

function focusRegion(region: HTMLElement): void {
  const before = lastFocus.get(region);
  const remembered = before !== undefined && region.contains(before) && before.checkVisibility();
  const preferred = region.querySelector<HTMLElement>("[data-region-focus]");
  const visible = [...region.querySelectorAll<HTMLElement>(focusable)].find((each) => each.checkVisibility());
  (remembered ? before : (preferred ?? visible))?.focus();
}

export function moveBetweenRegions(root: ParentNode, step: 1 | -1): void {
  const all = regions(root);
  const current = all.findIndex((region) => region.contains(document.activeElement));
  const leaving = all[current];
  if (leaving !== undefined && document.activeElement instanceof HTMLElement)
    lastFocus.set(leaving, document.activeElement);
  const next = all.at((current + step + all.length + (current < 0 && step < 0 ? 1 : 0)) % all.length);
  if (next !== undefined) focusRegion(next);
}
