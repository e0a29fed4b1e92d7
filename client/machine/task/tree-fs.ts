// A file system of made-up files: directories in memory, files that are functions. Knows nothing of tasks.

import { emptyBytes } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import {
  type AttributeChange,
  fileType,
  openFlag,
  type Attributes,
  type DirectoryEntry,
  type Fs,
  type FsStatus,
  type Ino,
  type Interrupt,
  type OpenFile,
} from "#machine/fs/fs.ts";

/** What an opening of a file can do; what is missing is EBADF. */
interface TreeOpening {
  /** What may have to be waited for; a stream ignores `offset`. */
  readonly read?: (offset: number, count: number, interrupt: Interrupt) => Awaitable<Uint8Array>;
  /** It may wait; a stream ignores `offset`. */
  readonly write?: (data: Uint8Array, interrupt: Interrupt, offset: number) => Awaitable<number>;
  readonly close?: () => void;
}

/** What a file of the tree can do; what is missing is EACCES. */
export interface TreeFile extends Omit<TreeOpening, "close"> {
  /** The whole content, taken when the file is opened for reading. */
  readonly content?: () => Uint8Array;
  /** What O_TRUNC and truncate(2) do. Without it nothing: the shell's `>` truncates what it opens. */
  readonly truncate?: (size: number) => void;
  /** For a file whose openings know of each other: in place of the others. `mode` has the permission bits that tell what may be asked. */
  readonly open?: {
    readonly mode: number;
    readonly begin: (reads: boolean, writes: boolean) => TreeOpening;
  };
}

interface FileNode {
  readonly kind: "file";
  readonly ino: Ino;
  readonly file: TreeFile;
  readonly born: number;
  /** How often it is open; a removed file lasts until that is 0, as everywhere. */
  opens: number;
  removed: boolean;
}

interface DirectoryNode {
  readonly kind: "directory";
  readonly ino: Ino;
  readonly parent: Ino;
  readonly children: Map<string, { readonly node: Node; readonly serial: number }>;
  readonly born: number;
  changed: number;
  /** Given to entries in turn, so that a readdir goes on where it was. */
  serial: number;
}

type Node = FileNode | DirectoryNode;

/** A directory of the tree, to be filled by its owner. */
export interface TreeDirectory {
  file(name: string, file: TreeFile): void;
  directory(name: string): TreeDirectory;
  remove(name: string): void;
}

export class TreeFs implements Fs {
  readonly root: Ino = 1;
  readonly top: TreeDirectory;
  readonly #nodes = new Map<Ino, Node>();
  readonly #now: () => number;
  #lastIno = 0;

  constructor(now: () => number) {
    this.#now = now;
    const root = this.#makeDirectory(1);
    this.top = this.#handle(root);
  }

  lookup(directory: Ino, name: string): Attributes {
    const child = this.#directory(directory).children.get(name);
    if (child === undefined) throw new FsError("ENOENT");
    return this.#attributes(child.node);
  }

  getattr(ino: Ino): Attributes {
    return this.#attributes(this.#node(ino));
  }

  /** Nothing here has a mode, an owner or a time to set. */
  setattr(ino: Ino, { size }: AttributeChange): Attributes {
    const node = this.#node(ino);
    if (size !== undefined && node.kind === "file") node.file.truncate?.(size);
    return this.#attributes(node);
  }

  open(ino: Ino, flags: number): OpenFile {
    const node = this.#node(ino);
    const mode = flags & openFlag.accessMode;
    if (node.kind === "directory") {
      if (mode !== openFlag.readOnly) throw new FsError("EISDIR");
      return openDirectory;
    }
    const wantsRead = mode !== openFlag.writeOnly;
    const wantsWrite = mode !== openFlag.readOnly;
    const permitted = permissions(node.file);
    if ((wantsRead && (permitted & 0o444) === 0) || (wantsWrite && (permitted & 0o200) === 0))
      throw new FsError("EACCES");
    if ((flags & openFlag.truncate) !== 0 && wantsWrite) node.file.truncate?.(0);
    const opening = node.file.open?.begin(wantsRead, wantsWrite) ?? node.file;
    const bytes = wantsRead ? node.file.content?.() : undefined;
    node.opens++;
    return {
      read: (offset, count, interrupt) => {
        if (bytes !== undefined)
          return bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + count, bytes.length));
        if (opening.read === undefined || !wantsRead) throw new FsError("EBADF");
        return opening.read(offset, count, interrupt);
      },
      write: (offset, data, interrupt) => {
        if (opening.write === undefined || !wantsWrite) throw new FsError("EBADF");
        const appends = (flags & openFlag.append) !== 0;
        return opening.write(data, interrupt, appends ? (node.file.content?.().length ?? 0) : offset);
      },
      fsync: nothing,
      close: () => {
        if ("close" in opening) opening.close?.();
        node.opens--;
        if (node.removed && node.opens === 0) this.#nodes.delete(node.ino);
      },
    };
  }

  create(): never {
    throw new FsError("EPERM", "files here are made by the machine");
  }

  mkdir(): never {
    throw new FsError("EPERM");
  }

  unlink(): never {
    throw new FsError("EPERM");
  }

  rename(): never {
    throw new FsError("EPERM");
  }

  readdir(directory: Ino, offset: number, limit: number): readonly DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    // A Map keeps the order in which names came, so serials rise.
    for (const [name, { node, serial }] of this.#directory(directory).children) {
      if (serial <= offset) continue;
      if (entries.length >= limit) break;
      entries.push({
        name,
        ino: node.ino,
        type: node.kind === "file" ? fileType.regular : fileType.directory,
        shared: true,
        next: serial,
      });
    }
    return entries;
  }

  statfs(): FsStatus {
    return { blockSize: 4096, blocks: 0, blocksFree: 0, files: this.#nodes.size, filesFree: 0 };
  }

  parent(directory: Ino): Ino {
    return this.#directory(directory).parent;
  }

  #node(ino: Ino): Node {
    const node = this.#nodes.get(ino);
    if (node === undefined) throw new FsError("ENOENT");
    return node;
  }

  #directory(ino: Ino): DirectoryNode {
    const node = this.#node(ino);
    if (node.kind !== "directory") throw new FsError("ENOTDIR");
    return node;
  }

  #makeDirectory(parent: Ino): DirectoryNode {
    const now = this.#now();
    const node: DirectoryNode = {
      kind: "directory",
      ino: ++this.#lastIno,
      parent,
      children: new Map(),
      born: now,
      changed: now,
      serial: 0,
    };
    this.#nodes.set(node.ino, node);
    return node;
  }

  #add(parent: DirectoryNode, name: string, node: Node): void {
    parent.serial++;
    parent.children.set(name, { node, serial: parent.serial });
    parent.changed = this.#now();
  }

  #handle(directory: DirectoryNode): TreeDirectory {
    return {
      file: (name, file) => {
        this.#removeChild(directory, name);
        const node: FileNode = {
          kind: "file",
          ino: ++this.#lastIno,
          file,
          born: this.#now(),
          opens: 0,
          removed: false,
        };
        this.#nodes.set(node.ino, node);
        this.#add(directory, name, node);
      },
      directory: (name) => {
        this.#removeChild(directory, name);
        const node = this.#makeDirectory(directory.ino);
        this.#add(directory, name, node);
        return this.#handle(node);
      },
      remove: (name) => this.#removeChild(directory, name),
    };
  }

  #removeChild(directory: DirectoryNode, name: string): void {
    const child = directory.children.get(name);
    if (child === undefined) return;
    directory.children.delete(name);
    directory.changed = this.#now();
    this.#forget(child.node);
  }

  #forget(node: Node): void {
    if (node.kind === "directory") for (const child of node.children.values()) this.#forget(child.node);
    else node.removed = true;
    if (node.kind === "directory" || node.opens === 0) this.#nodes.delete(node.ino);
  }

  #attributes(node: Node): Attributes {
    const changed = node.kind === "directory" ? node.changed : node.born;
    return {
      ino: node.ino,
      mode: modeOf(node),
      uid: 0,
      gid: 0,
      nlink: node.kind === "directory" ? 2 : 1,
      rdev: 0,
      size: node.kind === "file" ? (node.file.content?.().length ?? 0) : 0,
      atime: changed,
      mtime: changed,
      ctime: changed,
      shared: true,
    };
  }
}

const nothing = (): void => undefined;

/** Directories are read with readdir. */
const openDirectory: OpenFile = {
  read: () => emptyBytes,
  write: () => {
    throw new FsError("EISDIR");
  },
  fsync: nothing,
  close: nothing,
};

function modeOf(node: Node): number {
  return node.kind === "directory" ? fileType.directory | 0o755 : fileType.regular | permissions(node.file);
}

function permissions({ content, read, write, open }: TreeFile): number {
  if (open !== undefined) return open.mode;
  const readable = content !== undefined || read !== undefined;
  return (readable ? 0o444 : 0) | (write === undefined ? 0 : 0o200);
}
