// A command line as a shell quotes it, for those who write one instead of arguments. No variables, no patterns.

import { FsError } from "#core/base/errno.ts";

const blanks = " \t\n";

/** Words between blanks; '…', "…" and \ as in a shell. EINVAL where a quote does not end. */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    const next = line.charAt(at + 1);
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (character === "\\" && quote === '"' && next !== "" && '"\\$`'.includes(next)) {
        word += next;
        at++;
      } else word += character;
    } else if (blanks.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word ??= "";
      if (character === "'" || character === '"') quote = character;
      else if (character !== "\\") word += character;
      else if (next === "") throw new FsError("EINVAL", "nothing stands behind the last \\");
      else {
        word += next;
        at++;
      }
    }
  }
  if (quote !== undefined) throw new FsError("EINVAL", `a ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}
