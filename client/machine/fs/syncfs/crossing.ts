// A rename between what is shared and what is not: the file system makes the copy that mv(1) would make, at once and
// as a whole, and whoever has something of it open goes on with the copy. SPEC.md SY-43 and SY-44.

import { FsError } from "#core/base/errno.ts";
import { joinPath } from "#core/base/path.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { nodeLimit, xattrLimitBytes } from "#core/project/limits.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";
import { all, chain, fileType, isPromise } from "../fs.ts";
import type { Attributes, Awaitable, Ino } from "../fs.ts";
import type { Inodes } from "./inodes.ts";
import type { LocalOverlay } from "./local-overlay.ts";
import type { MovedInodes } from "./moved-inodes.ts";
import { isContent } from "./node-type.ts";
import type { OpenFiles } from "./open-files.ts";
import type { OpenNodes } from "./open-nodes.ts";

export interface CrossingHost {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly inodes: Inodes;
  readonly moved: MovedInodes;
  readonly local: LocalOverlay;
  readonly open: OpenNodes;
  readonly files: OpenFiles;
  /** Whether something new of this path and mode belongs to this machine alone. */
  readonly isLocal: (path: string, mode: number) => boolean;
  /** Runs a change of the document that is the guest's own. */
  readonly change: <T>(work: () => T) => T;
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

  /** Brings what `holder` has under `name` into the project, over the entry that is there. */
  enter(holder: Ino, name: string, parent: NodeId, newName: string, over: Entry | undefined): void {
    const { project, change } = this.#host;
    const coming = this.#plan(holder, name, joinPath(project.path(parent), newName), newName);
    const count = countOf(coming) - (over === undefined ? 0 : 1);
    if (project.nodeCount + count > nodeLimit)
      throw new FsError("ENOSPC", `a project has at most ${nodeLimit} files`);
    change(() => this.#enter(coming, parent, over));
    this.#removeLocal(holder, name, coming);
  }

  /** Takes an entry out of the project, over the local one that is there. `removed` removes it from the project. */
  leave(entry: Entry, holder: Ino, newName: string, removed: () => void): Awaitable<void> {
    const leaving = this.#collect(entry);
    const waiting = pending(leaving);
    if (waiting.length > 0) {
      return chain(all(waiting), () =>
        // Somebody may have changed it meanwhile: what is fetched is at hand now.
        chain(this.leave(this.#current(entry), holder, newName, removed), () => this.#fetched.clear()),
      );
    }
    const { local } = this.#host;
    local.inPrivate((folder) => {
      this.#copyOut(leaving, folder, newName);
      local.fs.rename(folder, newName, holder, newName);
    });
    this.#carryOut(leaving, local.fs.lookup(holder, newName));
    removed();
    return undefined;
  }

  #current({ id }: Entry): Entry {
    const entry = this.#host.project.entry(id);
    if (entry === undefined) throw new FsError("ENOENT", "it was deleted while it was moved");
    return entry;
  }

  // ── Into the project ──

  #plan(holder: Ino, name: string, path: string, newName: string): Coming {
    const { local, isLocal } = this.#host;
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
        if (isLocal(childPath, mode)) staying.push(child);
        else children.push(this.#plan(at.ino, child, childPath, child));
      }
    }
    return { at, name: newName, children, staying };
  }

  #enter(coming: Coming, parent: NodeId, over: Entry | undefined): void {
    const { project, inodes, moved, local, files, open } = this.#host;
    const { at, children, staying } = coming;
    const id = this.#make(coming, parent, over);
    const { mode, uid, gid, atime, mtime } = at;
    project.setAttributes(id, { mode, uid, gid, atime, mtime });
    for (const [key, value] of local.xattrs(at.ino)) project.setXattr(id, key, value);
    inodes.set(id, mtime);
    moved.move(at.ino, inodes.ino(id));
    if ((at.mode & fileType.mask) === fileType.regular)
      files.carry(at.ino, id, (flags) => open.open(id, flags));
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
      project.writeBytes(over.id, local.bytes(at.ino), blobs);
      open.get(over.id)?.changedElsewhere();
      return over.id;
    }
    if (over !== undefined) project.trash(over.id);
    if (type === fileType.directory) return project.mkdir(parent, name).id;
    if (type === fileType.symlink) return project.symlink(parent, name, local.fs.readlink(at.ino)).id;
    return project.createFile(parent, name, local.bytes(at.ino), blobs).id;
  }

  /** What stays has been moved away before. */
  #removeLocal(holder: Ino, name: string, { at, children }: Coming): void {
    for (const child of children) this.#removeLocal(at.ino, child.name, child);
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
          : local.createFile(holder, name, mode, now(bytes));
    for (const child of children) this.#copyOut(child, ino, child.entry.name);
    for (const [key, value] of project.xattrs(entry.id)) local.fs.setxattr(ino, key, value);
    local.fs.setattr(ino, { uid, gid, mtime, atime: atime ?? mtime });
  }

  #carryOut({ entry, children }: Leaving, { ino }: Attributes): void {
    const { local, inodes, moved, files } = this.#host;
    moved.move(inodes.ino(entry.id), ino);
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

function now(bytes: Awaitable<Uint8Array> | undefined): Uint8Array {
  if (bytes === undefined || isPromise(bytes))
    throw new Error("invariant violation: bytes had to be at hand");
  return bytes;
}
