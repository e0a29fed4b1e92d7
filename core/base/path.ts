// Names and slash-separated paths. Knows no file system.

import { encodeUtf8 } from "./bytes.ts";
import { FsError } from "./errno.ts";

/** NAME_MAX of Linux, in bytes of UTF-8. */
export const nameMaxBytes = 255;

/** Throws unless `name` can name a file: ENAMETOOLONG, EINVAL (empty, ".", "..", a slash or NUL), EILSEQ (a lone surrogate). */
export function checkName(name: string): void {
  if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0"))
    throw new FsError("EINVAL", `${JSON.stringify(name)} cannot name a file`);
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(name))
    throw new FsError("EILSEQ", "the name is not valid Unicode");
  if (name.length * 3 > nameMaxBytes && encodeUtf8(name).length > nameMaxBytes)
    throw new FsError("ENAMETOOLONG", `a name has at most ${nameMaxBytes} bytes`);
}

/** The names of a path; "", "." and doubled slashes vanish, ".." goes up and stops at the top. */
export function splitPath(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return names;
}

export function joinPath(...parts: readonly string[]): string {
  return splitPath(parts.join("/")).join("/");
}

/** [parent path, name]; the parent of a top-level name is "". */
export function splitParent(path: string): [parent: string, name: string] {
  const names = splitPath(path);
  const name = names.pop() ?? "";
  return [names.join("/"), name];
}

/** The extension with its dot, lower-case: ".md", or "" where there is none. */
export function extension(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot).toLowerCase();
}
