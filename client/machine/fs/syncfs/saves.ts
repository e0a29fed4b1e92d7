// How programs replace a file instead of writing to it, turned into content edits: the file that people have open in
// their tabs stays the same file. SPEC.md sections 2, 6 and 7.

import { joinPath } from "#core/base/path.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { hashBytes } from "#core/project/blobs.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { isInGit } from "#core/project/file-content.ts";
import type { Entry, NodeId, NodeKind, Project } from "#core/project/project.ts";
import { returnMilliseconds } from "#core/project/trash.ts";
import { chain } from "#core/base/awaitable.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Doings } from "./doings.ts";
import type { Inodes } from "./inodes.ts";
import { disposeBases, nearestBase } from "./known-versions.ts";
import type { KnownVersions } from "./known-versions.ts";
import { isContent } from "./node-type.ts";
import type { OpenNodes } from "./open-nodes.ts";
import { isSameProcess, isSameRun, isSoon, VanishedNames } from "./vanished-names.ts";
import type { Doing, NameClass, Vanished } from "./vanished-names.ts";

/** Files made lately: which of them is a temporary file, that shows when it gets its name. */
const madeKept = 4096;

/** As long as a tab waits for the file that it shows (SY-78), with a second for the way to the others. */
const temporaryMilliseconds = returnMilliseconds + 3000;

export interface SavesHost {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly inodes: Inodes;
  readonly open: OpenNodes;
  readonly versions: KnownVersions;
  readonly doings: Doings;
  readonly now: () => number;
  /** Runs a change of the document that is the guest's own. */
  readonly change: <T>(work: () => T) => T;
  readonly schedule: (milliseconds: number, work: () => void) => Disposer;
}

export class Saves {
  readonly #host: SavesHost;
  readonly #vanished = new VanishedNames();
  /** Made by programs of this machine, oldest first. */
  readonly #made = new Map<NodeId, Doing>();
  /** New files at whose path another run's file was removed: they are that file if their content says so. */
  readonly #late = new Map<NodeId, NodeId>();
  /** In the trash: what a process made and removed itself, oldest first. */
  readonly #temporary = new Map<NodeId, Doing>();
  #stopTimer: Disposer | undefined;
  /** What editors leave behind while they save, and when. */
  readonly #backups = new Map<NodeId, Doing>();

  constructor(host: SavesHost) {
    this.#host = host;
  }

  dispose(): void {
    this.#stopTimer?.();
  }

  /** Write a temporary file, rename it over the file: its content goes into the file that was there. */
  over(from: Entry, over: Entry): Awaitable<void> {
    const { project, blobs, open, versions, doings } = this.#host;
    open.get(from.id)?.commit();
    open.get(over.id)?.commit();
    // Who renames may be another than who has written (mv after sed): the nearest who has read the target counts.
    const { caller } = doings.current;
    const callers = [...(caller === undefined ? [] : [caller]), ...versions.callers(from.id)];
    const blob = project.blob(from.id);
    const staysBytes =
      over.kind === "bytes" && isInGit(project.path(from.id)) === isInGit(project.path(over.id));
    if (blob !== undefined && staysBytes)
      return this.#finish(from, over, () => project.setBlob(over.id, blob));
    return chain(project.readBytes(from.id, blobs), (bytes) => {
      const bases = versions.bases(over.id, callers);
      const base = nearestBase(bases, bytes);
      try {
        this.#finish(from, over, () => project.writeBytes(over.id, bytes, blobs, base));
        versions.wrote(over.id, callers.length === 0 ? [undefined] : callers, bytes, base);
      } finally {
        disposeBases(bases);
      }
    });
  }

  #finish(from: Entry, over: Entry, write: () => void): void {
    const { project, inodes, open, change } = this.#host;
    // As it is now: the working copy was committed a moment ago.
    const { mode, uid, gid, mtime: stored, atime } = project.stat(from.id) ?? from;
    const mtime = inodes.time(from.id, stored);
    // A time of access cannot be unset: what shows where none was set is the time of the content.
    const shownAtime = atime ?? (over.atime === undefined ? undefined : mtime);
    const [old, fresh] = [project.xattrs(over.id), project.xattrs(from.id)];
    change(() => {
      write();
      project.setAttributes(over.id, {
        mode,
        uid,
        gid,
        mtime,
        ...(shownAtime === undefined ? {} : { atime: shownAtime }),
      });
      for (const name of old.keys()) if (!fresh.has(name)) project.setXattr(over.id, name, undefined);
      for (const [name, value] of fresh) project.setXattr(over.id, name, value);
      project.discard(from.id);
    });
    inodes.set(over.id, mtime);
    inodes.replace(from.id, over.id);
    open.get(over.id)?.changedElsewhere();
    open.move(from.id, over.id);
    this.#gone(from.id);
  }

  /** A link takes the place of another, which it becomes. */
  linkOver(from: Entry, over: Entry): void {
    const { project, inodes, change, now } = this.#host;
    const target = project.target(from.id) ?? "";
    change(() => {
      project.setTarget(over.id, target);
      project.setAttributes(over.id, { mtime: now() });
      project.discard(from.id);
    });
    inodes.bump(over.id, now());
    inodes.replace(from.id, over.id);
  }

  // ── Names that go ──

  /** Hears of every removal before it is made. */
  removes({ id, kind, parent, name }: Entry): void {
    const { versions } = this.#host;
    // What a new content is compared with if no program has seen the old one.
    if (isContent(kind) && !versions.has(id)) versions.shown(id, undefined);
    this.#vanish(id, kind, parent, name, "removed");
    const made = this.#made.get(id);
    const doing = this.#host.doings.current;
    if (made !== undefined && isSameProcess(made, doing)) this.forgetLater(id, doing);
    this.#made.delete(id);
    this.#late.delete(id);
  }

  /** A process' temporary file need not stay in the trash once it cannot return and nobody has it open. */
  forgetLater(id: NodeId, doing = this.#host.doings.current): void {
    this.#temporary.set(id, doing);
    this.#stopTimer ??= this.#host.schedule(temporaryMilliseconds, () => {
      this.#stopTimer = undefined;
      this.#forgetTemporary();
    });
  }

  #forgetTemporary(): void {
    const { project, open, versions, doings, change } = this.#host;
    const { at } = doings.current;
    for (const [id, doing] of this.#temporary) {
      const { caller } = doing;
      const goesOn = caller !== undefined && !caller.process.ended && caller.process.run === doing.processRun;
      // Another may have been removed since: its own time comes.
      if (at - doing.at < temporaryMilliseconds) this.forgetLater(id, doing);
      else if (!this.#isRemoved(id)) this.#temporary.delete(id);
      else if (!goesOn && !open.has(id)) {
        this.#temporary.delete(id);
        versions.forget(id);
        change(() => project.discard(id));
      }
    }
  }

  /** Hears of every rename to a free name after it was made. */
  renamed({ id, kind, parent, name }: Entry): void {
    if (isContent(kind) || kind === "dir") this.#vanish(id, kind, parent, name, "renamed");
  }

  #vanish(id: NodeId, kind: NodeKind, parent: NodeId, name: string, how: Vanished["how"]): void {
    const path = joinPath(this.#host.project.path(parent), name);
    if (isInGit(path)) return;
    this.#vanished.note(path, classOf(kind), { id, how, doing: this.#host.doings.current });
  }

  // ── Names that come ──

  /** Hears of every file that is made new. */
  made(id: NodeId, parent: NodeId, name: string): void {
    const { project, doings } = this.#host;
    const path = joinPath(project.path(parent), name);
    doings.makes(path);
    if (isInGit(path)) return;
    this.#made.set(id, doings.current);
    if (this.#made.size > madeKept) {
      const [oldest] = this.#made.keys();
      if (oldest !== undefined) this.#gone(oldest);
    }
    const vanished = this.#vanished.get(path, "file");
    if (vanished?.how === "removed" && this.#isRemoved(vanished.id)) this.#late.set(id, vanished.id);
  }

  /** Temporary files of a moment or of the run that goes on, which may be renamed to what they are the new content of. */
  #isFresh(id: NodeId): boolean {
    const made = this.#made.get(id);
    if (made === undefined) return false;
    const now = this.#host.doings.current;
    return isSoon(made, now) || isSameRun(made, now);
  }

  /**
   * The file that a program makes again under a name that it took away: the removed one is back, the renamed one has its
   * name again (and what it was renamed to is a new file). Undefined where a new file is just that.
   */
  returnedFile(parent: NodeId, name: string, mode?: number): Awaitable<NodeId> | undefined {
    const vanished = this.#returning(parent, name, "file");
    return vanished && this.#return(vanished, parent, name, mode);
  }

  /** As `returnedFile`, for a temporary file that is renamed there. */
  returnedOver(from: NodeId, parent: NodeId, name: string): Awaitable<NodeId> | undefined {
    if (!this.#isFresh(from)) return undefined;
    const vanished = this.#returning(parent, name, "file");
    // A file that was renamed and is renamed back needs no other.
    return vanished === undefined || vanished.id === from ? undefined : this.#return(vanished, parent, name);
  }

  #return(vanished: Vanished, parent: NodeId, name: string, mode?: number): Awaitable<NodeId> | undefined {
    if (vanished.how === "removed") return this.#bringBack(vanished.id, parent, name, mode);
    return this.#takeFromBackup(vanished.id, parent, name, mode);
  }

  /**
   * A directory has been renamed to a name that a program took away: what was made in it just now is the new content of
   * the files that were there. Returns whether there was any.
   */
  directoryCame(id: NodeId): Awaitable<boolean> {
    const path = this.#host.project.path(id);
    if (this.#vanished.get(path, "directory") === undefined || isInGit(path)) return false;
    const fresh = this.#freshFiles(id).filter(({ parent, name }) => this.#candidate(parent, name, "file"));
    const done = fresh.reduce<Awaitable<void>>(
      (before, file) => chain(before, () => this.#comesAs(file)),
      undefined,
    );
    return chain(done, () => fresh.length > 0);
  }

  #freshFiles(directory: NodeId): Entry[] {
    return this.#host.project.children(directory).flatMap((entry) => {
      if (entry.kind === "dir") return this.#freshFiles(entry.id);
      return isContent(entry.kind) && this.#isFresh(entry.id) ? [entry] : [];
    });
  }

  /** A new file that has its name already, as the content of the one that had it before. */
  #comesAs(file: Entry): Awaitable<void> {
    const { project, change } = this.#host;
    const { id, parent, name } = file;
    change(() => project.trash(id));
    return chain(this.returnedFile(parent, name), (returned) => {
      const there = returned === undefined ? undefined : project.entry(returned);
      if (there === undefined) change(() => project.bringBack(id, parent, name));
      else return this.over(file, there);
    });
  }

  /**
   * The mark of what a git removes: any machine's git finds it by that, also one that has not seen it. With the content,
   * which must not have changed since.
   */
  gitMark({ id, kind, parent, name }: Entry): string | undefined {
    if (!this.#host.doings.current.byGit) return undefined;
    const path = joinPath(this.#host.project.path(parent), name);
    if (isInGit(path)) return undefined;
    return isContent(kind) ? this.#contentHash(id) : "";
  }

  #contentHash(id: NodeId): string | undefined {
    const { project, blobs } = this.#host;
    const blob = project.blob(id);
    if (blob !== undefined) return blob.hash;
    const bytes = project.readBytes(id, blobs);
    return bytes instanceof Uint8Array ? hashBytes(bytes) : undefined;
  }

  /** What a git of another machine removed, or of this one before it was started anew, and a git makes again. */
  #removedByGit(parent: NodeId, name: string, kind: NameClass): Vanished | undefined {
    const { project, doings } = this.#host;
    const doing = doings.current;
    if (!doing.byGit) return undefined;
    for (const { id, kind: nodeKind, git } of project.trashedAt(parent, name)) {
      if (git === undefined || classOf(nodeKind) !== kind) continue;
      if (isContent(nodeKind) && this.#contentHash(id) !== git) continue;
      return { id, how: "removed", doing };
    }
    return undefined;
  }

  /** A removed directory that is made again. Nothing is lost by that, whoever makes it and when. */
  returnedDirectory(parent: NodeId, name: string, mode: number): NodeId | undefined {
    const { project, inodes, change } = this.#host;
    const path = joinPath(project.path(parent), name);
    const known = this.#vanished.get(path, "directory")?.id;
    const id =
      known !== undefined && this.#isRemoved(known)
        ? known
        : this.#removedByGit(parent, name, "directory")?.id;
    if (id === undefined || project.names(parent).has(name)) return undefined;
    this.#vanished.forget(path, "directory");
    change(() => {
      project.bringBack(id, parent, name);
      project.setAttributes(id, { mode, mtime: this.#host.now(), uid: 0, gid: 0 });
    });
    inodes.renew(id);
    return id;
  }

  /** A removed link that is made again. */
  returnedLink(parent: NodeId, name: string, target: string): NodeId | undefined {
    const vanished = this.#returning(parent, name, "link");
    if (vanished === undefined) return undefined;
    const { project, inodes, change } = this.#host;
    const { id } = vanished;
    change(() => {
      project.bringBack(id, parent, name);
      project.setTarget(id, target);
      project.setAttributes(id, { mtime: this.#host.now(), uid: 0, gid: 0 });
    });
    inodes.renew(id);
    return id;
  }

  /** Whether a file is only the backup that an editor made while saving. */
  isBackup(id: NodeId): boolean {
    const made = this.#backups.get(id);
    if (made === undefined) return false;
    const now = this.#host.doings.current;
    return isSoon(made, now) || isSameRun(made, now);
  }

  /** A program has written to a file: it is more than a copy from now on. */
  written(id: NodeId): void {
    this.#backups.delete(id);
  }

  /** A colleague has changed a file's content: it is more than a program's temporary file or backup. */
  changedElsewhere(id: NodeId): void {
    this.#backups.delete(id);
    this.#made.delete(id);
    this.#temporary.delete(id);
  }

  #returning(parent: NodeId, name: string, kind: NameClass): Vanished | undefined {
    const { project } = this.#host;
    if (project.names(parent).has(name)) return undefined;
    const vanished = this.#candidate(parent, name, kind) ?? this.#removedByGit(parent, name, kind);
    if (vanished !== undefined) this.#vanished.forget(joinPath(project.path(parent), name), kind);
    return vanished;
  }

  /** What a program means that makes something of this name now. */
  #candidate(parent: NodeId, name: string, kind: NameClass): Vanished | undefined {
    const path = joinPath(this.#host.project.path(parent), name);
    const vanished = this.#vanished.get(path, kind) ?? (kind === "file" ? this.#moved(path) : undefined);
    if (vanished === undefined) return undefined;
    const now = this.#host.doings.current;
    const { id, doing } = vanished;
    if (this.#isRemoved(id)) {
      const returns = isSoon(doing, now) || isSameRun(doing, now) || (doing.byGit && now.byGit);
      // What was renamed first and removed then, too.
      return returns ? { ...vanished, how: "removed" } : undefined;
    }
    if (vanished.how === "removed" || !isSoon(doing, now)) return undefined;
    return vanished.backup === true || this.#isBackupOf(id, name) || isSameRun(doing, now)
      ? vanished
      : undefined;
  }

  /** The file of this path in a directory that a program renamed away. */
  #moved(path: string): Vanished | undefined {
    const { project } = this.#host;
    const names = path.split("/");
    for (let depth = names.length - 1; depth > 0; depth--) {
      const directory = this.#vanished.get(names.slice(0, depth).join("/"), "directory");
      if (directory?.how !== "renamed") continue;
      let entry = project.entry(directory.id);
      const backup = this.#isBackupOf(directory.id, names[depth - 1] ?? "");
      for (const name of names.slice(depth)) entry &&= project.lookup(entry.id, name);
      if (entry !== undefined && isContent(entry.kind))
        return { id: entry.id, how: "renamed", doing: directory.doing, backup };
    }
    return undefined;
  }

  #isRemoved(id: NodeId): boolean {
    const facts = this.#host.project.stat(id);
    return facts !== undefined && !facts.visible;
  }

  /** Renamed to a name like its own, as editors do that keep a backup. */
  #isBackupOf(id: NodeId, name: string): boolean {
    return this.#host.project.entry(id)?.name.includes(name) === true;
  }

  /** What was removed has just this content. */
  #isContentOf(id: NodeId, bytes: Uint8Array, hash: string | undefined): boolean {
    const { project, blobs } = this.#host;
    const facts = project.stat(id);
    if (facts?.size !== bytes.length) return false;
    const blob = project.blob(id);
    if (blob !== undefined) return blob.hash === (hash ?? hashBytes(bytes));
    const there = project.readBytes(id, blobs);
    return there instanceof Uint8Array && sameBytes(there, bytes);
  }

  #bringBack(id: NodeId, parent: NodeId, name: string, mode: number | undefined): Awaitable<NodeId> {
    const { project, inodes, open, versions, doings, change, now } = this.#host;
    // As long as it is open, it can be read.
    if (open.has(id)) versions.mayHaveRead(id, doings.current.caller);
    return chain(open.leaveAlone(id, inodes.ino(id)), () => {
      change(() => {
        project.bringBack(id, parent, name);
        const attributes = mode === undefined ? {} : { mode };
        project.setAttributes(id, { ...attributes, mtime: now(), uid: 0, gid: 0 });
        for (const attribute of project.xattrs(id).keys()) project.setXattr(id, attribute, undefined);
      });
      inodes.renew(id);
      return id;
    });
  }

  #takeFromBackup(
    id: NodeId,
    parent: NodeId,
    name: string,
    mode: number | undefined,
  ): Awaitable<NodeId> | undefined {
    const { project, blobs, open } = this.#host;
    const file = project.entry(id);
    if (file === undefined) return undefined;
    open.get(id)?.commit();
    return chain(project.readBytes(id, blobs), (bytes) => this.#swap(file, parent, name, bytes, mode));
  }

  #swap(file: Entry, parent: NodeId, name: string, bytes: Uint8Array, mode: number | undefined): NodeId {
    const { project, blobs, inodes, open, versions, doings, change } = this.#host;
    const { id, name: backupName, mode: oldMode, mtime } = file;
    versions.mayHaveRead(id, doings.current.caller);
    const backup = change(() => {
      project.move(id, parent, name);
      if (mode !== undefined) project.setAttributes(id, { mode });
      const made = project.createFile(file.parent, backupName, bytes, blobs, oldMode);
      project.setAttributes(made.id, { mtime });
      return made.id;
    });
    // The guest's kernel knows the file's number as the backup's, as it renamed it itself; what is open of it, too.
    inodes.swap(id, backup);
    open.move(id, backup);
    this.#backups.set(backup, doings.current);
    return id;
  }

  /**
   * A new file is committed for the first time, where a removed one of another run was: with that one's content, it is
   * that one. Undefined where it stays itself.
   */
  late(id: NodeId, bytes: Uint8Array, hash: string | undefined): NodeId | undefined {
    const removed = this.#late.get(id);
    if (removed === undefined) return undefined;
    const { project, inodes, open, change } = this.#host;
    this.#late.delete(id);
    const entry = project.entry(id);
    // Who has the removed file open keeps it as it is.
    if (entry === undefined || open.has(removed) || !this.#isRemoved(removed)) return undefined;
    if (!this.#isContentOf(removed, bytes, hash)) return undefined;
    const { parent, name, mode, uid, gid, mtime } = entry;
    change(() => {
      project.discard(id);
      project.bringBack(removed, parent, name);
      project.setAttributes(removed, { mode, uid, gid, mtime });
    });
    inodes.replace(id, removed);
    open.move(id, removed);
    this.#gone(id);
    return removed;
  }

  #gone(id: NodeId): void {
    this.#made.delete(id);
    this.#late.delete(id);
    this.#host.versions.forget(id);
  }
}

function classOf(kind: NodeKind): NameClass {
  return kind === "dir" ? "directory" : kind === "symlink" ? "link" : "file";
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
