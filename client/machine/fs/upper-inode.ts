// One inode of an overlay that was made or changed there, its attributes, and how it survives a snapshot.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { isDirectory } from "./file-modes.ts";
import type { Content } from "./content.ts";
import { type FineTimes, nanosecondsOf } from "./fine-times.ts";
import type { Attributes, Ino } from "./fs.ts";
import { NameTable } from "./name-table.ts";
import type { ChangedInode } from "./overlay-state.ts";
import type { InodeChange } from "./fs-changes.ts";

export interface UpperInode {
  readonly ino: Ino;
  readonly fromLower: boolean;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  readonly rdev: number;
  atime: number;
  mtime: number;
  ctime: number;
  fine?: FineTimes;
  /** Of a regular file: from the first open for writing or truncate on. */
  content?: Content;
  /** Of a file of the lower one: its size until there is content. */
  readonly lowerSize: number;
  /** Of a directory: the names that were added … */
  readonly names: NameTable;
  /** … and those whose meaning in the lower file system no longer counts. */
  readonly masked: Set<string>;
  /** Of a directory that was made or moved. */
  parent?: Ino;
  /** Of a symbolic link. */
  readonly target?: string;
  xattrs?: Map<string, Uint8Array>;
  /** Open files: an inode without a name lives as long as it has one. */
  opens: number;
}

/** What is different for each kind of file. */
export type UpperParts = Partial<Pick<UpperInode, "content" | "target" | "parent" | "rdev">>;

export function newUpper(ino: Ino, mode: number, now: number, parts: UpperParts): UpperInode {
  const nlink = isDirectory(mode) ? 2 : 1;
  const times = { atime: now, mtime: now, ctime: now };
  const empty = { names: new NameTable(), masked: new Set<string>(), opens: 0, lowerSize: 0 };
  return { ino, fromLower: false, mode, uid: 0, gid: 0, nlink, rdev: 0, ...times, ...empty, ...parts };
}

/** A copy of a lower inode, to be changed. */
export function copiedUp(found: Attributes, target: string | undefined): UpperInode {
  const { ino, mode, uid, gid, nlink, rdev, atime, mtime, ctime, size } = found;
  const empty = { names: new NameTable(), masked: new Set<string>(), opens: 0 };
  const link = target === undefined ? {} : { target };
  return {
    ino,
    fromLower: true,
    mode,
    uid,
    gid,
    nlink,
    rdev,
    atime,
    mtime,
    ctime,
    lowerSize: size,
    ...empty,
    ...link,
  };
}

export function attributesOf(inode: UpperInode): Attributes {
  const { ino, mode, uid, gid, nlink, rdev, atime, mtime, ctime } = inode;
  const size = sizeOf(inode);
  const fine = nanosecondsOf(inode);
  return { ino, mode, uid, gid, nlink, rdev, size, atime, mtime, ctime, ...fine, shared: false };
}

function sizeOf({ content, target, fromLower, lowerSize, names }: UpperInode): number {
  if (content !== undefined) return content.size;
  if (target !== undefined) return encodeUtf8(target).length;
  return fromLower ? lowerSize : names.size;
}

export function exportUpper(inode: UpperInode): ChangedInode {
  const { fromLower: _derived, opens: _gone, names, masked, content, xattrs, ...plain } = inode;
  return {
    ...plain,
    names: [...names.entries()],
    masked: [...masked],
    ...(content === undefined ? {} : { content: content.exportBlocks() }),
    ...(xattrs === undefined ? {} : { xattrs: [...xattrs] }),
  };
}

export function changeOfUpper(inode: UpperInode): InodeChange {
  const { fromLower: _derived, opens: _gone, names, masked, content, xattrs, ...plain } = inode;
  return {
    ...plain,
    names: [...names.entries()],
    masked: [...masked],
    ...(content === undefined || inode.nlink === 0 ? {} : { content: content.takeChanges() }),
    ...(xattrs === undefined ? {} : { xattrs: [...xattrs] }),
  };
}

/** `contentOf` makes the empty content that the exported blocks are put into. */
export function importUpper(
  state: ChangedInode,
  fromLower: boolean,
  contentOf: (inode: UpperInode) => Content,
): UpperInode {
  const { names, masked, content, xattrs, ...plain } = state;
  const inode: UpperInode = {
    ...plain,
    fromLower,
    names: new NameTable(),
    masked: new Set(masked),
    opens: 0,
  };
  inode.names.restore(names);
  if (content !== undefined) {
    inode.content = contentOf(inode);
    inode.content.importBlocks(content);
  }
  if (xattrs !== undefined) inode.xattrs = new Map(xattrs);
  return inode;
}
