// The character sets that a terminal knows, by the final character of the sequence that designates them (VT510).

import type { Charset } from "./xterm-state.ts";

/** What stands for `#`, `@`, `[`, `\` and `` ` ``, which tells the sets apart. */
const known: Readonly<Record<string, string>> = {
  "....◆": "0",
  "£....": "A",
  "£¾ij½.": "4",
  "..ÄÖé": "C",
  "£à°ç.": "R",
  ".àâçô": "Q",
  ".§ÄÖ.": "K",
  "£§°çù": "Y",
  ".ÄÆØä": "E",
  "£§¡Ñ.": "Z",
  ".ÉÄÖé": "H",
  ùàéçô: "=",
};

export function charsetFinal(charset: Charset): string {
  if (charset === undefined) return "B";
  const telling = ["#", "@", "[", "\\", "`"].map((character) => charset[character] ?? ".").join("");
  const final = known[telling];
  if (final === undefined) throw new Error(`invariant violation: a character set with ${telling}`);
  return final;
}
