// Searches texts off the page's thread: an expression may take for ever, and is then ended with its worker.

import { findInText } from "./find.ts";
import type { Match, Pattern } from "./find.ts";

export interface SearchRequest {
  readonly pattern: Pattern;
  readonly texts: readonly string[];
}

/** For each text that was sent, its matches. */
export type SearchAnswer = readonly (readonly Match[])[];

addEventListener("message", ({ data }: MessageEvent<SearchRequest>) => {
  const answer: SearchAnswer = data.texts.map((text) => findInText(text, data.pattern));
  postMessage(answer);
});
