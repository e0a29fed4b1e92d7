// What has changed in a file system since it was last asked: so that whoever keeps it elsewhere writes little.
// Knows inode numbers, no inodes.

import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import type { BlockChange } from "./content.ts";
import type { Ino } from "./fs.ts";
import type { ChangedInode, OverlayState } from "./overlay-state.ts";

/** An inode as it is now, but of its content only the blocks that changed. */
export type InodeChange = Omit<ChangedInode, "content"> & {
  readonly content?: {
    readonly size: number;
    readonly backed: number;
    readonly blocks: readonly BlockChange[];
  };
};

/** All of it together, or nothing: a moment of the file system. */
export interface FsChange {
  readonly nextIno: Ino;
  readonly inodes: readonly InodeChange[];
  /** Inodes that are no more. */
  readonly gone: readonly Ino[];
}

/** A file system in memory that can be kept elsewhere. */
export interface Keepable {
  /** The first change after `takeChanges`. */
  onChange(listener: () => void): Disposer;
  takeChanges(): FsChange;
  /** What was kept, into a fresh one; it does not count as changed. */
  putBack(state: OverlayState): void;
}

/** One change out of two, the later of which counts where both say something. */
export function mergeChanges(earlier: FsChange, later: FsChange): FsChange {
  const inodes = new Map(earlier.inodes.map((inode) => [inode.ino, inode]));
  for (const ino of later.gone) inodes.delete(ino);
  for (const inode of later.inodes) {
    const before = inodes.get(inode.ino)?.content;
    const { content } = inode;
    inodes.set(
      inode.ino,
      before === undefined || content === undefined
        ? inode
        : {
            ...inode,
            content: { ...content, blocks: [...new Map([...before.blocks, ...content.blocks])] },
          },
    );
  }
  // Numbers are never given out again: what is gone stays so.
  return {
    nextIno: later.nextIno,
    inodes: [...inodes.values()],
    gone: [...new Set([...earlier.gone, ...later.gone])],
  };
}

export class TouchedInodes {
  readonly #touched = new Set<Ino>();
  readonly #first = new Emitter<void>();
  readonly #each: (() => void) | undefined;

  /** `each` is called with every touch. */
  constructor(each?: () => void) {
    this.#each = each;
  }

  touch(ino: Ino): void {
    this.#each?.();
    const first = this.#touched.size === 0;
    this.#touched.add(ino);
    if (first) this.#first.emit();
  }

  onFirst(listener: () => void): Disposer {
    return this.#first.on(listener);
  }

  take(): readonly Ino[] {
    const all = [...this.#touched];
    this.#touched.clear();
    return all;
  }
}
