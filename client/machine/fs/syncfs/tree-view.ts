// The tree of a project as a guest sees it: the shared entries of each directory, and beside them those that are this
// machine's own. Changes no shared entry.

import { FsError } from "#core/base/errno.ts";
import { checkName, joinPath } from "#core/base/path.ts";
import { nodeLimit } from "#core/project/limits.ts";
import { type Entry, type FileFacts, type NodeId, type Project, rootId } from "#core/project/project.ts";
import type { Attributes, DirectoryEntry, FsStatus, Ino } from "../fs.ts";
import type { ChangeTimes } from "./change-times.ts";
import type { IgnoreFile } from "./ignore-file.ts";
import { firstLocalIno, type Inodes, isLeased } from "./inodes.ts";
import type { Listings } from "./listings.ts";
import type { LocalOverlay } from "./local-overlay.ts";
import { typeBits } from "./node-type.ts";
import type { OpenNodes } from "./open-nodes.ts";

export interface TreeViewParts {
  readonly project: Project;
  readonly inodes: Inodes;
  readonly changeTimes: ChangeTimes;
  readonly local: LocalOverlay;
  readonly open: OpenNodes;
  readonly listings: Listings;
  readonly ignore: IgnoreFile;
}

export class TreeView {
  readonly #project: Project;
  readonly #inodes: Inodes;
  readonly #changeTimes: ChangeTimes;
  readonly #local: LocalOverlay;
  readonly #open: OpenNodes;
  readonly #listings: Listings;
  readonly #ignore: IgnoreFile;

  constructor(parts: TreeViewParts) {
    this.#project = parts.project;
    this.#inodes = parts.inodes;
    this.#changeTimes = parts.changeTimes;
    this.#local = parts.local;
    this.#open = parts.open;
    this.#listings = parts.listings;
    this.#ignore = parts.ignore;
  }

  lookup(directory: Ino, name: string): Attributes {
    if (this.#local.has(directory)) return this.#local.fs.lookup(directory, name);
    const parent = this.directory(directory);
    const child = this.#project.names(parent).get(name);
    if (child !== undefined) return this.attributes(child);
    const holder = this.#local.holder(parent);
    if (holder !== undefined) return this.#local.fs.lookup(holder, name);
    throw new FsError("ENOENT", name);
  }

  getattr(ino: Ino): Attributes {
    if (this.#local.has(ino)) return this.#local.fs.getattr(ino);
    const attributes = this.attributes(this.#inodes.id(ino), ino);
    const alone = this.#open.alone(ino);
    return alone === undefined ? attributes : { ...attributes, size: alone.size, nlink: 0 };
  }

  readdir(directory: Ino, offset: number, limit: number): readonly DirectoryEntry[] {
    if (this.#local.has(directory)) return this.#local.fs.readdir(directory, offset, limit);
    const parent = this.directory(directory);
    const found = offset < firstLocalIno ? this.#listings.after(parent, offset, limit) : [];
    if (found.length === limit) return found;
    const holder = this.#local.holder(parent);
    if (holder === undefined) return found;
    const names = this.#project.names(parent);
    const from = Math.max(0, offset - firstLocalIno);
    for (const entry of this.#local.fs.readdir(holder, from, limit - found.length)) {
      // A colleague's directory of the same name hides the local one.
      if (!names.has(entry.name)) found.push({ ...entry, next: firstLocalIno + entry.next });
    }
    return found;
  }

  parent(directory: Ino): Ino {
    if (this.#local.has(directory)) {
      const up = this.#local.fs.parent(directory);
      const outer = this.#local.directory(up);
      return outer === undefined ? up : this.#inodes.ino(outer);
    }
    return this.#inodes.ino(this.#project.entry(this.directory(directory))?.parent ?? rootId);
  }

  readlink(ino: Ino): string {
    if (this.#local.has(ino)) return this.#local.fs.readlink(ino);
    const target = this.#project.target(this.#inodes.id(ino));
    if (target === undefined) throw new FsError("EINVAL", "no symbolic link");
    return target;
  }

  statfs(): FsStatus {
    const blockSize = 4096;
    const { nodeCount } = this.#project;
    // Bytes are limited by the blob store alone; programs want to see that there is room.
    const blocks = 2 ** 24;
    return {
      blockSize,
      blocks,
      blocksFree: blocks,
      files: nodeLimit,
      filesFree: Math.max(0, nodeLimit - nodeCount),
    };
  }

  /** Where in the local file system a new entry belongs; undefined where it is to be shared. */
  localDirectory(directory: Ino, name: string, isDirectory: boolean, isSpecialFile = false): Ino | undefined {
    if (this.#local.has(directory)) return directory;
    checkName(name);
    const parent = this.directory(directory);
    if (this.#project.names(parent).has(name)) {
      if (isSpecialFile) throw new FsError("EEXIST", name);
      return undefined;
    }
    const path = joinPath(this.#project.path(parent), name);
    if (!isSpecialFile && !this.#ignore.matches(path, isDirectory)) return undefined;
    return this.#local.makeHolder(parent);
  }

  /** An entry of the project, or the local directory in which the name is. */
  child(directory: Ino, name: string, mayMiss = false): [Ino, Entry | undefined] {
    if (this.#local.has(directory)) return [directory, undefined];
    const parent = this.directory(directory);
    const entry = this.#project.lookup(parent, name);
    if (entry !== undefined) return [directory, entry];
    const holder = this.#local.holder(parent);
    if (holder === undefined && !mayMiss) throw new FsError("ENOENT", name);
    return [holder ?? directory, undefined];
  }

  modeOf(source: Ino, name: string, entry: Entry | undefined): number {
    return entry === undefined ? this.#local.fs.lookup(source, name).mode : typeBits(entry.kind);
  }

  isEmpty(id: NodeId): boolean {
    return this.#project.names(id).size === 0 && this.#local.isEmpty(id);
  }

  directory(ino: Ino): NodeId {
    const id = this.#inodes.id(ino);
    const facts = this.facts(id);
    if (facts.kind !== "dir") throw new FsError("ENOTDIR");
    if (!facts.visible) throw new FsError("ENOENT", "the directory was deleted");
    return facts.id;
  }

  facts(id: NodeId): FileFacts {
    const facts = this.#project.stat(id);
    if (facts === undefined) throw new FsError("ESTALE", "the file is gone for good");
    return facts;
  }

  attributes(id: NodeId, ino = this.#inodes.ino(id)): Attributes {
    const facts = this.facts(id);
    const open = this.#open.get(id);
    const ownMtime = this.#inodes.time(facts.id, facts.mtime);
    const beside = facts.kind === "dir" ? this.#local.times(facts.id) : undefined;
    const mtime = Math.max(ownMtime, beside?.mtime ?? ownMtime);
    const ctime = this.#changeTimes.time(facts.id, ownMtime);
    const atime = facts.atime ?? mtime;
    return {
      ino,
      mode: typeBits(facts.kind) | facts.mode,
      uid: facts.uid,
      gid: facts.gid,
      // 1 for directories says that links are not counted (as btrfs does): find(1) then looks into each.
      nlink: facts.visible ? 1 : 0,
      rdev: 0,
      size: open?.dirty === true ? open.size : facts.size,
      atime,
      mtime,
      ...this.#inodes.fine(facts.id, { atime, mtime }),
      ctime: Math.max(ctime, beside?.ctime ?? ctime),
      shared: true,
      leased: isLeased(ino),
    };
  }
}
