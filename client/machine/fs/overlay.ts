// A writable file system over a read-only one: what changes is kept here, block by block, the rest is
// read from below.
// Inode numbers of the lower one stay valid when its files are changed. Knows nothing of where the lower one comes from.

import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import { checkName } from "#core/base/path.ts";
import { checkOpen, checkReplace, isDirectory, mayWrite } from "./file-modes.ts";
import { Allowance } from "./allowance.ts";
import { type Awaitable, chain, isPromise } from "#core/base/awaitable.ts";
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
import { setTimes } from "./fine-times.ts";
import type { FsChange, Keepable } from "./fs-changes.ts";
import type { OverlayState } from "./overlay-state.ts";
import { attributesOf, type UpperInode, type UpperParts } from "./upper-inode.ts";
import { firstUpperIno, UpperTable } from "./upper-table.ts";

/** Places of names that were added here, in readdir; the lower file system's stay below, and all fit into 31 bits. */
const firstUpperPlace = 2 ** 30;

/** A page's tab has about this much to spare. */
const defaultLimitBytes = 512 * 1024 * 1024;

export interface OverlayOptions {
  readonly now?: () => number;
  readonly allowance?: Allowance;
}

export class Overlay implements Fs, Keepable {
  readonly root: Ino;
  readonly #lower: Fs;
  readonly #now: () => number;
  readonly #allowance: Allowance;
  readonly #upper: UpperTable;

  constructor(lower: Fs, options: OverlayOptions = {}) {
    this.#lower = lower;
    this.root = lower.root;
    this.#now = options.now ?? Date.now;
    this.#allowance = options.allowance ?? new Allowance(defaultLimitBytes);
    this.#upper = new UpperTable(lower, this.#now, this.#allowance);
  }

  lookup(directory: Ino, name: string): Awaitable<Attributes> {
    const upper = this.#upper.get(directory);
    if (upper !== undefined) {
      this.#checkDirectory(upper);
      const ino = upper.names.get(name);
      if (ino !== undefined) return this.getattr(ino);
      if (!upper.fromLower || upper.masked.has(name)) throw new FsError("ENOENT", name);
    }
    return chain(this.#lower.lookup(directory, name), (found) => this.#current(found));
  }

  getattr(ino: Ino): Awaitable<Attributes> {
    const upper = this.#upper.get(ino);
    if (upper !== undefined) return attributesOf(upper);
    if (ino >= firstUpperIno) throw new FsError("ESTALE", `there is no inode ${ino}`);
    return this.#lower.getattr(ino);
  }

  setattr(ino: Ino, change: AttributeChange): Awaitable<Attributes> {
    return chain(this.#upper.changed(ino), (inode) => {
      const { size } = change;
      const content = size === undefined ? undefined : this.#upper.content(inode);
      return chain(content, (resized) => {
        const now = this.#now();
        if (resized !== undefined && size !== undefined) {
          resized.truncate(size);
          inode.mtime = now;
        }
        if (change.mode !== undefined) inode.mode = (inode.mode & fileType.mask) | (change.mode & 0o7777);
        if (change.uid !== undefined) inode.uid = change.uid;
        if (change.gid !== undefined) inode.gid = change.gid;
        setTimes(inode, change);
        inode.ctime = now;
        this.#upper.touched.touch(ino);
        return attributesOf(inode);
      });
    });
  }

  open(ino: Ino, flags: number): Awaitable<OpenFile> {
    // Reading copies nothing; but a file that is read must see what is written meanwhile.
    return chain(this.getattr(ino), ({ mode }) => {
      checkOpen(mode, flags);
      const inode = this.#upper.get(ino);
      if (inode === undefined && !mayWrite(flags)) return this.#upper.openUnchanged(ino, flags);
      return chain(this.#upper.changed(ino), (changed) => {
        if ((flags & openFlag.truncate) === 0 || !mayWrite(flags)) return this.#upper.open(changed, flags);
        return chain(this.setattr(ino, { size: 0 }), () => this.#upper.open(changed, flags));
      });
    });
  }

  create(
    directory: Ino,
    name: string,
    flags: number,
    mode: number,
  ): Awaitable<{ attributes: Attributes; file: OpenFile }> {
    return chain(this.#add(directory, name, fileType.regular | (mode & 0o7777), {}), (inode) => {
      return { attributes: attributesOf(inode), file: this.#upper.open(inode, flags) };
    });
  }

  mkdir(directory: Ino, name: string, mode: number): Awaitable<Attributes> {
    return chain(
      this.#add(directory, name, fileType.directory | (mode & 0o7777), { parent: directory }),
      attributesOf,
    );
  }

  symlink(directory: Ino, name: string, target: string): Awaitable<Attributes> {
    return chain(this.#add(directory, name, fileType.symlink | 0o777, { target }), attributesOf);
  }

  mknod(directory: Ino, name: string, mode: number, rdev: number): Awaitable<Attributes> {
    const type = mode & fileType.mask;
    if (type === fileType.directory || type === fileType.symlink) throw new FsError("EINVAL");
    return chain(
      this.#add(directory, name, type === 0 ? fileType.regular | mode : mode, { rdev }),
      attributesOf,
    );
  }

  readlink(ino: Ino): Awaitable<string> {
    const target = this.#upper.get(ino)?.target;
    if (target !== undefined) return target;
    if (ino >= firstUpperIno || this.#lower.readlink === undefined)
      throw new FsError("EINVAL", "no symbolic link");
    return this.#lower.readlink(ino);
  }

  link(directory: Ino, name: string, ino: Ino): Awaitable<Attributes> {
    return chain(this.#upper.changed(ino), (inode) => {
      if (isDirectory(inode.mode)) throw new FsError("EPERM", "directories cannot be hard-linked");
      if (inode.nlink === 0) throw new FsError("ENOENT");
      return chain(this.#free(directory, name), (parent) => {
        parent.names.set(name, ino);
        parent.masked.add(name);
        inode.nlink++;
        inode.ctime = this.#touch(parent);
        this.#upper.touched.touch(ino);
        return attributesOf(inode);
      });
    });
  }

  unlink(directory: Ino, name: string, directoryWanted: boolean): Awaitable<void> {
    return chain(this.lookup(directory, name), (found) => {
      if (directoryWanted && !isDirectory(found.mode)) throw new FsError("ENOTDIR");
      if (!directoryWanted && isDirectory(found.mode)) throw new FsError("EISDIR");
      return chain(this.#checkEmpty(found), () =>
        chain(this.#upper.changed(directory), (parent) =>
          chain(this.#upper.changed(found.ino), (inode) => {
            parent.names.delete(name);
            parent.masked.add(name);
            this.#touch(parent);
            this.#upper.unlinked(inode, parent);
          }),
        ),
      );
    });
  }

  rename(from: Ino, name: string, to: Ino, newName: string): Awaitable<void> {
    checkName(newName);
    return chain(this.#checkIsDirectory(from), () =>
      chain(this.#checkIsDirectory(to), () => this.#rename(from, name, to, newName)),
    );
  }

  #rename(from: Ino, name: string, to: Ino, newName: string): Awaitable<void> {
    return chain(this.lookup(from, name), (moved) =>
      chain(isDirectory(moved.mode) ? this.#checkNotInside(moved.ino, to) : undefined, () =>
        chain(this.#find(to, newName), (replaced) => {
          if (replaced?.ino === moved.ino) return undefined;
          if (replaced !== undefined) checkReplace(moved, replaced);
          const ready = chain(replaced === undefined ? undefined : this.#checkEmpty(replaced), () =>
            replaced === undefined ? undefined : this.#upper.changed(replaced.ino),
          );
          return chain(ready, (gone) =>
            chain(this.#upper.changed(from), (source) =>
              chain(this.#upper.changed(to), (target) =>
                chain(this.#upper.changed(moved.ino), (inode) => {
                  this.#checkDirectory(target);
                  if (target.nlink === 0) throw new FsError("ENOENT");
                  if (gone !== undefined) this.#upper.unlinked(gone, target);
                  source.names.delete(name);
                  source.masked.add(name);
                  target.names.set(newName, inode.ino);
                  target.masked.add(newName);
                  if (isDirectory(inode.mode)) {
                    inode.parent = to;
                    source.nlink--;
                    target.nlink++;
                  }
                  this.#touch(source);
                  inode.ctime = this.#touch(target);
                  this.#upper.touched.touch(inode.ino);
                }),
              ),
            ),
          );
        }),
      ),
    );
  }

  readdir(directory: Ino, offset: number, limit: number): Awaitable<readonly DirectoryEntry[]> {
    const upper = this.#upper.get(directory);
    if (upper === undefined) return this.#lower.readdir(directory, offset, limit);
    this.#checkDirectory(upper);
    const found: DirectoryEntry[] = [];
    const added = (): readonly DirectoryEntry[] => {
      const place = Math.max(0, offset - firstUpperPlace);
      for (const entry of upper.names.after(place, limit - found.length)) {
        const type = this.#upper.get(entry.ino)?.mode;
        if (type === undefined) throw new Error("invariant violation: a name without its inode");
        found.push({
          name: entry.name,
          ino: entry.ino,
          type: type & fileType.mask,
          shared: false,
          next: firstUpperPlace + entry.place,
        });
      }
      return found;
    };
    const lower = (from: number): Awaitable<readonly DirectoryEntry[]> =>
      chain(this.#lower.readdir(directory, from, limit), (entries) => {
        for (const entry of entries) {
          if (found.length < limit && !upper.masked.has(entry.name)) found.push(entry);
        }
        const last = entries.at(-1);
        if (last === undefined) return added();
        return found.length >= limit ? found : lower(last.next);
      });
    return upper.fromLower && offset < firstUpperPlace ? lower(offset) : added();
  }

  statfs(): FsStatus {
    const blockSize = 4096;
    const blocks = Math.floor(this.#allowance.limit / blockSize);
    const blocksFree = Math.max(0, Math.floor((this.#allowance.limit - this.#allowance.used) / blockSize));
    return {
      blockSize,
      blocks,
      blocksFree,
      files: firstUpperIno,
      filesFree: firstUpperIno - this.#upper.size,
    };
  }

  parent(directory: Ino): Awaitable<Ino> {
    if (directory === this.root) return this.root;
    const parent = this.#upper.get(directory)?.parent;
    if (parent !== undefined) return parent;
    if (directory >= firstUpperIno || this.#lower.parent === undefined) throw new FsError("ESTALE");
    return this.#lower.parent(directory);
  }

  getxattr(ino: Ino, name: string): Awaitable<Uint8Array> {
    return chain(this.getattr(ino), () => {
      const value = this.#upper.get(ino)?.xattrs?.get(name);
      if (value === undefined) throw new FsError("ENODATA");
      return value;
    });
  }

  listxattr(ino: Ino): Awaitable<readonly string[]> {
    return chain(this.getattr(ino), () => [...(this.#upper.get(ino)?.xattrs?.keys() ?? [])]);
  }

  setxattr(ino: Ino, name: string, value: Uint8Array): Awaitable<void> {
    return chain(this.#upper.changed(ino), (inode) => {
      (inode.xattrs ??= new Map()).set(name, value.slice());
      inode.ctime = this.#now();
      this.#upper.touched.touch(ino);
    });
  }

  removexattr(ino: Ino, name: string): Awaitable<void> {
    return chain(this.getattr(ino), () => {
      const inode = this.#upper.get(ino);
      if (inode?.xattrs?.delete(name) !== true) throw new FsError("ENODATA");
      inode.ctime = this.#now();
      this.#upper.touched.touch(ino);
    });
  }

  /** Everything that differs from the lower file system, as bytes: part of a snapshot. */
  exportState(): Uint8Array<ArrayBuffer> {
    return this.#upper.export();
  }

  /** Takes up an exported state. Only on a fresh overlay over the same lower file system. */
  importState(bytes: Uint8Array): void {
    this.#upper.import(bytes);
  }

  onChange(listener: () => void): Disposer {
    return this.#upper.touched.onFirst(listener);
  }

  takeChanges(): FsChange {
    return this.#upper.takeChanges();
  }

  putBack(state: OverlayState): void {
    this.#upper.putBack(state);
  }

  /** What the lower file system says, unless it was changed here. */
  #current(found: Attributes): Attributes {
    const upper = this.#upper.get(found.ino);
    return upper === undefined ? found : attributesOf(upper);
  }

  #find(directory: Ino, name: string): Awaitable<Attributes | undefined> {
    const absent = (thrown: unknown): undefined => {
      if (thrown instanceof FsError && thrown.code === "ENOENT") return undefined;
      throw thrown;
    };
    try {
      const found = this.lookup(directory, name);
      return isPromise(found) ? found.catch(absent) : found;
    } catch (thrown) {
      return absent(thrown);
    }
  }

  #add(directory: Ino, name: string, mode: number, parts: UpperParts): Awaitable<UpperInode> {
    return chain(this.#free(directory, name), (parent) => {
      const inode = this.#upper.make(mode, parts);
      parent.names.set(name, inode.ino);
      parent.masked.add(name);
      if (isDirectory(mode)) parent.nlink++;
      this.#touch(parent);
      return inode;
    });
  }

  /** The directory, if the name is still free in it. */
  #free(directory: Ino, name: string): Awaitable<UpperInode> {
    checkName(name);
    return chain(this.#find(directory, name), (found) => {
      if (found !== undefined) throw new FsError("EEXIST");
      return chain(this.#upper.changed(directory), (parent) => {
        // Meanwhile (a lookup may have waited) somebody else may have made it.
        if (parent.names.get(name) !== undefined) throw new FsError("EEXIST");
        if (parent.nlink === 0) throw new FsError("ENOENT");
        return parent;
      });
    });
  }

  #checkDirectory(inode: UpperInode): void {
    if (!isDirectory(inode.mode)) throw new FsError("ENOTDIR");
  }

  #checkIsDirectory(ino: Ino): Awaitable<void> {
    return chain(this.getattr(ino), ({ mode }) => {
      if (!isDirectory(mode)) throw new FsError("ENOTDIR");
    });
  }

  #checkEmpty(found: Attributes): Awaitable<void> {
    if (!isDirectory(found.mode)) return undefined;
    return chain(this.readdir(found.ino, 0, 1), (entries) => {
      if (entries.length > 0) throw new FsError("ENOTEMPTY");
    });
  }

  #checkNotInside(moved: Ino, directory: Ino): Awaitable<void> {
    if (directory === moved) throw new FsError("EINVAL", "a directory cannot move into itself");
    if (directory === this.root) return undefined;
    return chain(this.parent(directory), (up) => this.#checkNotInside(moved, up));
  }

  #touch(directory: UpperInode): number {
    this.#upper.touched.touch(directory.ino);
    return (directory.mtime = directory.ctime = this.#now());
  }
}
