// The parts of this page that change for paper.

import type { Disposer } from "#core/base/disposable.ts";
import { PrintParts } from "./print-parts.ts";

const parts = new PrintParts(globalThis, matchMedia("print"));

/** Calls `prepare` whenever the page is about to be printed, until disposed of; what it returns takes that back. */
export function onPrint(prepare: () => Disposer): Disposer {
  return parts.add(prepare);
}
