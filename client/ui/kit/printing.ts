// What the page changes about itself for paper, and takes back afterwards. Parts say what they need; the browser says
// when. Both its events and the media query count: a preview may bring only one of them.

import type { Disposer } from "#core/base/disposable.ts";

/** Makes a part ready for paper; the disposer makes it as it was. Everything in the task of the call. */
type Prepare = () => Disposer;

const parts = new Set<Prepare>();
let undo: readonly Disposer[] | undefined;

function begin(): void {
  undo ??= Array.from(parts, (prepare) => prepare());
}

function end(): void {
  for (const each of undo ?? []) each();
  undo = undefined;
}

addEventListener("beforeprint", begin);
addEventListener("afterprint", end);
matchMedia("print").addEventListener("change", (event) => (event.matches ? begin() : end()));

/** Calls `prepare` whenever the page is about to be printed, until disposed of. */
export function onPrint(prepare: Prepare): Disposer {
  parts.add(prepare);
  return () => void parts.delete(prepare);
}
