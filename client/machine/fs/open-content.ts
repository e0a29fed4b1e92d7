// An open file whose bytes are a Content: shared by the file systems that keep files in memory.

import { FsError } from "#core/base/errno.ts";
import { mayRead, mayWrite } from "./file-modes.ts";
import type { Content } from "./content.ts";
import { chain } from "#core/base/awaitable.ts";
import { type OpenFile, openFlag } from "./fs.ts";

export interface ContentUse {
  /** After each write. */
  readonly written: () => void;
  readonly closed: () => void;
}

export function openContent(content: Content, flags: number, { written, closed }: ContentUse): OpenFile {
  let open = true;
  return {
    read: (offset, count) => {
      if (!open || !mayRead(flags)) throw new FsError("EBADF");
      return content.read(offset, count);
    },
    write: (offset, data) => {
      if (!open || !mayWrite(flags)) throw new FsError("EBADF");
      const at = (flags & openFlag.append) === 0 ? offset : content.size;
      return chain(content.write(at, data), () => {
        written();
        return data.length;
      });
    },
    fsync: () => undefined,
    close: () => {
      if (!open) throw new Error("invariant violation: closed twice");
      open = false;
      closed();
    },
  };
}
