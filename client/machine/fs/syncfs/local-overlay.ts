// What is in a project's folders but not shared: node_modules and the like, pipes and sockets, in a file system of this
// machine alone. Each project directory that has such entries has one directory in that file system.

import type { Disposer } from "#core/base/disposable.ts";
import type { NodeId } from "#core/project/project.ts";
import { isDirectory } from "#machine/fs/file-modes.ts";
import type { Allowance } from "../allowance.ts";
import type { Attributes, Ino, OpenFile } from "../fs.ts";
import type { FsChange, Keepable } from "../fs-changes.ts";
import { MemFs } from "../memfs.ts";
import type { OverlayState } from "../overlay-state.ts";
import { firstLocalIno, isLeased } from "./inodes.ts";
import type { OpenFiles } from "./open-files.ts";

export interface LocalOverlayOptions {
  readonly files: OpenFiles;
  readonly now: () => number;
  /** Called with every change of what is here. */
  readonly changed: () => void;
  readonly allowance?: Allowance;
}

/** No node has this id. */
const privateName = "moving";

export class LocalOverlay implements Keepable {
  readonly fs: MemFs;
  readonly #files: OpenFiles;
  readonly #holders = new Map<NodeId, Ino>();
  readonly #directories = new Map<Ino, NodeId>();
  /** Numbers from here on that are shared entries now … */
  readonly #gone = new Set<Ino>();
  /** … and numbers below that are entries of ours. */
  readonly #came = new Set<Ino>();

  constructor({ files, changed, allowance, now }: LocalOverlayOptions) {
    this.#files = files;
    this.fs = new MemFs({
      shared: true,
      firstIno: firstLocalIno,
      now,
      changed,
      ...(allowance === undefined ? {} : { allowance }),
    });
  }

  onChange(listener: () => void): Disposer {
    return this.fs.onChange(listener);
  }

  takeChanges(): FsChange {
    return this.fs.takeChanges();
  }

  /** What an earlier machine of this browser had. */
  putBack(state: OverlayState): void {
    this.fs.putBack(state);
    for (const { name, ino } of this.fs.readdir(this.fs.root, 0, Number.POSITIVE_INFINITY)) {
      this.#holders.set(name, ino);
      this.#directories.set(ino, name);
    }
  }

  has(ino: Ino): boolean {
    return ino >= firstLocalIno ? !this.#gone.has(ino) : this.#came.has(ino);
  }

  /** The numbers mean shared entries from now on. */
  gives(numbers: readonly Ino[]): void {
    for (const ino of numbers) {
      if (ino >= firstLocalIno) this.#gone.add(ino);
      else this.#came.delete(ino);
    }
  }

  /** The numbers of what was shared mean `ino` from now on, and it goes on being told as the first of them. */
  takes(numbers: readonly [Ino, ...Ino[]], ino: Ino): void {
    for (const number of numbers) {
      if (number >= firstLocalIno) this.#gone.delete(number);
      else this.#came.add(number);
    }
    this.fs.alias(numbers, ino, { ino: numbers[0], leased: isLeased(numbers[0]) });
  }

  /** Under what its open files are kept. */
  key(ino: Ino): Ino {
    return this.fs.numbers(ino)[0];
  }

  /** Where the local entries of a project directory are. */
  holder(directory: NodeId): Ino | undefined {
    return this.#holders.get(directory);
  }

  makeHolder(directory: NodeId): Ino {
    const known = this.#holders.get(directory);
    if (known !== undefined) return known;
    const { ino } = this.fs.mkdir(this.fs.root, directory, 0o755);
    this.#holders.set(directory, ino);
    this.#directories.set(ino, directory);
    return ino;
  }

  /** The project directory for which a directory here stands. */
  directory(holder: Ino): NodeId | undefined {
    return this.#directories.get(holder);
  }

  isEmpty(directory: NodeId): boolean {
    const holder = this.#holders.get(directory);
    return holder === undefined || this.fs.readdir(holder, 0, 1).length === 0;
  }

  /** When names beside the shared ones of a project directory last came or went; undefined where there were none. */
  times(directory: NodeId): Pick<Attributes, "mtime" | "ctime"> | undefined {
    const holder = this.#holders.get(directory);
    return holder === undefined ? undefined : this.fs.getattr(holder);
  }

  open(ino: Ino, flags: number): OpenFile {
    return this.#files.track(this.key(ino), flags, this.fs.open(ino, flags));
  }

  create(
    directory: Ino,
    name: string,
    flags: number,
    mode: number,
  ): { readonly attributes: Attributes; readonly file: OpenFile } {
    const { attributes, file } = this.fs.create(directory, name, flags, mode);
    return { attributes, file: this.#files.track(this.key(attributes.ino), flags, file) };
  }

  /** All the names in a local directory. */
  names(directory: Ino): readonly string[] {
    return this.fs.readdir(directory, 0, Number.POSITIVE_INFINITY).map(({ name }) => name);
  }

  /** Undefined where there is nothing of that name. */
  find(directory: Ino, name: string): Attributes | undefined {
    return this.names(directory).includes(name) ? this.fs.lookup(directory, name) : undefined;
  }

  xattrs(ino: Ino): readonly (readonly [name: string, value: Uint8Array])[] {
    return this.fs.listxattr(ino).map((name) => [name, this.fs.getxattr(ino, name)] as const);
  }

  /** Runs work with a folder that nobody sees and that is gone afterwards, with what is left in it. */
  inPrivate(work: (folder: Ino) => void): void {
    const { ino } = this.fs.mkdir(this.fs.root, privateName, 0o700);
    try {
      work(ino);
    } finally {
      this.#removeTree(this.fs.root, privateName);
    }
  }

  #removeTree(directory: Ino, name: string): void {
    const { ino, mode } = this.fs.lookup(directory, name);
    const isFolder = isDirectory(mode);
    if (isFolder) for (const child of this.names(ino)) this.#removeTree(ino, child);
    this.fs.unlink(directory, name, isFolder);
  }
}
