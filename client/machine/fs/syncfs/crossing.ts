// A rename between what is shared and what is not: the file system makes the copy that mv(1) would make, at once and
// as a whole, and whoever has something of it open goes on with the copy. SPEC.md SY-43 and SY-44.

import { FsError } from "#core/base/errno.ts";
import { joinPath } from "#core/base/path.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { nodeLimit, xattrLimitBytes } from "#core/project/limits.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";
import { checkReplace, isDirectory, isSpecial } from "#machine/fs/file-modes.ts";
import { isPromise } from "#core/base/awaitable.ts";
import { fileType } from "../fs.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Attributes, Ino } from "../fs.ts";
import type { Inodes } from "./inodes.ts";
import type { LocalOverlay } from "./local-overlay.ts";
import { isContent, typeBits } from "./node-type.ts";
import type { OpenFiles } from "./open-files.ts";
import type { OpenNodes } from "./open-nodes.ts";

export interface CrossingHost {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly inodes: Inodes;
  readonly local: LocalOverlay;
  readonly open: OpenNodes;
  readonly files: OpenFiles;
  /** Whether something new of this path belongs to this machine alone. */
  readonly isIgnored: (path: string, isDirectory: boolean) => boolean;
  /** Runs a change of the document that is the guest's own. */
  readonly change: <T>(work: () => T) => T;
  /** Removes an entry from the project as unlink(2) does. */
  readonly remove: (entry: Entry) => void;
  readonly parent: (directory: Ino) => Ino;
}

/** Something that is not shared yet, and what is in it. */
interface Coming {
  readonly at: Attributes;
  readonly name: string;
  readonly children: readonly Coming[];
  /** What goes on belonging to this machine, in the folder that comes. */
  readonly staying: readonly string[];
}

/** A node that leaves the project, and what is in it. */
interface Leaving {
  readonly entry: Entry;
  readonly bytes: Awaitable<Uint8Array> | undefined;
  readonly children: readonly Leaving[];
}

export class Crossing {
  readonly #host: CrossingHost;
  /** Bytes that had to be fetched, by their hash, while they are waited for. */
  readonly #fetched = new Map<string, Uint8Array>();

  constructor(host: CrossingHost) {
    this.#host = host;
  }

  /**
   * Renames what is not shared, into a local directory or a project's, where `over` may be. Whether it has become part
   * of the project.
   */
  renameLocal(
    holder: Ino,
    name: string,
    target: Ino | NodeId,
    newName: string,
    over: Entry | undefined,
  ): boolean {
    const { project, local, change, remove } = this.#host;
    const { mode } = local.fs.lookup(holder, name);
    if (typeof target === "number") {
      local.fs.rename(holder, name, target, newName);
      return false;
    }
    if (over !== undefined) checkReplace({ mode }, { mode: typeBits(over.kind) });
    const path = joinPath(project.path(target), newName);
    if (isSpecial(mode) || (over === undefined && this.#isLocal(path, mode))) {
      if (over !== undefined) change(() => remove(over));
      local.fs.rename(holder, name, local.makeHolder(target), newName);
      return over !== undefined;
    }
    if (over === undefined) this.removeLocal(target, newName, mode, local.fs.lookup(holder, name).ino);
    this.#enterAll(holder, name, target, newName, over);
    return true;
  }

  /** A shared entry becomes what `holder` has under its new name, in place of what is there. */
  leave(entry: Entry, holder: Ino, newName: string): Awaitable<void> {
    this.#checkNotInside(entry.id, holder);
    const leaving = this.#collect(entry);
    const waiting = pending(leaving);
    if (waiting.length > 0) {
      // Somebody may change it meanwhile: so it is looked at again, and what was fetched is at hand then.
      return Promise.all(waiting)
        .then(() => this.leave(this.#current(entry), holder, newName))
        .finally(() => this.#fetched.clear());
    }
    const { local, change, remove } = this.#host;
    local.inPrivate((folder) => {
      this.#copyOut(leaving, folder, newName);
      local.fs.rename(folder, newName, holder, newName);
    });
    this.#carryOut(leaving, local.fs.lookup(holder, newName));
    change(() => remove(entry));
    return undefined;
  }

  /** What a shared entry that comes into a directory replaces: a local one of its name. */
  removeLocal(directory: NodeId, name: string, byMode: number, but?: Ino): void {
    const { local } = this.#host;
    const holder = local.holder(directory);
    const found = holder === undefined ? undefined : local.find(holder, name);
    if (holder === undefined || found === undefined || found.ino === but) return;
    checkReplace({ mode: byMode }, found);
    local.fs.unlink(holder, name, isDirectory(found.mode));
  }

  #isLocal(path: string, mode: number): boolean {
    return isSpecial(mode) || this.#host.isIgnored(path, isDirectory(mode));
  }

  #checkNotInside(id: NodeId, directory: Ino): void {
    const { project, local, inodes, parent } = this.#host;
    for (let at = parent(directory), before = directory; at !== before; before = at, at = parent(at)) {
      if (!local.has(at) && project.canonical(inodes.id(at)) === id)
        throw new FsError("EINVAL", "a directory cannot move into itself");
    }
  }

  #current({ id }: Entry): Entry {
    const entry = this.#host.project.entry(id);
    if (entry === undefined) throw new FsError("ENOENT", "it was deleted while it was moved");
    return entry;
  }

  // ── Into the project ──

  #enterAll(holder: Ino, name: string, parent: NodeId, newName: string, over: Entry | undefined): void {
    const { project, change } = this.#host;
    const coming = this.#plan(holder, name, joinPath(project.path(parent), newName), newName);
    const count = countOf(coming) - (over === undefined ? 0 : 1);
    if (project.nodeCount + count > nodeLimit)
      throw new FsError("ENOSPC", `a project has at most ${nodeLimit} files`);
    change(() => this.#enter(coming, parent, over));
    this.#removeEntered(holder, name, coming);
  }

  #plan(holder: Ino, name: string, path: string, newName: string): Coming {
    const { local } = this.#host;
    const at = local.fs.lookup(holder, name);
    const size = local.xattrs(at.ino).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    if (size > xattrLimitBytes)
      throw new FsError("ENOSPC", `extended attributes have at most ${xattrLimitBytes} bytes in a project`);
    const children: Coming[] = [];
    const staying: string[] = [];
    if ((at.mode & fileType.mask) === fileType.directory) {
      for (const child of local.names(at.ino)) {
        const childPath = joinPath(path, child);
        const { mode } = local.fs.lookup(at.ino, child);
        if (this.#isLocal(childPath, mode)) staying.push(child);
        else children.push(this.#plan(at.ino, child, childPath, child));
      }
    }
    return { at, name: newName, children, staying };
  }

  #enter(coming: Coming, parent: NodeId, over: Entry | undefined): void {
    const { project, inodes, local, files, open } = this.#host;
    const { at, children, staying } = coming;
    const id = this.#make(coming, parent, over);
    const { mode, uid, gid, atime, mtime } = at;
    project.setAttributes(id, { mode, uid, gid, atime, mtime });
    for (const [key, value] of local.xattrs(at.ino)) project.setXattr(id, key, value);
    inodes.set(id, mtime);
    inodes.setFine(id, at);
    const numbers = local.fs.numbers(at.ino);
    // Of several hard links the first goes on as what they were; the others are files of their own.
    if (local.has(at.ino)) {
      local.gives(numbers);
      inodes.means([...numbers.filter((number) => number !== at.ino), at.ino], id);
      if ((at.mode & fileType.mask) === fileType.regular)
        files.carry(numbers[0], id, (flags) => open.open(id, flags));
    }
    for (const child of children) this.#enter(child, id, undefined);
    if (staying.length === 0) return;
    const holder = local.makeHolder(id);
    for (const child of staying) local.fs.rename(at.ino, child, holder, child);
  }

  #make({ at, name }: Coming, parent: NodeId, over: Entry | undefined): NodeId {
    const { project, blobs, local, open } = this.#host;
    const type = at.mode & fileType.mask;
    if (type === fileType.directory && over !== undefined) return over.id;
    if (type === fileType.regular && over !== undefined && isContent(over.kind)) {
      open.get(over.id)?.commit();
      project.writeBytes(over.id, local.fs.content(at.ino), blobs);
      open.get(over.id)?.changedElsewhere();
      return over.id;
    }
    if (over !== undefined) project.trash(over.id);
    if (type === fileType.directory) return project.mkdir(parent, name).id;
    if (type === fileType.symlink) return project.symlink(parent, name, local.fs.readlink(at.ino)).id;
    return project.createFile(parent, name, local.fs.content(at.ino), blobs).id;
  }

  /** What stays has been moved away before. */
  #removeEntered(holder: Ino, name: string, { at, children }: Coming): void {
    for (const child of children) this.#removeEntered(at.ino, child.name, child);
    this.#host.local.fs.unlink(holder, name, (at.mode & fileType.mask) === fileType.directory);
  }

  // ── Out of the project ──

  #collect(entry: Entry): Leaving {
    const { project, open } = this.#host;
    const children = project.children(entry.id).map((child) => this.#collect(child));
    if (!isContent(entry.kind)) return { entry, bytes: undefined, children };
    open.get(entry.id)?.commit();
    return { entry, bytes: this.#bytes(entry.id), children };
  }

  #bytes(id: NodeId): Awaitable<Uint8Array> {
    const { project, blobs } = this.#host;
    const hash = project.blob(id)?.hash;
    const fetched = hash === undefined ? undefined : this.#fetched.get(hash);
    if (fetched !== undefined) return fetched;
    const bytes = project.readBytes(id, blobs);
    if (!isPromise(bytes) || hash === undefined) return bytes;
    return bytes.then((loaded) => {
      this.#fetched.set(hash, loaded);
      return loaded;
    });
  }

  /** ENOSPC where this machine has no room. */
  #copyOut({ entry, bytes, children }: Leaving, holder: Ino, name: string): void {
    const { project, local, inodes } = this.#host;
    const { kind, mode, uid, gid, atime } = entry;
    const mtime = inodes.time(entry.id, entry.mtime);
    const { ino } =
      kind === "dir"
        ? local.fs.mkdir(holder, name, mode)
        : kind === "symlink"
          ? local.fs.symlink(holder, name, project.target(entry.id) ?? "")
          : local.fs.put(holder, name, mode, atHand(bytes));
    for (const child of children) this.#copyOut(child, ino, child.entry.name);
    for (const [key, value] of project.xattrs(entry.id)) local.fs.setxattr(ino, key, value);
    const times = { mtime, atime: atime ?? mtime };
    local.fs.setattr(ino, { uid, gid, ...times, ...inodes.fine(entry.id, times) });
  }

  #carryOut({ entry, children }: Leaving, { ino }: Attributes): void {
    const { local, inodes, files } = this.#host;
    local.takes(inodes.numbers(entry.id), ino);
    inodes.leaves(entry.id);
    if (isContent(entry.kind)) files.carry(entry.id, ino, (flags) => local.fs.open(ino, flags));
    for (const child of children) this.#carryOut(child, local.fs.lookup(ino, child.entry.name));
    const holder = local.holder(entry.id);
    if (holder === undefined) return;
    for (const name of local.names(holder)) {
      // What a shared entry has hidden stays behind it.
      if (!children.some((child) => child.entry.name === name)) local.fs.rename(holder, name, ino, name);
    }
  }
}

function countOf({ children }: Coming): number {
  return children.reduce((sum, child) => sum + countOf(child), 1);
}

function pending({ bytes, children }: Leaving): Promise<Uint8Array>[] {
  return [
    ...(isPromise<Uint8Array | undefined>(bytes) ? [bytes] : []),
    ...children.flatMap(pending),
  ] as Promise<Uint8Array>[];
}

function atHand(bytes: Awaitable<Uint8Array> | undefined): Uint8Array {
  if (bytes === undefined || isPromise(bytes))
    throw new Error("invariant violation: bytes had to be at hand");
  return bytes;
}
