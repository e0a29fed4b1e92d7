// What is in a project's folders but not shared: node_modules and the like, in a file system of this machine alone.
// One directory of that file system stands for each project directory that has such entries.

import type { Disposer } from "#core/base/disposable.ts";
import type { NodeId } from "#core/project/project.ts";
import { isDirectory } from "../access.ts";
import { MemFs } from "../memfs.ts";
import type { Allowance } from "../allowance.ts";
import { openFlag } from "../fs.ts";
import type { Attributes, Ino, Interrupt } from "../fs.ts";
import type { FsChange, Keepable } from "../fs-changes.ts";
import type { OverlayState } from "../overlay-state.ts";
import { firstLocalIno } from "./inodes.ts";

/** No node has this id. */
const privateName = "moving";

/** Memory never makes a write wait. */
const never: Interrupt = { interrupted: false, on: () => () => undefined };

export class LocalOverlay implements Keepable {
  readonly fs: MemFs;
  readonly #holders = new Map<NodeId, Ino>();
  readonly #directories = new Map<Ino, NodeId>();

  constructor(allowance?: Allowance, now?: () => number) {
    this.fs = new MemFs({
      shared: true,
      firstIno: firstLocalIno,
      ...(allowance === undefined ? {} : { allowance }),
      ...(now === undefined ? {} : { now }),
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
    return ino >= firstLocalIno;
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

  /** All the names in a local directory. */
  names(directory: Ino): readonly string[] {
    return this.fs.readdir(directory, 0, Number.POSITIVE_INFINITY).map(({ name }) => name);
  }

  xattrs(ino: Ino): readonly (readonly [name: string, value: Uint8Array])[] {
    return this.fs.listxattr(ino).map((name) => [name, this.fs.getxattr(ino, name)] as const);
  }

  /** The whole content of a file, a copy. */
  bytes(ino: Ino): Uint8Array {
    return this.fs.content(ino);
  }

  createFile(directory: Ino, name: string, mode: number, bytes: Uint8Array): Attributes {
    const { attributes, file } = this.fs.create(directory, name, openFlag.writeOnly, mode);
    try {
      file.write(0, bytes, never);
    } finally {
      file.close();
    }
    return attributes;
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

  isEmpty(directory: NodeId): boolean {
    const holder = this.#holders.get(directory);
    return holder === undefined || this.fs.readdir(holder, 0, 1).length === 0;
  }
}
