// A complete file system in memory. Everything is answered at once; nothing is ever fetched. What changed can be
// taken, to be kept elsewhere, and put back into a fresh one.

import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { checkName } from "#core/base/path.ts";
import { checkOpen, checkReplace, mayWrite } from "./file-modes.ts";
import { Allowance } from "./allowance.ts";
import { Content } from "./content.ts";
import { isPromise } from "#core/base/awaitable.ts";
import {
  type AttributeChange,
  type Attributes,
  type DirectoryEntry,
  fileType,
  type Fs,
  type FsStatus,
  type Ino,
  type OpenFile,
  openFlag,
} from "./fs.ts";
import { type FineTimes, nanosecondsOf, setTimes } from "./fine-times.ts";
import { type FsChange, type InodeChange, type Keepable, TouchedInodes } from "./fs-changes.ts";
import { NameTable } from "./name-table.ts";
import { RemovedFolders } from "./removed-folders.ts";
import { openContent } from "./open-content.ts";
import type { OverlayState } from "./overlay-state.ts";

export interface MemFsOptions {
  readonly now?: () => number;
  /** Whether others than this guest change it: see `Attributes.shared`. */
  readonly shared?: boolean;
  /** See `Attributes.leased`. Nothing here changes but by the guest, so that a lease never ends. */
  readonly leased?: boolean;
  /** The root's inode number; the others follow. For those who keep several in one number space. */
  readonly firstIno?: Ino;
  readonly allowance?: Allowance;
  /** Called with every change. */
  readonly changed?: () => void;
}

/** What one file system in memory may hold unless told otherwise: above it a tab would be in trouble. */
const defaultLimitBytes = 512 * 1024 * 1024;

interface Inode {
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
  /** Further numbers by which it is known. */
  aliases?: Ino[];
  /** What it is told as instead of its own number, and whether it is leased under that. */
  shown?: { readonly ino: Ino; readonly leased: boolean };
  /** Open files: an inode without a name lives as long as it has one. */
  opens: number;
  readonly content?: Content;
  readonly names?: NameTable;
  /** Of a directory. */
  parent?: Ino;
  readonly target?: string;
  xattrs?: Map<string, Uint8Array>;
}

export class MemFs implements Fs, Keepable {
  readonly root: Ino;
  readonly #now: () => number;
  readonly #shared: boolean;
  readonly #leased: boolean;
  readonly #allowance: Allowance;
  readonly #inodes = new Map<Ino, Inode>();
  readonly #touched: TouchedInodes;
  readonly #removed = new RemovedFolders();
  #nextIno: Ino;

  constructor(options: MemFsOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#shared = options.shared ?? false;
    this.#leased = options.leased ?? false;
    this.#touched = new TouchedInodes(options.changed);
    this.#allowance = options.allowance ?? new Allowance(defaultLimitBytes);
    this.root = this.#nextIno = options.firstIno ?? 1;
    const root = this.#make(fileType.directory | 0o755, { names: new NameTable() });
    root.parent = root.ino;
    root.nlink = 2;
  }

  lookup(directory: Ino, name: string): Attributes {
    return this.#attributes(this.#child(this.#directory(directory), name));
  }

  getattr(ino: Ino): Attributes {
    return this.#attributes(this.#inode(ino));
  }

  setattr(ino: Ino, change: AttributeChange): Attributes {
    const inode = this.#inode(ino);
    const now = this.#now();
    if (change.size !== undefined) {
      if (inode.content === undefined) throw new FsError(inode.names ? "EISDIR" : "EINVAL");
      inode.content.truncate(change.size);
      inode.mtime = now;
    }
    if (change.mode !== undefined) inode.mode = (inode.mode & fileType.mask) | (change.mode & 0o7777);
    if (change.uid !== undefined) inode.uid = change.uid;
    if (change.gid !== undefined) inode.gid = change.gid;
    setTimes(inode, change);
    inode.ctime = now;
    this.#touched.touch(ino);
    return this.#attributes(inode);
  }

  open(ino: Ino, flags: number): OpenFile {
    const inode = this.#inode(ino);
    checkOpen(inode.mode, flags);
    if ((flags & openFlag.truncate) !== 0 && mayWrite(flags)) this.setattr(ino, { size: 0 });
    return this.#opened(inode, flags);
  }

  create(
    directory: Ino,
    name: string,
    flags: number,
    mode: number,
  ): { attributes: Attributes; file: OpenFile } {
    const inode = this.#add(directory, name, fileType.regular | (mode & 0o7777), {
      content: new Content(this.#allowance),
    });
    return { attributes: this.#attributes(inode), file: this.#opened(inode, flags) };
  }

  mkdir(directory: Ino, name: string, mode: number): Attributes {
    const inode = this.#add(directory, name, fileType.directory | (mode & 0o7777), {
      names: new NameTable(),
    });
    inode.parent = directory;
    inode.nlink = 2;
    this.#inode(directory).nlink++;
    return this.#attributes(inode);
  }

  symlink(directory: Ino, name: string, target: string): Attributes {
    return this.#attributes(this.#add(directory, name, fileType.symlink | 0o777, { target }));
  }

  readlink(ino: Ino): string {
    const { target } = this.#inode(ino);
    if (target === undefined) throw new FsError("EINVAL", "no symbolic link");
    return target;
  }

  link(directory: Ino, name: string, ino: Ino): Attributes {
    const inode = this.#inode(ino);
    if (inode.names !== undefined) throw new FsError("EPERM", "directories cannot be hard-linked");
    if (inode.nlink === 0) throw new FsError("ENOENT");
    const parent = this.#free(directory, name);
    parent.names.set(name, ino);
    inode.nlink++;
    inode.ctime = this.#touch(parent.inode);
    this.#touched.touch(ino);
    return this.#attributes(inode);
  }

  mknod(directory: Ino, name: string, mode: number, rdev: number): Attributes {
    const type = mode & fileType.mask;
    if (type === fileType.directory || type === fileType.symlink) throw new FsError("EINVAL");
    const parts = type === 0 || type === fileType.regular ? { content: new Content(this.#allowance) } : {};
    return this.#attributes(
      this.#add(directory, name, type === 0 ? fileType.regular | mode : mode, parts, rdev),
    );
  }

  unlink(directory: Ino, name: string, directoryWanted: boolean): void {
    const parent = this.#directory(directory);
    const inode = this.#child(parent, name);
    if (directoryWanted && inode.names === undefined) throw new FsError("ENOTDIR");
    if (!directoryWanted && inode.names !== undefined) throw new FsError("EISDIR");
    if (inode.names !== undefined && inode.names.size > 0) throw new FsError("ENOTEMPTY");
    parent.names.delete(name);
    this.#touch(parent);
    this.#unlinked(inode, parent);
  }

  rename(from: Ino, name: string, to: Ino, newName: string): void {
    checkName(newName);
    const source = this.#directory(from);
    const target = this.#directory(to);
    const inode = this.#child(source, name);
    for (let up: Inode = target; inode.names !== undefined;) {
      if (up === inode) throw new FsError("EINVAL", "a directory cannot move into itself");
      if (up.parent === undefined || up.parent === up.ino) break;
      up = this.#inode(up.parent);
    }
    const replacedIno = target.names.get(newName);
    if (replacedIno === inode.ino) return;
    if (target.nlink === 0) throw new FsError("ENOENT");
    if (replacedIno !== undefined) {
      const replaced = this.#inode(replacedIno);
      checkReplace(inode, replaced);
      if (replaced.names !== undefined && replaced.names.size > 0) throw new FsError("ENOTEMPTY");
      target.names.delete(newName);
      this.#unlinked(replaced, target);
    }
    source.names.delete(name);
    target.names.set(newName, inode.ino);
    if (inode.names !== undefined) {
      inode.parent = to;
      source.nlink--;
      target.nlink++;
    }
    this.#touch(source);
    inode.ctime = this.#touch(target);
    this.#touched.touch(inode.ino);
  }

  readdir(directory: Ino, offset: number, limit: number): readonly DirectoryEntry[] {
    return this.#directory(directory)
      .names.after(offset, limit)
      .map(({ name, ino, place }) => ({
        name,
        ino: this.#inode(ino).shown?.ino ?? ino,
        type: this.#inode(ino).mode & fileType.mask,
        shared: this.#shared,
        next: place,
      }));
  }

  parent(directory: Ino): Ino {
    return this.#directory(directory).parent ?? this.root;
  }

  /** What has `ino` is known by further numbers, which nothing else has, and is told as one of them. */
  alias(numbers: readonly Ino[], ino: Ino, shown: { readonly ino: Ino; readonly leased: boolean }): void {
    const inode = this.#inode(ino);
    inode.aliases = [...(inode.aliases ?? []), ...numbers];
    inode.shown = shown;
    for (const number of numbers) this.#inodes.set(number, inode);
  }

  /** All the numbers of what has `ino`, its own first. */
  numbers(ino: Ino): readonly [Ino, ...Ino[]] {
    const inode = this.#inode(ino);
    return [inode.ino, ...(inode.aliases ?? [])];
  }

  /** A whole new regular file. ENOSPC: then there is none. */
  put(directory: Ino, name: string, mode: number, bytes: Uint8Array): Attributes {
    const content = new Content(this.#allowance);
    try {
      // Over no backing it never waits.
      void content.write(0, bytes);
      return this.#attributes(this.#add(directory, name, fileType.regular | (mode & 0o7777), { content }));
    } catch (thrown) {
      content.clear();
      throw thrown;
    }
  }

  /** The whole content of a regular file, a copy. */
  content(ino: Ino): Uint8Array {
    const { content } = this.#inode(ino);
    if (content === undefined) throw new FsError("EINVAL", "it has no bytes");
    const bytes = content.read(0, content.size);
    if (isPromise(bytes)) throw new Error("invariant violation: bytes in memory had to be fetched");
    return bytes;
  }

  getxattr(ino: Ino, name: string): Uint8Array {
    const value = this.#inode(ino).xattrs?.get(name);
    if (value === undefined) throw new FsError("ENODATA");
    return value;
  }

  listxattr(ino: Ino): readonly string[] {
    return [...(this.#inode(ino).xattrs?.keys() ?? [])];
  }

  setxattr(ino: Ino, name: string, value: Uint8Array): void {
    const inode = this.#inode(ino);
    (inode.xattrs ??= new Map()).set(name, value.slice());
    inode.ctime = this.#now();
    this.#touched.touch(ino);
  }

  removexattr(ino: Ino, name: string): void {
    const inode = this.#inode(ino);
    if (inode.xattrs?.delete(name) !== true) throw new FsError("ENODATA");
    inode.ctime = this.#now();
    this.#touched.touch(ino);
  }

  statfs(): FsStatus {
    const blockSize = 4096;
    const blocks = Math.floor(this.#allowance.limit / blockSize);
    const blocksFree = Math.max(0, Math.floor((this.#allowance.limit - this.#allowance.used) / blockSize));
    return { blockSize, blocks, blocksFree, files: 2 ** 27, filesFree: 2 ** 27 - this.#inodes.size };
  }

  onChange(listener: () => void): Disposer {
    return this.#touched.onFirst(listener);
  }

  takeChanges(): FsChange {
    const gone: Ino[] = [];
    const inodes = this.#touched.take().flatMap((ino) => {
      const inode = this.#inodes.get(ino);
      // What has lost its name but is still open ends with this file system.
      if (inode !== undefined && inode.nlink > 0) return [changeOf(inode)];
      gone.push(ino);
      return [];
    });
    return { nextIno: this.#nextIno, inodes, gone };
  }

  putBack({ nextIno, inodes }: OverlayState): void {
    if (this.#inodes.size > 1) throw new Error("invariant violation: the file system is already in use");
    for (const { names, masked: _none, lowerSize: _nothing, content, xattrs, ...plain } of inodes) {
      const isDirectory = (plain.mode & fileType.mask) === fileType.directory;
      const inode: Inode = {
        ...plain,
        opens: 0,
        ...(isDirectory ? { names: new NameTable() } : {}),
        ...(content === undefined ? {} : { content: new Content(this.#allowance) }),
        ...(xattrs === undefined ? {} : { xattrs: new Map(xattrs) }),
      };
      inode.names?.restore(names);
      if (content !== undefined) inode.content?.importBlocks(content);
      // Whoever has kept it has it.
      inode.content?.takeChanges();
      this.#inodes.set(inode.ino, inode);
    }
    this.#touched.take();
    this.#nextIno = nextIno;
  }

  #opened(inode: Inode, flags: number): OpenFile {
    if (inode.content === undefined) throw new Error("invariant violation: an open inode has content");
    inode.opens++;
    return openContent(inode.content, flags, {
      written: () => {
        inode.ctime = inode.mtime = this.#now();
        this.#touched.touch(inode.ino);
      },
      closed: () => {
        inode.opens--;
        this.#freeIfUnused(inode);
      },
    });
  }

  #make(mode: number, parts: Pick<Inode, "content" | "names" | "target">, rdev = 0): Inode {
    const now = this.#now();
    const inode: Inode = {
      ino: this.#nextIno++,
      mode,
      uid: 0,
      gid: 0,
      nlink: 1,
      rdev,
      atime: now,
      mtime: now,
      ctime: now,
      opens: 0,
      ...parts,
    };
    this.#inodes.set(inode.ino, inode);
    this.#touched.touch(inode.ino);
    return inode;
  }

  #add(
    directory: Ino,
    name: string,
    mode: number,
    parts: Pick<Inode, "content" | "names" | "target">,
    rdev = 0,
  ): Inode {
    const parent = this.#free(directory, name);
    const inode = this.#make(mode, parts, rdev);
    parent.names.set(name, inode.ino);
    this.#touch(parent.inode);
    return inode;
  }

  /** The directory, if the name is still free in it. */
  #free(directory: Ino, name: string): { inode: Inode; names: NameTable } {
    checkName(name);
    const parent = this.#directory(directory);
    if (parent.names.get(name) !== undefined) throw new FsError("EEXIST");
    if (parent.nlink === 0) throw new FsError("ENOENT");
    return { inode: parent, names: parent.names };
  }

  #touch(directory: Inode): number {
    this.#touched.touch(directory.ino);
    return (directory.mtime = directory.ctime = this.#now());
  }

  #inode(ino: Ino): Inode {
    const inode = this.#inodes.get(ino);
    if (inode === undefined) throw new FsError("ESTALE", `there is no inode ${ino}`);
    return inode;
  }

  #directory(ino: Ino): Inode & { names: NameTable } {
    const inode = this.#inode(ino);
    if (inode.names === undefined) throw new FsError("ENOTDIR");
    return inode as Inode & { names: NameTable };
  }

  #child(parent: { names: NameTable }, name: string): Inode {
    const ino = parent.names.get(name);
    if (ino === undefined) throw new FsError("ENOENT", name);
    return this.#inode(ino);
  }

  #unlinked(inode: Inode, parent: Inode): void {
    if (inode.names !== undefined) {
      inode.nlink = 0;
      parent.nlink--;
    } else {
      inode.nlink--;
    }
    inode.ctime = this.#now();
    this.#touched.touch(inode.ino);
    this.#freeIfUnused(inode);
  }

  #freeIfUnused(inode: Inode): void {
    if (inode.nlink > 0 || inode.opens > 0) return;
    inode.content?.clear();
    const forgotten = inode.names === undefined ? inode.ino : this.#removed.add(inode.ino);
    if (forgotten === undefined) return;
    const gone = this.#inodes.get(forgotten);
    // A number that something else is known by now is that one's.
    for (const number of gone?.aliases ?? [])
      if (this.#inodes.get(number) === gone) this.#inodes.delete(number);
    this.#inodes.delete(forgotten);
  }

  #attributes(inode: Inode): Attributes {
    const { mode, uid, gid, nlink, rdev, atime, mtime, ctime, shown } = inode;
    const { ino, leased } = shown ?? { ino: inode.ino, leased: this.#leased };
    const size =
      inode.content?.size ??
      (inode.target === undefined ? (inode.names?.size ?? 0) : encodeUtf8(inode.target).length);
    return {
      ino,
      mode,
      uid,
      gid,
      nlink,
      rdev,
      size,
      atime,
      mtime,
      ctime,
      ...nanosecondsOf(inode),
      shared: this.#shared,
      ...(leased ? { leased } : {}),
    };
  }
}

function changeOf({
  opens: _gone,
  aliases: _ended,
  shown: _own,
  names,
  content,
  xattrs,
  ...plain
}: Inode): InodeChange {
  return {
    ...plain,
    lowerSize: 0,
    names: [...(names?.entries() ?? [])],
    masked: [],
    ...(content === undefined ? {} : { content: content.takeChanges() }),
    ...(xattrs === undefined ? {} : { xattrs: [...xattrs] }),
  };
}
