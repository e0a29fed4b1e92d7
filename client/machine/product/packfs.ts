// The base image as a read-only file system. Answers at once whenever the blocks are resident.
// Knows nothing of packs and where they come from.

import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Attributes, DirectoryEntry, Fs, FsStatus, Ino, OpenFile } from "#machine/fs/fs.ts";
import { isPromise } from "#core/base/awaitable.ts";
import { fileType, openFlag } from "#machine/fs/fs.ts";
import type { FileWatch, ImageFile } from "./file-news.ts";
import type { ImageInode, Manifest } from "./manifest.ts";
import { rootInode, targetLength } from "./manifest.ts";
import type { BlockStore, Hold } from "./pack-store.ts";

export class PackFs implements Fs {
  readonly root: Ino = rootInode;
  readonly #manifest: Manifest;
  readonly #blocks: BlockStore;
  readonly #parents: Int32Array;
  readonly #links: Int32Array;
  /** Directory listings that were asked for: getdents comes in pieces. */
  readonly #listings = new Map<Ino, readonly DirectoryEntry[]>();

  readonly #watch: FileWatch | undefined;

  constructor(manifest: Manifest, blocks: BlockStore, watch?: FileWatch) {
    this.#manifest = manifest;
    this.#blocks = blocks;
    this.#watch = watch;
    this.#parents = new Int32Array(manifest.inodes.length + 1);
    this.#links = new Int32Array(manifest.inodes.length + 1);
    this.#parents[rootInode] = rootInode;
    let directory = 0;
    for (const { entries } of manifest.inodes) {
      directory++;
      if (entries === undefined) continue;
      // Its own name and ".", and the ".." of every directory below.
      let links = directory === rootInode ? 2 : 1;
      for (const ino of entries.values()) {
        this.#links[ino] = (this.#links[ino] ?? 0) + 1;
        if (manifest.inodes[ino - 1]?.entries === undefined) continue;
        this.#parents[ino] = directory;
        links++;
      }
      this.#links[directory] = (this.#links[directory] ?? 0) + links;
    }
  }

  lookup(directory: Ino, name: string): Attributes {
    const ino = this.#directory(directory).get(name);
    if (ino === undefined) throw new FsError("ENOENT");
    return this.getattr(ino);
  }

  getattr(ino: Ino): Attributes {
    const { mode, uid, gid, mtime, size, target } = this.#inode(ino);
    const time = mtime * 1000;
    return {
      ino,
      mode,
      uid,
      gid,
      nlink: this.#links[ino] ?? 0,
      rdev: 0,
      size: target === undefined ? size : targetLength(target),
      atime: time,
      mtime: time,
      ctime: time,
      shared: false,
    };
  }

  open(ino: Ino, flags: number): OpenFile {
    const inode = this.#inode(ino);
    if ((flags & openFlag.accessMode) !== openFlag.readOnly || (flags & openFlag.truncate) !== 0)
      throw new FsError("EROFS");
    if (inode.entries !== undefined) throw new FsError("EISDIR");
    if (inode.blocks === undefined) throw new FsError("ELOOP");
    return new PackFile(inode, this.#manifest.blockSize, this.#blocks, {
      fetching: (loaded, total) => this.#watch?.fetching(this.#fileOf(ino), loaded, total),
      missing: (error, started) => this.#watch?.missing(this.#fileOf(ino), error, started),
    });
  }

  readdir(directory: Ino, offset: number, limit: number): readonly DirectoryEntry[] {
    const entries = this.#directory(directory);
    let listing = this.#listings.get(directory);
    if (listing === undefined) {
      listing = [...entries].map(([name, ino], index) => ({
        name,
        ino,
        type: this.#inode(ino).mode & fileType.mask,
        shared: false,
        next: index + 1,
      }));
      this.#listings.set(directory, listing);
    }
    return listing.slice(offset, offset + limit);
  }

  readlink(ino: Ino): string {
    const { target } = this.#inode(ino);
    if (target === undefined) throw new FsError("EINVAL");
    return target;
  }

  parent(directory: Ino): Ino {
    this.#directory(directory);
    return this.#parents[directory] ?? rootInode;
  }

  statfs(): FsStatus {
    const { blockSize, inodes, packs } = this.#manifest;
    const blocks = packs.reduce((sum, pack) => sum + pack.blocks, 0);
    return { blockSize, blocks, blocksFree: 0, files: inodes.length, filesFree: 0 };
  }

  setattr(): never {
    throw new FsError("EROFS");
  }
  create(): never {
    throw new FsError("EROFS");
  }
  mkdir(): never {
    throw new FsError("EROFS");
  }
  unlink(): never {
    throw new FsError("EROFS");
  }
  rename(): never {
    throw new FsError("EROFS");
  }

  /** Searched for: only who waits or fails asks. */
  #fileOf(ino: Ino): ImageFile {
    const path = this.#pathOf(ino);
    const executable = (this.#inode(ino).mode & 0o111) !== 0;
    return { path, program: executable && !library.test(path) };
  }

  #pathOf(ino: Ino): string {
    if (ino === rootInode) return "";
    for (const [index, { entries }] of this.#manifest.inodes.entries())
      for (const [name, child] of entries ?? [])
        if (child === ino) return `${this.#pathOf(index + 1)}/${name}`;
    return "";
  }

  #inode(ino: Ino): ImageInode {
    const inode = this.#manifest.inodes[ino - 1];
    if (inode === undefined) throw new FsError("ESTALE");
    return inode;
  }

  #directory(ino: Ino): ReadonlyMap<string, number> {
    const { entries } = this.#inode(ino);
    if (entries === undefined) throw new FsError("ENOTDIR");
    return entries;
  }
}

/** Shared objects are executable, too. */
const library = /\.so(\.|$)/;

/** FileWatch of one file. */
interface OneFileWatch {
  fetching(loaded: number, total: number): void;
  missing(error: FsError, started: boolean): void;
}

class PackFile implements OpenFile {
  readonly #inode: ImageInode;
  readonly #blockSize: number;
  readonly #blocks: BlockStore;
  readonly #watch: OneFileWatch;
  #hold: Hold | undefined;

  constructor(inode: ImageInode, blockSize: number, blocks: BlockStore, watch: OneFileWatch) {
    this.#inode = inode;
    this.#blockSize = blockSize;
    this.#blocks = blocks;
    this.#watch = watch;
  }

  ready(): Awaitable<void> {
    this.#hold ??= this.#blocks.hold?.(this.#inode.blocks ?? [], (loaded, total) =>
      this.#watch.fetching(loaded, total),
    );
    const ready = this.#hold?.ready;
    return isPromise(ready) ? ready.catch((thrown: unknown) => this.#fail(thrown, false)) : ready;
  }

  #fail(thrown: unknown, started: boolean): never {
    if (thrown instanceof FsError) this.#watch.missing(thrown, started);
    throw thrown;
  }

  read(offset: number, count: number): Awaitable<Uint8Array> {
    const end = Math.min(offset + count, this.#inode.size);
    if (offset >= end) return new Uint8Array(0);
    const first = Math.floor(offset / this.#blockSize);
    const last = Math.floor((end - 1) / this.#blockSize);
    const from = offset - first * this.#blockSize;
    const length = end - offset;
    const parts: Awaitable<Uint8Array>[] = [];
    let waits = false;
    for (let index = first; index <= last; index++) {
      const block = this.#inode.blocks?.[index];
      if (block === undefined) throw new Error("invariant violation: a file is shorter than its size");
      const part = this.#blocks.read(block);
      waits ||= isPromise(part);
      parts.push(part);
    }
    const cut = (whole: readonly Uint8Array[]): Uint8Array => slice(whole, from, length);
    return waits
      ? Promise.all(parts.map((part) => Promise.resolve(part))).then(cut, (thrown: unknown) =>
          this.#fail(thrown, true),
        )
      : cut(parts as Uint8Array[]);
  }

  write(): never {
    throw new FsError("EBADF");
  }
  fsync(): void {}
  close(): void {
    this.#hold?.release();
    this.#hold = undefined;
  }
}

/** `length` bytes from `from` of the parts laid end to end; a view where one part holds them all. */
function slice(parts: readonly Uint8Array[], from: number, length: number): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only.subarray(from, from + length);
  const whole = new Uint8Array(length);
  let at = -from;
  for (const part of parts) {
    const start = Math.max(0, -at);
    whole.set(part.subarray(start, Math.min(part.length, length - at)), Math.max(0, at));
    at += part.length;
  }
  return whole;
}
