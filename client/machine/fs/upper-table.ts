// The inodes of an overlay that were made or changed there: copying them up, opening them, letting them go.
// Knows the lower file system as where copies come from, and nothing of paths.

import { FsError } from "#core/base/errno.ts";
import { isDirectory } from "./file-modes.ts";
import type { Allowance } from "./allowance.ts";
import { backingOf } from "./backing.ts";
import { Content } from "./content.ts";
import { type Awaitable, chain } from "#core/base/awaitable.ts";
import { fileType, type Fs, type Ino, type OpenFile, openFlag } from "./fs.ts";
import { RemovedFolders } from "./removed-folders.ts";
import { openContent } from "./open-content.ts";
import { type FsChange, TouchedInodes } from "./fs-changes.ts";
import { type OverlayState, decodeOverlayState, encodeOverlayState } from "./overlay-state.ts";
import {
  changeOfUpper,
  copiedUp,
  exportUpper,
  importUpper,
  newUpper,
  type UpperInode,
  type UpperParts,
} from "./upper-inode.ts";

/** What is made here has inode numbers from here on; the lower file system's stay below. */
export const firstUpperIno = 2 ** 27;

export class UpperTable {
  readonly touched = new TouchedInodes();
  readonly #removed = new RemovedFolders();
  readonly #lower: Fs;
  readonly #now: () => number;
  readonly #allowance: Allowance;
  readonly #inodes = new Map<Ino, UpperInode>();
  /** Files that were opened for reading before anybody changed them: what they read must not be freed. */
  readonly #readers = new Map<Ino, number>();
  #nextIno = firstUpperIno;

  constructor(lower: Fs, now: () => number, allowance: Allowance) {
    this.#lower = lower;
    this.#now = now;
    this.#allowance = allowance;
  }

  get size(): number {
    return this.#inodes.size;
  }

  get(ino: Ino): UpperInode | undefined {
    return this.#inodes.get(ino);
  }

  /** The inode, from now on kept here. */
  changed(ino: Ino): Awaitable<UpperInode> {
    const upper = this.#inodes.get(ino);
    if (upper !== undefined) return upper;
    if (ino >= firstUpperIno) throw new FsError("ESTALE", `there is no inode ${ino}`);
    return chain(this.#lower.getattr(ino), (found) => {
      const isLink = (found.mode & fileType.mask) === fileType.symlink;
      return chain(isLink ? this.#lower.readlink?.(ino) : undefined, (target) => {
        // A lookup may have waited, and somebody else been quicker.
        const meanwhile = this.#inodes.get(ino);
        if (meanwhile !== undefined) return meanwhile;
        const inode = copiedUp(found, target);
        this.#inodes.set(ino, inode);
        return inode;
      });
    });
  }

  make(mode: number, parts: UpperParts): UpperInode {
    const isFile = (mode & fileType.mask) === fileType.regular;
    const content = isFile ? { content: new Content(this.#allowance) } : {};
    const inode = newUpper(this.#nextIno++, mode, this.#now(), { ...content, ...parts });
    this.#inodes.set(inode.ino, inode);
    this.touched.touch(inode.ino);
    return inode;
  }

  /** EISDIR, EINVAL for what has no bytes. */
  content(inode: UpperInode): Content {
    if (isDirectory(inode.mode)) throw new FsError("EISDIR");
    if ((inode.mode & fileType.mask) !== fileType.regular) throw new FsError("EINVAL");
    return (inode.content ??= this.#emptyContent(inode));
  }

  open(inode: UpperInode, flags: number): OpenFile {
    inode.opens++;
    return openContent(this.content(inode), flags, {
      written: () => {
        inode.ctime = inode.mtime = this.#now();
        this.touched.touch(inode.ino);
      },
      closed: () => {
        inode.opens--;
        this.#freeIfUnused(inode);
      },
    });
  }

  /**
   * Opens a file that nobody has changed yet, for reading: it goes to the lower one until it is changed, then to the
   * content that everybody sees.
   */
  openUnchanged(ino: Ino, flags: number): Awaitable<OpenFile> {
    return chain(this.#lower.open(ino, openFlag.readOnly), (lower) => {
      this.#readers.set(ino, (this.#readers.get(ino) ?? 0) + 1);
      let upper: OpenFile | undefined;
      const current = (): OpenFile => {
        const changed = this.#inodes.get(ino);
        if (upper === undefined && changed?.content !== undefined) upper = this.open(changed, flags);
        return upper ?? lower;
      };
      return {
        read: (offset, count, interrupt) => current().read(offset, count, interrupt),
        write: () => {
          throw new FsError("EBADF");
        },
        fsync: () => undefined,
        ready: () => lower.ready?.(),
        close: () =>
          chain(lower.close(), () => {
            const readers = (this.#readers.get(ino) ?? 1) - 1;
            if (readers > 0) this.#readers.set(ino, readers);
            else this.#readers.delete(ino);
            const changed = this.#inodes.get(ino);
            if (changed !== undefined) this.#freeIfUnused(changed);
            return upper?.close();
          }),
      };
    });
  }

  /** One name less; `parent` is where it was. */
  unlinked(inode: UpperInode, parent: UpperInode): void {
    if (isDirectory(inode.mode)) {
      inode.nlink = 0;
      parent.nlink--;
    } else {
      inode.nlink--;
    }
    inode.ctime = this.#now();
    this.touched.touch(inode.ino);
    this.#freeIfUnused(inode);
  }

  export(): Uint8Array<ArrayBuffer> {
    return encodeOverlayState({
      nextIno: this.#nextIno,
      inodes: [...this.#inodes.values()].map(exportUpper),
    });
  }

  import(bytes: Uint8Array): void {
    if (this.#inodes.size > 0) throw new Error("invariant violation: the overlay is already in use");
    this.#replace(decodeOverlayState(bytes));
    for (const ino of this.#inodes.keys()) this.touched.touch(ino);
  }

  /** In place of all that is here, over the same lower file system. Only while nothing of it is open. */
  putBack(state: OverlayState): void {
    this.#replace(state);
    // Whoever has kept it has it.
    for (const { content } of this.#inodes.values()) content?.takeChanges();
    this.touched.take();
  }

  #replace({ nextIno, inodes }: OverlayState): void {
    for (const { opens } of this.#inodes.values())
      if (opens > 0) throw new Error("invariant violation: the overlay is in use");
    this.#inodes.clear();
    for (const state of inodes) {
      const inode = importUpper(state, state.ino < firstUpperIno, (empty) => this.#emptyContent(empty));
      this.#inodes.set(state.ino, inode);
    }
    this.#nextIno = nextIno;
  }

  takeChanges(): FsChange {
    const gone: Ino[] = [];
    const inodes = this.touched.take().flatMap((ino) => {
      const inode = this.#inodes.get(ino);
      // What has lost its name but is still open ends with the machine.
      if (inode !== undefined && (inode.nlink > 0 || inode.fromLower)) return [changeOfUpper(inode)];
      gone.push(ino);
      return [];
    });
    return { nextIno: this.#nextIno, inodes, gone };
  }

  #emptyContent(inode: UpperInode): Content {
    const backing = inode.fromLower ? backingOf(this.#lower, inode.ino, inode.lowerSize) : undefined;
    return new Content(this.#allowance, backing);
  }

  #freeIfUnused(inode: UpperInode): void {
    if (inode.nlink > 0 || inode.opens > 0 || this.#readers.has(inode.ino)) return;
    inode.content?.clear();
    // The number of a lower inode stays known as gone; nothing but a process in it leads to one that was made here.
    if (inode.fromLower) return;
    const forgotten = isDirectory(inode.mode) ? this.#removed.add(inode.ino) : inode.ino;
    if (forgotten !== undefined) this.#inodes.delete(forgotten);
  }
}
