// A project as a file system: every guest's /project. Over the document and a blob store; knows neither sockets nor 9P.
// How it departs from POSIX, and why, is in SPEC.md.

import type { Disposer } from "#core/base/disposable.ts";
import { emptyBytes } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { checkName, joinPath } from "#core/base/path.ts";
import { withHash } from "#core/project/blobs.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { isInGit } from "#core/project/file-content.ts";
import type { WriteBase } from "#core/project/file-content.ts";
import { blobLimit, nodeLimit } from "#core/project/limits.ts";
import { rootId } from "#core/project/project.ts";
import type { Entry, FileFacts, NodeId, Project, ProjectChange } from "#core/project/project.ts";
import { checkOpen, checkReplace, isSpecial, mayWrite } from "#machine/fs/file-modes.ts";
import type { Allowance } from "../allowance.ts";
import type { Caller } from "../caller.ts";
import { chain } from "#core/base/awaitable.ts";
import { fileType, openFlag } from "../fs.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { AttributeChange, Attributes, DirectoryEntry, Fs, FsStatus, Ino, OpenFile } from "../fs.ts";
import { ChangeTimes } from "./change-times.ts";
import { Crossing } from "./crossing.ts";
import { Doings } from "./doings.ts";
import { IgnoreFile } from "./ignore-file.ts";
import { firstLocalIno, Inodes, isLeased } from "./inodes.ts";
import { KnownVersions } from "./known-versions.ts";
import { Listings } from "./listings.ts";
import type { Keepable } from "../fs-changes.ts";
import { LocalOverlay } from "./local-overlay.ts";
import { isContent, typeBits } from "./node-type.ts";
import { OpenFiles } from "./open-files.ts";
import { OpenNodes } from "./open-nodes.ts";
import { Saves } from "./saves.ts";

export interface SyncFsOptions {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly now?: () => number;
  readonly schedule?: (milliseconds: number, work: () => void) => Disposer;
  /** Memory for what is not shared. */
  readonly allowance?: Allowance;
  /** Who deletes, as the trash shows it. */
  readonly person?: () => string | undefined;
  /** A commit that nobody waited for failed; the bytes are kept and tried again. */
  readonly onError?: (path: string, error: unknown) => void;
}

export class SyncFs implements Fs {
  readonly root: Ino = 1;
  readonly #project: Project;
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  readonly #person: () => string | undefined;
  readonly #inodes = new Inodes();
  readonly #changeTimes = new ChangeTimes();
  readonly #files = new OpenFiles();
  readonly #local: LocalOverlay;
  readonly #crossing: Crossing;
  readonly #open: OpenNodes;
  readonly #saves: Saves;
  readonly #versions: KnownVersions;
  readonly #listings: Listings;
  readonly #ignore: IgnoreFile;
  readonly #stop: Disposer;
  #lease = 1;
  /** A call of the guest is under way. */
  #guestActs = false;
  /** On whose behalf. */
  #caller: Caller | undefined;

  constructor(options: SyncFsOptions) {
    const { project, blobs } = options;
    this.#project = project;
    this.#blobs = blobs;
    this.#now = options.now ?? Date.now;
    this.#person = options.person ?? (() => undefined);
    this.#local = new LocalOverlay({
      files: this.#files,
      now: this.#now,
      changed: () => {
        if (!this.#guestActs) this.#endLease();
      },
      ...(options.allowance === undefined ? {} : { allowance: options.allowance }),
    });
    this.#listings = new Listings(project, this.#inodes);
    this.#ignore = new IgnoreFile(project, blobs);
    this.#versions = new KnownVersions(project);
    const caller = (): Caller | undefined => this.#caller;
    const schedule = options.schedule ?? afterTimeout;
    this.#open = new OpenNodes({
      project,
      blobs,
      versions: this.#versions,
      caller,
      now: this.#now,
      schedule,
      commit: (id, bytes, base, hash) => this.#commit(id, bytes, base, hash),
      written: (id) => {
        this.#inodes.bump(id, this.#now());
        this.#changeTimes.changed(id, this.#now());
        // Or the kernel knows it by another number, too.
        if (!this.#guestActs || this.#open.get(id)?.joined === true) this.#endLease();
      },
      failed: (id, error) => options.onError?.(project.path(id), error),
    });
    this.#saves = new Saves({
      project,
      blobs,
      inodes: this.#inodes,
      open: this.#open,
      versions: this.#versions,
      doings: new Doings(this.#now, caller),
      now: this.#now,
      change: (work) => this.#change(work),
      schedule,
    });
    this.#crossing = new Crossing({
      project,
      blobs,
      inodes: this.#inodes,
      local: this.#local,
      open: this.#open,
      files: this.#files,
      isIgnored: (path, isDirectory) => this.#ignore.matches(path, isDirectory),
      change: (work) => this.#change(work),
      remove: (entry) => this.#remove(entry),
      parent: (directory) => this.parent(directory),
    });
    this.#stop = project.changes.on((change) => this.#changed(change));
  }

  /** Commits what is written. Whoever has files open gets ESTALE from then on. */
  dispose(): void {
    try {
      this.flush();
    } finally {
      this.#stop();
      this.#saves.dispose();
      this.#open.discard();
      this.#versions.dispose();
    }
  }

  /** What is beside the project and not shared. */
  get unshared(): Keepable {
    return this.#local;
  }

  /** Brings every working copy into the document, as if the guest had called sync(2). */
  flush(): void {
    this.#open.flush();
  }

  // ── Reading the tree ──

  lookup(directory: Ino, name: string): Attributes {
    if (this.#local.has(directory)) return this.#local.fs.lookup(directory, name);
    const parent = this.#directory(directory);
    const child = this.#project.names(parent).get(name);
    if (child !== undefined) return this.#attributes(child);
    const holder = this.#local.holder(parent);
    if (holder !== undefined) return this.#local.fs.lookup(holder, name);
    throw new FsError("ENOENT", name);
  }

  getattr(ino: Ino): Attributes {
    if (this.#local.has(ino)) return this.#local.fs.getattr(ino);
    const attributes = this.#attributes(this.#inodes.id(ino), ino);
    const alone = this.#open.alone(ino);
    return alone === undefined ? attributes : { ...attributes, size: alone.size, nlink: 0 };
  }

  readdir(directory: Ino, offset: number, limit: number): readonly DirectoryEntry[] {
    if (this.#local.has(directory)) return this.#local.fs.readdir(directory, offset, limit);
    const parent = this.#directory(directory);
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
    return this.#inodes.ino(this.#project.entry(this.#directory(directory))?.parent ?? rootId);
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

  lease(): number {
    return this.#lease;
  }

  leaseholder<T>(work: () => T, caller?: Caller): T {
    const before = this.#guestActs;
    this.#guestActs = true;
    try {
      return this.onBehalfOf(caller, work);
    } finally {
      this.#guestActs = before;
    }
  }

  onBehalfOf<T>(caller: Caller | undefined, work: () => T): T {
    const before = this.#caller;
    this.#caller = caller;
    try {
      return work();
    } finally {
      this.#caller = before;
    }
  }

  // ── Changing the tree ──

  create(
    directory: Ino,
    name: string,
    flags: number,
    mode: number,
  ): Awaitable<{ attributes: Attributes; file: OpenFile }> {
    const local = this.#localDirectory(directory, name, false);
    if (local !== undefined) return this.#local.create(local, name, flags, mode);
    const parent = this.#directory(directory);
    const permissions = mode & 0o7777;
    const caller = this.#caller;
    const returned = this.#saves.returnedFile(parent, name, permissions);
    if (returned !== undefined) {
      return chain(returned, (id) => {
        this.#endLease();
        const file = this.#opened(id, flags);
        const emptied = this.onBehalfOf(caller, () => this.#open.truncate(id, 0));
        return chain(emptied, () => ({ attributes: this.#attributes(id), file }));
      });
    }
    const { id } = this.#change(() =>
      this.#project.createFile(parent, name, emptyBytes, this.#blobs, permissions),
    );
    this.#saves.made(id, parent, name);
    return { attributes: this.#attributes(id), file: this.#opened(id, flags) };
  }

  mkdir(directory: Ino, name: string, mode: number): Attributes {
    const local = this.#localDirectory(directory, name, true);
    if (local !== undefined) return this.#local.fs.mkdir(local, name, mode);
    const parent = this.#directory(directory);
    const returned = this.#saves.returnedDirectory(parent, name, mode & 0o7777);
    if (returned !== undefined) return this.#attributes(returned);
    return this.#attributes(this.#change(() => this.#project.mkdir(parent, name, mode & 0o7777)).id);
  }

  symlink(directory: Ino, name: string, target: string): Attributes {
    const local = this.#localDirectory(directory, name, false);
    if (local !== undefined) return this.#local.fs.symlink(local, name, target);
    const parent = this.#directory(directory);
    const returned = this.#saves.returnedLink(parent, name, target);
    if (returned !== undefined) return this.#attributes(returned);
    return this.#attributes(this.#change(() => this.#project.symlink(parent, name, target)).id);
  }

  /** Pipes, sockets and devices are a machine's own: they are beside what is shared. */
  mknod(directory: Ino, name: string, mode: number, rdev: number): Awaitable<Attributes> {
    const local = this.#localDirectory(directory, name, false, isSpecial(mode));
    if (local !== undefined) return this.#local.fs.mknod(local, name, mode, rdev);
    return chain(this.create(directory, name, openFlag.readOnly, mode), ({ attributes, file }) =>
      chain(file.close(), () => attributes),
    );
  }

  /** Only among what is not shared: a node has one place. */
  link(directory: Ino, name: string, ino: Ino): Attributes {
    const mode = this.#local.has(ino) ? this.#local.fs.getattr(ino).mode : undefined;
    const local =
      mode === undefined ? undefined : this.#localDirectory(directory, name, false, isSpecial(mode));
    if (local === undefined) throw new FsError("EPERM", "a file of a project has one name");
    return this.#local.fs.link(local, name, ino);
  }

  unlink(directory: Ino, name: string, directoryWanted: boolean): void {
    const [parent, entry] = this.#child(directory, name);
    if (entry === undefined) {
      this.#local.fs.unlink(parent, name, directoryWanted);
      return;
    }
    if (directoryWanted && entry.kind !== "dir") throw new FsError("ENOTDIR");
    if (!directoryWanted && entry.kind === "dir") throw new FsError("EISDIR");
    if (entry.kind === "dir" && !this.#isEmpty(entry.id)) throw new FsError("ENOTEMPTY");
    this.#change(() => this.#remove(entry));
    this.#changeTimes.changed(entry.id, this.#now());
  }

  rename(from: Ino, name: string, to: Ino, newName: string): Awaitable<void> {
    checkName(newName);
    const [source, entry] = this.#child(from, name);
    const [, there] = this.#child(to, newName, true);
    if (there?.kind === "dir" && there.id !== entry?.id && !this.#isEmpty(there.id)) {
      checkReplace({ mode: this.#mode(source, name, entry) }, { mode: fileType.directory });
      throw new FsError("ENOTEMPTY");
    }
    if (entry === undefined) {
      const target = this.#local.has(to) ? to : this.#directory(to);
      if (this.#crossing.renameLocal(source, name, target, newName, there)) this.#endLease();
      return undefined;
    }
    const local = there === undefined ? this.#localDirectory(to, newName, entry.kind === "dir") : undefined;
    if (local !== undefined)
      return chain(this.#crossing.leave(entry, local, newName), () => this.#endLease());
    const target = this.#directory(to);
    this.#changeTimes.changed(entry.id, this.#now());
    if (there === undefined) {
      this.#crossing.removeLocal(target, newName, typeBits(entry.kind));
      const returned = this.#saves.returnedOver(entry.id, target, newName);
      if (returned !== undefined) return chain(returned, (id) => this.#renameOver(entry, id, target, true));
      this.#change(() => this.#project.move(entry.id, target, newName));
      this.#saves.renamed(entry);
      if (entry.kind !== "dir") return undefined;
      return chain(this.#saves.directoryCame(entry.id), (came) => {
        if (came) this.#endLease();
      });
    }
    if (there.id === entry.id) return undefined;
    checkReplace({ mode: typeBits(entry.kind) }, { mode: typeBits(there.kind) });
    // To the guest's kernel that is another file, which nobody but its descriptors knows any more.
    if (isContent(entry.kind) && isContent(there.kind))
      return this.#renameOver(entry, there.id, target, this.#open.has(there.id));
    if (entry.kind === "symlink" && there.kind === "symlink") {
      this.#saves.linkOver(entry, there);
      this.#listings.forget(target);
      return undefined;
    }
    this.#change(() => {
      this.#remove(there);
      this.#project.move(entry.id, target, newName);
    });
    return undefined;
  }

  #renameOver(entry: Entry, id: NodeId, directory: NodeId, surprising: boolean): Awaitable<void> {
    const there = this.#project.entry(id);
    if (there === undefined) throw new FsError("ENOENT", "what was to be replaced is gone");
    return chain(this.#saves.over(entry, there), () => {
      this.#files.join(entry.id, id);
      this.#changeTimes.changed(id, this.#now());
      this.#listings.forget(directory);
      if (surprising) this.#endLease();
    });
  }

  setattr(ino: Ino, change: AttributeChange): Awaitable<Attributes> {
    if (this.#local.has(ino)) return this.#local.fs.setattr(ino, change);
    const id = this.#inodes.id(ino);
    const alone = this.#open.alone(ino);
    if (alone !== undefined) {
      const cut = change.size === undefined ? undefined : alone.truncate(change.size);
      return chain(cut, () => this.getattr(ino));
    }
    const { kind } = this.#facts(id);
    // The document's times are numbers of milliseconds: they hold microseconds.
    const { size, nanoseconds, ...others } = change;
    // The times that come with a size are those of the change itself: to set them would commit a file just emptied.
    const { mtime: _mtime, atime: _atime, ...beside } = others;
    const attributes: AttributeChange = size === undefined ? others : beside;
    if (size !== undefined && !isContent(kind)) throw new FsError(kind === "dir" ? "EISDIR" : "EINVAL");
    const truncated = size === undefined ? undefined : this.#open.truncate(id, size);
    // A commit would set the time again: so it comes first.
    const ready = chain(truncated, () =>
      attributes.mtime === undefined ? undefined : this.#open.get(id)?.save(),
    );
    return chain(ready, () => {
      if (Object.keys(attributes).length > 0) {
        // Where no time of access was set, that of the content is shown: it stays when the other one is set.
        const kept = attributes.mtime === undefined ? {} : { atime: this.#attributes(id).atime };
        this.#change(() => this.#project.setAttributes(id, { ...kept, ...attributes }));
        if (attributes.mtime !== undefined) this.#setTime(id, attributes.mtime);
        if (nanoseconds !== undefined) this.#inodes.setFine(id, { ...attributes, nanoseconds });
      }
      // Emptying what is empty changes no content, but is a change.
      if (size !== undefined && others.mtime !== undefined) this.#inodes.bump(id, this.#now());
      this.#changeTimes.changed(id, this.#now());
      return this.#attributes(id, ino);
    });
  }

  open(ino: Ino, flags: number): Awaitable<OpenFile> {
    if (this.#local.has(ino)) return this.#local.open(ino, flags);
    const alone = this.#open.alone(ino);
    if (alone !== undefined) return this.#open.openAlone(alone, flags);
    const id = this.#inodes.id(ino);
    const facts = this.#facts(id);
    checkOpen(typeBits(facts.kind) | facts.mode, flags);
    const file = this.#opened(id, flags);
    if ((flags & openFlag.truncate) === 0 || !mayWrite(flags)) return file;
    return chain(this.#open.truncate(id, 0), () => file);
  }

  // ── Extended attributes ──

  getxattr(ino: Ino, name: string): Uint8Array {
    if (this.#local.has(ino)) return this.#local.fs.getxattr(ino, name);
    const value = this.#project.xattrs(this.#inodes.id(ino)).get(name);
    if (value === undefined) throw new FsError("ENODATA");
    return value;
  }

  listxattr(ino: Ino): readonly string[] {
    if (this.#local.has(ino)) return this.#local.fs.listxattr(ino);
    return [...this.#project.xattrs(this.#inodes.id(ino)).keys()];
  }

  setxattr(ino: Ino, name: string, value: Uint8Array): void {
    if (this.#local.has(ino)) this.#local.fs.setxattr(ino, name, value);
    else this.#setXattr(this.#inodes.id(ino), name, value);
  }

  removexattr(ino: Ino, name: string): void {
    if (this.#local.has(ino)) this.#local.fs.removexattr(ino, name);
    else this.#setXattr(this.#inodes.id(ino), name, undefined);
  }

  // ── Inside ──

  #setXattr(id: NodeId, name: string, value: Uint8Array | undefined): void {
    this.#change(() => this.#project.setXattr(id, name, value));
    this.#changeTimes.changed(id, this.#now());
    // The guest's kernel does not know that this moves a time.
    this.#endLease();
  }

  #opened(id: NodeId, flags: number): OpenFile {
    return this.#files.track(id, flags, this.#open.open(id, flags), blobLimit);
  }

  /** The guest asked for this time; what is beside the shared entries of a directory has no say in it then. */
  #setTime(id: NodeId, mtime: number): void {
    this.#inodes.set(id, mtime);
    const holder = this.#local.holder(id);
    if (holder !== undefined) this.#local.fs.setattr(holder, { mtime });
  }

  #commit(id: NodeId, bytes: Uint8Array, base: WriteBase | undefined, hash: string | undefined): NodeId {
    const late = this.#saves.late(id, bytes, hash);
    if (late !== undefined) return late;
    this.#saves.written(id);
    const blobs = hash === undefined ? this.#blobs : withHash(this.#blobs, bytes, hash);
    this.#change(() => this.#project.writeBytes(id, bytes, blobs, base));
    const { mtime, size } = this.#facts(id);
    this.#inodes.committed(id, mtime);
    // Merged with what others wrote, or a notebook that is printed otherwise.
    if (size !== bytes.length) this.#endLease();
    return id;
  }

  #endLease(): void {
    this.#lease = (this.#lease % 2 ** 31) + 1;
  }

  /** Runs a change of the document that is the guest's own: its event is told from everybody else's. */
  #change<T>(work: () => T): T {
    return this.#project.transact(work, this);
  }

  #changed(change: ProjectChange): void {
    const { directories, nodes, contents, displaced, origin } = change;
    const now = this.#now();
    this.#ignore.changed(change);
    for (const directory of directories) {
      this.#listings.forget(directory);
      this.#inodes.bump(directory, now);
      this.#changeTimes.changed(directory, now);
    }
    if (origin === this) {
      // Of a program beside the guest, or not what the guest's kernel expects of its own change.
      if (!this.#guestActs || displaced.size > 0) this.#endLease();
      return;
    }
    this.#endLease();
    for (const id of nodes) {
      const facts = this.#project.stat(id);
      if (this.#inodes.knows(id)) this.#changeTimes.changed(id, now);
      if (facts !== undefined) this.#inodes.changedElsewhere(id, facts.mtime, contents.has(id), now);
    }
    for (const id of contents) {
      this.#open.get(id)?.changedElsewhere();
      this.#saves.changedElsewhere(id);
    }
  }

  /** Where in the local file system a new entry belongs; undefined where it is to be shared. */
  #localDirectory(
    directory: Ino,
    name: string,
    isDirectory: boolean,
    isSpecialFile = false,
  ): Ino | undefined {
    if (this.#local.has(directory)) return directory;
    checkName(name);
    const parent = this.#directory(directory);
    if (this.#project.names(parent).has(name)) {
      if (isSpecialFile) throw new FsError("EEXIST", name);
      return undefined;
    }
    const path = joinPath(this.#project.path(parent), name);
    if (!isSpecialFile && !this.#ignore.matches(path, isDirectory)) return undefined;
    return this.#local.makeHolder(parent);
  }

  /** An entry of the project, or the local directory in which the name is. */
  #child(directory: Ino, name: string, mayMiss = false): [Ino, Entry | undefined] {
    if (this.#local.has(directory)) return [directory, undefined];
    const parent = this.#directory(directory);
    const entry = this.#project.lookup(parent, name);
    if (entry !== undefined) return [directory, entry];
    const holder = this.#local.holder(parent);
    if (holder === undefined && !mayMiss) throw new FsError("ENOENT", name);
    return [holder ?? directory, undefined];
  }

  #mode(source: Ino, name: string, entry: Entry | undefined): number {
    return entry === undefined ? this.#local.fs.lookup(source, name).mode : typeBits(entry.kind);
  }

  #isEmpty(id: NodeId): boolean {
    return this.#project.names(id).size === 0 && this.#local.isEmpty(id);
  }

  /** Git's files and editors' backups would only fill the trash; who has one open keeps it. */
  #remove(entry: Entry): void {
    const { id, kind } = entry;
    const passing = (isContent(kind) && this.#saves.isBackup(id)) || isInGit(this.#project.path(id));
    if (!passing) this.#saves.removes(entry);
    if (passing && !this.#open.has(id)) {
      this.#project.discard(id);
      this.#versions.forget(id);
      return;
    }
    this.#project.trash(id, this.#person(), this.#saves.gitMark(entry));
    if (passing) this.#saves.forgetLater(id);
  }

  #directory(ino: Ino): NodeId {
    const id = this.#inodes.id(ino);
    const facts = this.#facts(id);
    if (facts.kind !== "dir") throw new FsError("ENOTDIR");
    if (!facts.visible) throw new FsError("ENOENT", "the directory was deleted");
    return facts.id;
  }

  #facts(id: NodeId): FileFacts {
    const facts = this.#project.stat(id);
    if (facts === undefined) throw new FsError("ESTALE", "the file is gone for good");
    return facts;
  }

  #attributes(id: NodeId, ino = this.#inodes.ino(id)): Attributes {
    const facts = this.#facts(id);
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

function afterTimeout(milliseconds: number, work: () => void): Disposer {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
}
