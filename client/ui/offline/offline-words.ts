// What is kept in this browser, in words. Pure.

import { sizeWords } from "#ui/kit/size-words.ts";
import type { KeptPart, OfflineState } from "./offline-model.ts";

/** Bytes that are still to be fetched. */
export function missingBytes({ linux, files }: OfflineState): number {
  return (linux === undefined ? 0 : linux.total - linux.kept) + files.total - files.kept;
}

export function isComplete(state: OfflineState, projectKept: boolean): boolean {
  return state.app && projectKept && state.linux !== undefined && missingBytes(state) === 0;
}

/** "23 of 69 MB" */
function partWords({ kept, total }: KeptPart): string {
  if (kept === total) return sizeWords(total);
  const [number, unit] = sizeWords(kept).split(" ");
  const whole = sizeWords(total);
  return kept > 0 && whole.endsWith(` ${unit ?? ""}`)
    ? `${number ?? ""} of ${whole}`
    : `${sizeWords(kept)} of ${whole}`;
}

/** "This browser keeps: the app, the project, 23 of 69 MB of Linux." */
export function keptWords(state: OfflineState, projectKept: boolean): string {
  const { app, linux, files } = state;
  const kept = [
    ...(app ? ["the app"] : []),
    ...(projectKept ? ["the project"] : []),
    ...(files.total > 0 ? [`${partWords(files)} of its files that are no text`] : []),
    ...(linux === undefined || linux.total === 0 ? [] : [`${partWords(linux)} of Linux`]),
  ];
  return kept.length === 0 ? "This browser keeps nothing yet." : `This browser keeps: ${kept.join(", ")}.`;
}
