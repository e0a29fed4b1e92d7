// What a person reads who wanted a file of Linux that cannot be had now: which it is, why, and what to do.

import { splitParent } from "#core/base/path.ts";
import type { FsError } from "#core/base/errno.ts";
import type { ImageFile } from "#machine/product/file-news.ts";

/** `started`: it was opened before, and something that it needs only now is not there. */
export function missingFileWords({ path, program }: ImageFile, error: FsError, started: boolean): string {
  const what = program ? splitParent(path)[1] : path;
  const does = started ? "cannot go on" : program ? "cannot be started" : "cannot be read";
  if (error.code === "ENETUNREACH")
    return `${what} ${does}: part of it is not kept in this browser and the server cannot be reached. Reconnect, or choose “Keep everything for offline” beforehand.`;
  const detail = error.message.replace(`${error.code}: `, "").replace(/\.$/, "");
  return `${what} ${does}: part of it cannot be had (${detail}). Try again, or restart your machine.`;
}
