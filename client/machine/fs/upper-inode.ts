// One inode of an overlay that was made or changed there: an inode, with what hides the lower file system's.

import type { Content } from "./content.ts";
import type { InodeChange } from "./fs-changes.ts";
import type { Attributes, Ino } from "./fs.ts";
import {
  attributesOf,
  changeOfInode,
  exportInode,
  importInode,
  type Inode,
  type InodeParts,
  newInode,
} from "./inode.ts";
import { NameTable } from "./name-table.ts";
import type { ChangedInode } from "./overlay-state.ts";

/** A regular file of the lower one has content from the first open for writing or truncate on. */
export interface UpperInode extends Inode {
  readonly fromLower: boolean;
  /** Of a file of the lower one: its size until there is content. */
  readonly lowerSize: number;
  /** Of a directory: the names that were added … */
  readonly names: NameTable;
  /** … and those whose meaning in the lower file system no longer counts. */
  readonly masked: Set<string>;
}

export function newUpper(ino: Ino, mode: number, now: number, parts: InodeParts): UpperInode {
  return { ...newInode(ino, mode, now, parts), ...emptyLayer(), fromLower: false, lowerSize: 0 };
}

/** A copy of a lower inode, to be changed. */
export function copiedUp(found: Attributes, target: string | undefined): UpperInode {
  const { ino, mode, uid, gid, nlink, rdev, atime, mtime, ctime, size } = found;
  const same = { ino, mode, uid, gid, nlink, rdev, atime, mtime, ctime };
  return {
    ...same,
    opens: 0,
    ...(target === undefined ? {} : { target }),
    ...emptyLayer(),
    fromLower: true,
    lowerSize: size,
  };
}

export function upperAttributes(inode: UpperInode): Attributes {
  return attributesOf(inode, inode.fromLower ? inode.lowerSize : inode.names.size, { shared: false });
}

export function exportUpper(inode: UpperInode): ChangedInode {
  return exportInode(inode, { ...inode, names: inode.names.entries() });
}

export function changeOfUpper(inode: UpperInode): InodeChange {
  return changeOfInode(inode, { ...inode, names: inode.names.entries() });
}

/** `emptyContent` makes the content that the exported blocks are put into. */
export function importUpper(
  state: ChangedInode,
  fromLower: boolean,
  emptyContent: (of: Pick<UpperInode, "ino" | "fromLower" | "lowerSize">) => Content,
): UpperInode {
  const { ino, lowerSize, names, masked } = state;
  const inode: UpperInode = {
    ...importInode(state, () => emptyContent({ ino, fromLower, lowerSize })),
    fromLower,
    lowerSize,
    names: new NameTable(),
    masked: new Set(masked),
  };
  inode.names.restore(names);
  return inode;
}

function emptyLayer(): Pick<UpperInode, "names" | "masked"> {
  return { names: new NameTable(), masked: new Set() };
}
