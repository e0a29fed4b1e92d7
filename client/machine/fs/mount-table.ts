// One file system out of several: each sits at a directory of another and hides what was there.
// Knows nothing of what it mounts but the Fs interface.

import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import { splitPath } from "#core/base/path.ts";
import { isDirectory } from "./file-modes.ts";
import type { Caller } from "./caller.ts";
import { all, type Awaitable, chain } from "#core/base/awaitable.ts";
import {
  type AttributeChange,
  type Attributes,
  type DirectoryEntry,
  fileType,
  type Fs,
  type FsStatus,
  type Ino,
  type OpenFile,
} from "./fs.ts";

/** Inode numbers of a mounted file system stay below this; the mount's number counts above it. */
export const inosPerMount = 2 ** 28;

/** stat(2) on a 32-bit guest refuses inode numbers of 2^32 and more to programs without large-file support. */
const mountsEnd = 15;

/** 0 and 2^32 - 1 mean to our kernel that there is no lease. */
const maxLease = 2 ** 32 - 2;

interface Mount {
  readonly number: number;
  readonly fs: Fs;
  /** The directory that it hides (a number of the whole); the root mount hides nothing. */
  readonly at?: Ino;
}

export class MountTable implements Fs {
  readonly root: Ino;
  /** By their numbers. */
  readonly #mounts: (Mount | undefined)[] = [];
  readonly #byPoint = new Map<Ino, Mount>();

  constructor(root: Fs) {
    const mount = { number: 0, fs: root };
    this.#mounts[mount.number] = mount;
    this.root = this.#outer(mount, root.root);
  }

  /**
   * Mounts `fs` over the directory at `path`, which must exist. `number` (1 to 14) is part of every inode number that the
   * guest sees: EBUSY where another has it.
   */
  mount(path: string, fs: Fs, number: number): Awaitable<Disposer> {
    let at: Awaitable<Attributes> = this.getattr(this.root);
    for (const name of splitPath(path)) at = chain(at, (directory) => this.lookup(directory.ino, name));
    return chain(at, (point) => {
      if (!isDirectory(point.mode)) throw new FsError("ENOTDIR", path);
      if (point.ino === this.root) throw new FsError("EBUSY", "the root cannot be mounted over");
      if (!(Number.isInteger(number) && number > 0 && number < mountsEnd))
        throw new FsError("EINVAL", `no mount has the number ${number}`);
      if (this.#mounts[number] !== undefined)
        throw new FsError("EBUSY", `there is a mount ${number} already`);
      const mount: Mount = { number, fs, at: point.ino };
      this.#mounts[number] = mount;
      this.#byPoint.set(point.ino, mount);
      return () => {
        if (this.#mounts[number] !== mount) return;
        this.#mounts[number] = undefined;
        this.#byPoint.delete(point.ino);
      };
    });
  }

  lookup(directory: Ino, name: string): Awaitable<Attributes> {
    const [mount, ino] = this.#inner(directory);
    return chain(mount.fs.lookup(ino, name), (found) => {
      const covering = this.#byPoint.get(this.#outer(mount, found.ino));
      return covering === undefined
        ? this.#attributes(mount, found)
        : this.getattr(this.#outer(covering, covering.fs.root));
    });
  }

  getattr(ino: Ino): Awaitable<Attributes> {
    const [mount, inner] = this.#inner(ino);
    return chain(mount.fs.getattr(inner), (found) => this.#attributes(mount, found));
  }

  setattr(ino: Ino, change: AttributeChange): Awaitable<Attributes> {
    const [mount, inner] = this.#inner(ino);
    return chain(mount.fs.setattr(inner, change), (found) => this.#attributes(mount, found));
  }

  open(ino: Ino, flags: number): Awaitable<OpenFile> {
    const [mount, inner] = this.#inner(ino);
    return mount.fs.open(inner, flags);
  }

  create(
    directory: Ino,
    name: string,
    flags: number,
    mode: number,
  ): Awaitable<{ attributes: Attributes; file: OpenFile }> {
    const [mount, ino] = this.#inner(directory);
    return chain(mount.fs.create(ino, name, flags, mode), ({ attributes, file }) => ({
      attributes: this.#attributes(mount, attributes),
      file,
    }));
  }

  mkdir(directory: Ino, name: string, mode: number): Awaitable<Attributes> {
    const [mount, ino] = this.#inner(directory);
    return chain(mount.fs.mkdir(ino, name, mode), (found) => this.#attributes(mount, found));
  }

  unlink(directory: Ino, name: string, directoryWanted: boolean): Awaitable<void> {
    const [mount, ino] = this.#inner(directory);
    return chain(this.#checkNoPoint(mount, ino, name), () => mount.fs.unlink(ino, name, directoryWanted));
  }

  rename(from: Ino, name: string, to: Ino, newName: string): Awaitable<void> {
    const [mount, ino] = this.#inner(from);
    const [target, targetIno] = this.#inner(to);
    if (mount !== target) throw new FsError("EXDEV");
    return chain(this.#checkNoPoint(mount, ino, name), () =>
      chain(this.#checkNoPoint(mount, targetIno, newName), () =>
        mount.fs.rename(ino, name, targetIno, newName),
      ),
    );
  }

  readdir(directory: Ino, offset: number, limit: number): Awaitable<readonly DirectoryEntry[]> {
    const [mount, ino] = this.#inner(directory);
    return chain(mount.fs.readdir(ino, offset, limit), (entries) => {
      const outer: Awaitable<DirectoryEntry>[] = entries.map((entry) => {
        const number = this.#outer(mount, entry.ino);
        const covering = this.#byPoint.get(number);
        if (covering === undefined) return { ...entry, ino: number };
        return chain(covering.fs.getattr(covering.fs.root), ({ shared }) => ({
          ...entry,
          ino: this.#outer(covering, covering.fs.root),
          shared,
        }));
      });
      return all(outer);
    });
  }

  statfs(ino: Ino = this.root): Awaitable<FsStatus> {
    const [mount, inner] = this.#inner(ino);
    return mount.fs.statfs(inner);
  }

  symlink(directory: Ino, name: string, target: string): Awaitable<Attributes> {
    const [mount, ino] = this.#inner(directory);
    if (mount.fs.symlink === undefined) throw new FsError("EPERM");
    return chain(mount.fs.symlink(ino, name, target), (found) => this.#attributes(mount, found));
  }

  readlink(ino: Ino): Awaitable<string> {
    const [mount, inner] = this.#inner(ino);
    if (mount.fs.readlink === undefined) throw new FsError("EINVAL");
    return mount.fs.readlink(inner);
  }

  link(directory: Ino, name: string, ino: Ino): Awaitable<Attributes> {
    const [mount, inner] = this.#inner(directory);
    const [source, sourceIno] = this.#inner(ino);
    if (mount !== source) throw new FsError("EXDEV");
    if (mount.fs.link === undefined) throw new FsError("EPERM", "no hard links here");
    return chain(mount.fs.link(inner, name, sourceIno), (found) => this.#attributes(mount, found));
  }

  mknod(directory: Ino, name: string, mode: number, rdev: number): Awaitable<Attributes> {
    const [mount, ino] = this.#inner(directory);
    if (mount.fs.mknod === undefined) throw new FsError("EPERM", "no special files here");
    return chain(mount.fs.mknod(ino, name, mode, rdev), (found) => this.#attributes(mount, found));
  }

  getxattr(ino: Ino, name: string): Awaitable<Uint8Array> {
    const [mount, inner] = this.#inner(ino);
    if (mount.fs.getxattr === undefined) throw new FsError("EOPNOTSUPP");
    return mount.fs.getxattr(inner, name);
  }

  listxattr(ino: Ino): Awaitable<readonly string[]> {
    const [mount, inner] = this.#inner(ino);
    if (mount.fs.listxattr === undefined) throw new FsError("EOPNOTSUPP");
    return mount.fs.listxattr(inner);
  }

  setxattr(ino: Ino, name: string, value: Uint8Array): Awaitable<void> {
    const [mount, inner] = this.#inner(ino);
    if (mount.fs.setxattr === undefined) throw new FsError("EOPNOTSUPP");
    return mount.fs.setxattr(inner, name, value);
  }

  removexattr(ino: Ino, name: string): Awaitable<void> {
    const [mount, inner] = this.#inner(ino);
    if (mount.fs.removexattr === undefined) throw new FsError("EOPNOTSUPP");
    return mount.fs.removexattr(inner, name);
  }

  /** Changes when that of any mounted file system does. */
  lease(): number {
    let sum = 0;
    for (const mount of this.#mounts) sum += mount?.fs.lease?.() ?? 0;
    return (sum % maxLease) + 1;
  }

  leaseholder<T>(work: () => T, caller?: Caller): T {
    let whole = work;
    for (const mount of this.#mounts) {
      const hold = mount?.fs.leaseholder?.bind(mount.fs);
      const inner = whole;
      if (hold !== undefined) whole = () => hold(inner, caller);
    }
    return whole();
  }

  onBehalfOf<T>(caller: Caller | undefined, work: () => T): T {
    let whole = work;
    for (const mount of this.#mounts) {
      const act = mount?.fs.onBehalfOf?.bind(mount.fs);
      const inner = whole;
      if (act !== undefined) whole = () => act(caller, inner);
    }
    return whole();
  }

  parent(directory: Ino): Awaitable<Ino> {
    const [mount, ino] = this.#inner(directory);
    if (ino === mount.fs.root) return mount.at === undefined ? this.root : this.parent(mount.at);
    if (mount.fs.parent === undefined) throw new FsError("EOPNOTSUPP");
    return chain(mount.fs.parent(ino), (found) => this.#outer(mount, found));
  }

  #inner(ino: Ino): [Mount, Ino] {
    const number = Math.floor(ino / inosPerMount);
    const mount = this.#mounts[number];
    if (mount === undefined) throw new FsError("ESTALE", "what held this file is no longer mounted");
    return [mount, ino - number * inosPerMount];
  }

  #outer(mount: Mount, ino: Ino): Ino {
    if (ino <= 0 || ino >= inosPerMount) throw new Error(`invariant violation: inode number ${ino}`);
    return mount.number * inosPerMount + ino;
  }

  #attributes(mount: Mount, found: Attributes): Attributes {
    return { ...found, ino: this.#outer(mount, found.ino) };
  }

  /** EBUSY where the name is a mount point. Costs a lookup only where a directory may be one. */
  #checkNoPoint(mount: Mount, directory: Ino, name: string): Awaitable<void> {
    if (
      this.#byPoint.size === 0 ||
      ![...this.#byPoint.keys()].some((point) => this.#inner(point)[0] === mount)
    )
      return undefined;
    const check = (found: Attributes): void => {
      if (
        (found.mode & fileType.mask) === fileType.directory &&
        this.#byPoint.has(this.#outer(mount, found.ino))
      )
        throw new FsError("EBUSY", name);
    };
    const absent = (thrown: unknown): void => {
      if (!(thrown instanceof FsError) || thrown.code !== "ENOENT") throw thrown;
    };
    try {
      const found = mount.fs.lookup(directory, name);
      return found instanceof Promise ? found.then(check, absent) : check(found);
    } catch (thrown) {
      return absent(thrown);
    }
  }
}
