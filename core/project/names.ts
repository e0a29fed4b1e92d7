// Names in one directory: making any string a valid name, and telling apart files that want the same name.
// Pure functions of what is stored, so every replica shows the same names.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { nameMaxBytes } from "#core/base/path.ts";
import type { NodeId } from "./schema.ts";

export const notebookSuffix = ".nb.md";

export function isNotebookName(name: string): boolean {
  return name.endsWith(notebookSuffix) && name.length > notebookSuffix.length;
}

/** Our own clients write valid names only; what a foreign one wrote must still be reachable. */
export function validName(wanted: string): string {
  const name = wanted.replace(/[/\0]/g, "_").replace(loneSurrogate, "\uFFFD");
  if (name === "" || name === "." || name === "..") return `_${name}`;
  return fitBytes(name, nameMaxBytes);
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** "report.txt" of a node → "report~k3f9.txt", with more of the tag where that name is taken too. */
export function tellApart(name: string, id: NodeId, taken: (name: string) => boolean): string {
  const [stem, end] = splitEnd(name);
  const tag = tagOf(id);
  for (let attempt = 0; ; attempt++) {
    const mark = attempt === 0 ? tag.slice(0, 4) : attempt === 1 ? tag : `${tag}-${attempt}`;
    const tail = `~${mark}${end}`;
    const candidate = fitBytes(stem, nameMaxBytes - encodeUtf8(tail).length) + tail;
    if (!taken(candidate)) return candidate;
  }
}

function splitEnd(name: string): [stem: string, end: string] {
  if (isNotebookName(name)) return [name.slice(0, -notebookSuffix.length), notebookSuffix];
  const dot = name.lastIndexOf(".");
  // A very long "extension" is none.
  return dot <= 0 || name.length - dot > 16 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
}

/** Seven characters that look random even for ids made in the same millisecond (FNV-1a). */
function tagOf(id: NodeId): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  // One more round: FNV's high digits hardly depend on the last characters.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return hash.toString(36).padStart(7, "0").split("").reverse().join("");
}

/** The longest start of `name` that has at most `limit` bytes of UTF-8. */
function fitBytes(name: string, limit: number): string {
  if (name.length * 3 <= limit) return name;
  let bytes = 0;
  let fitting = "";
  for (const character of name) {
    bytes += encodeUtf8(character).length;
    if (bytes > limit) break;
    fitting += character;
  }
  return fitting;
}
