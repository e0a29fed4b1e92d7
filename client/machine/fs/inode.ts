// What a file system in memory keeps of one file, and what stat, setattr and the calls on extended attributes do with it.
// Knows no names of files and no table of inodes.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Allowance } from "./allowance.ts";
import type { Content } from "./content.ts";
import { isDirectory } from "./file-modes.ts";
import { type FineTimes, nanosecondsOf, setTimes } from "./fine-times.ts";
import {
  type AttributeChange,
  type Attributes,
  fileType,
  type FsStatus,
  type Ino,
  type OpenFile,
} from "./fs.ts";
import type { InodeChange } from "./fs-changes.ts";
import type { NamedInode } from "./name-table.ts";
import { openContent } from "./open-content.ts";
import type { ChangedInode } from "./overlay-state.ts";

export interface Inode {
  readonly ino: Ino;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  readonly rdev: number;
  atime: number;
  mtime: number;
  ctime: number;
  fine?: FineTimes;
  /** Of a regular file. */
  content?: Content;
  /** Of a directory. */
  parent?: Ino;
  /** Of a symbolic link. */
  readonly target?: string;
  xattrs?: Map<string, Uint8Array>;
  /** Open files: an inode without a name lives as long as it has one. */
  opens: number;
}

/** What is different for each kind of file. */
export type InodeParts = Partial<Pick<Inode, "content" | "target" | "parent" | "rdev">>;

export function newInode(ino: Ino, mode: number, now: number, parts: InodeParts): Inode {
  const nlink = isDirectory(mode) ? 2 : 1;
  const times = { atime: now, mtime: now, ctime: now };
  return { ino, mode, uid: 0, gid: 0, nlink, rdev: 0, ...times, opens: 0, ...parts };
}

/** Mode of what mknod(2) makes. EINVAL for what it cannot make. */
export function nodeMode(mode: number): number {
  const type = mode & fileType.mask;
  if (type === fileType.directory || type === fileType.symlink) throw new FsError("EINVAL");
  return type === 0 ? fileType.regular | mode : mode;
}

/** `size` is that of what is neither file nor link. */
export function attributesOf(
  inode: Inode,
  size: number,
  told: Pick<Attributes, "shared" | "leased"> & { readonly ino?: Ino },
): Attributes {
  const { ino, mode, uid, gid, nlink, rdev, atime, mtime, ctime, content, target } = inode;
  const bytes = content?.size ?? (target === undefined ? size : encodeUtf8(target).length);
  const fine = nanosecondsOf(inode);
  return { ino, mode, uid, gid, nlink, rdev, size: bytes, atime, mtime, ctime, ...fine, ...told };
}

/** `content` is there where the size changes. */
export function changeAttributes(
  inode: Inode,
  change: AttributeChange,
  now: number,
  content?: Content,
): void {
  if (change.size !== undefined && content !== undefined) {
    content.truncate(change.size);
    inode.mtime = now;
  }
  if (change.mode !== undefined) inode.mode = (inode.mode & fileType.mask) | (change.mode & 0o7777);
  if (change.uid !== undefined) inode.uid = change.uid;
  if (change.gid !== undefined) inode.gid = change.gid;
  setTimes(inode, change);
  inode.ctime = now;
}

/** ENODATA. */
export function getXattr(inode: Inode | undefined, name: string): Uint8Array {
  const value = inode?.xattrs?.get(name);
  if (value === undefined) throw new FsError("ENODATA");
  return value;
}

export function listXattrs(inode: Inode | undefined): readonly string[] {
  return [...(inode?.xattrs?.keys() ?? [])];
}

export function setXattr(inode: Inode, name: string, value: Uint8Array, now: number): void {
  (inode.xattrs ??= new Map()).set(name, value.slice());
  inode.ctime = now;
}

/** ENODATA; else the inode that has changed. */
export function removeXattr(inode: Inode | undefined, name: string, now: number): Inode {
  if (inode?.xattrs?.delete(name) !== true) throw new FsError("ENODATA");
  inode.ctime = now;
  return inode;
}

/** EPERM, ENOENT where no further name can be given. */
export function checkLinkable({ mode, nlink }: Pick<Inode, "mode" | "nlink">): void {
  if (isDirectory(mode)) throw new FsError("EPERM", "directories cannot be hard-linked");
  if (nlink === 0) throw new FsError("ENOENT");
}

/** ENOTDIR, EISDIR. */
export function checkUnlink({ mode }: Pick<Inode, "mode">, directoryWanted: boolean): void {
  if (directoryWanted && !isDirectory(mode)) throw new FsError("ENOTDIR");
  if (!directoryWanted && isDirectory(mode)) throw new FsError("EISDIR");
}

/** One name less; `parent` is where it was. */
export function dropName(inode: Inode, parent: Inode, now: number): void {
  if (isDirectory(inode.mode)) {
    inode.nlink = 0;
    parent.nlink--;
  } else {
    inode.nlink--;
  }
  inode.ctime = now;
}

/** A directory moves from one to another. */
export function moveDirectory(inode: Inode, from: Inode, to: Inode): void {
  inode.parent = to.ino;
  from.nlink--;
  to.nlink++;
}

export interface InodeUse {
  readonly now: () => number;
  /** It was written to. */
  readonly onWrite: () => void;
  /** One opening less. */
  readonly onClose: () => void;
}

export function openInode(inode: Inode, content: Content, flags: number, use: InodeUse): OpenFile {
  inode.opens++;
  return openContent(content, flags, {
    written: () => {
      inode.ctime = inode.mtime = use.now();
      use.onWrite();
    },
    closed: () => {
      inode.opens--;
      use.onClose();
    },
  });
}

/** `inodes` of at most `files` are there. */
export function statusOf({ limit, used }: Allowance, files: number, inodes: number): FsStatus {
  const blockSize = 4096;
  const blocksFree = Math.max(0, Math.floor((limit - used) / blockSize));
  return { blockSize, blocks: Math.floor(limit / blockSize), blocksFree, files, filesFree: files - inodes };
}

/** What an inode of an overlay says besides. */
export interface LayerState {
  readonly names: Iterable<NamedInode>;
  readonly masked: Iterable<string>;
  readonly lowerSize: number;
}

export function exportInode(inode: Inode, layer: LayerState): ChangedInode {
  const { content } = inode;
  return { ...plainOf(inode, layer), ...(content === undefined ? {} : { content: content.exportBlocks() }) };
}

/** Of its content only what has changed since this was asked last. */
export function changeOfInode(inode: Inode, layer: LayerState): InodeChange {
  const { content, nlink } = inode;
  const blocks = content === undefined || nlink === 0 ? {} : { content: content.takeChanges() };
  return { ...plainOf(inode, layer), ...blocks };
}

/** `content` is empty; the exported blocks are put into it. */
export function importInode(
  { content, xattrs, names: _names, masked: _masked, lowerSize: _size, ...plain }: ChangedInode,
  emptyContent: () => Content,
): Inode {
  const inode: Inode = { ...plain, opens: 0, ...(xattrs === undefined ? {} : { xattrs: new Map(xattrs) }) };
  if (content !== undefined) {
    inode.content = emptyContent();
    inode.content.importBlocks(content);
  }
  return inode;
}

function plainOf(inode: Inode, { names, masked, lowerSize }: LayerState): Omit<ChangedInode, "content"> {
  const { ino, mode, uid, gid, nlink, rdev, atime, mtime, ctime, fine, parent, target, xattrs } = inode;
  return {
    ino,
    mode,
    uid,
    gid,
    nlink,
    rdev,
    atime,
    mtime,
    ctime,
    ...(fine === undefined ? {} : { fine }),
    ...(parent === undefined ? {} : { parent }),
    ...(target === undefined ? {} : { target }),
    lowerSize,
    names: [...names],
    masked: [...masked],
    ...(xattrs === undefined ? {} : { xattrs: [...xattrs] }),
  };
}
