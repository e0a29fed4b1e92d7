// What is in a project's folders but not shared: node_modules and the like, in a file system of this machine alone.
// One directory of that file system stands for each project directory that has such entries.

import type { Disposer } from "#core/base/disposable.ts";
import type { NodeId } from "#core/project/project.ts";
import { MemFs } from "../memfs.ts";
import type { Allowance } from "../allowance.ts";
import type { Ino } from "../fs.ts";
import type { FsChange, Keepable } from "../fs-changes.ts";
import type { OverlayState } from "../overlay-state.ts";
import { firstLocalIno } from "./inodes.ts";

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

  isEmpty(directory: NodeId): boolean {
    const holder = this.#holders.get(directory);
    return holder === undefined || this.fs.readdir(holder, 0, 1).length === 0;
  }
}
