// How a link's address is written in Markdown.

import type { ProseMark } from "./tree.ts";

/** Whether `<words>` is this link. */
export function isAutolink(words: string, href: string): boolean {
  if (/[\s<>]/.test(words)) return false;
  if (words === href) return /^[a-z][a-z0-9+.-]{1,31}:/i.test(words);
  return href === `mailto:${words}` && /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(words);
}

/** What stands in the parentheses. */
export function destination({ attrs }: ProseMark): string {
  const escape = (text: string, special: RegExp): string =>
    text
      .replaceAll(/\\(?=[!-/:-@[-`{-~]|$)|&(?=#?\w+;)/g, String.raw`\$&`)
      .replaceAll(special, String.raw`\$&`)
      .replaceAll(/[\r\n]+/g, "%0A");
  const href = attrs?.href ?? "";
  const plain = href !== "" && !/[\s<]/.test(href) && balanced(href);
  const address = plain ? escape(href, /(?!)/g) : `<${escape(href, /[<>]/g)}>`;
  return attrs?.title === undefined ? address : `${address} "${escape(attrs.title, /"/g)}"`;
}

function balanced(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if (letter === "(") depth++;
    else if (letter === ")" && --depth < 0) return false;
  }
  return depth === 0;
}
