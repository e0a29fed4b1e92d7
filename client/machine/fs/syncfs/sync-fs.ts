// A project as a file system: every guest's /project. Over the document and a blob store; knows neither sockets nor 9P.
// How it departs from POSIX, and why, is in SPEC.md.

import type { Disposer } from "#core/base/disposable.ts";
import { emptyBytes } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { checkName } from "#core/base/path.ts";
import { withHash } from "#core/project/blobs.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { isInGit } from "#core/project/file-content.ts";
import type { WriteBase } from "#core/project/file-content.ts";
import { blobLimit } from "#core/project/limits.ts";
import type { Entry, NodeId, Project, ProjectChange } from "#core/project/project.ts";
import { checkOpen, checkReplace, isSpecial, mayWrite } from "#machine/fs/file-modes.ts";
import type { Allowance } from "../allowance.ts";
import type { Caller } from "../caller.ts";
import { chain } from "#core/base/awaitable.ts";
import { fileType, openFlag } from "../fs.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { AttributeChange, Attributes, DirectoryEntry, Fs, FsStatus, Ino, OpenFile } from "../fs.ts";
import { Acting } from "./acting.ts";
import { ChangeTimes } from "./change-times.ts";
import { Crossing } from "./crossing.ts";
import { Doings } from "./doings.ts";
import { IgnoreFile } from "./ignore-file.ts";
import { Inodes } from "./inodes.ts";
import { KnownVersions } from "./known-versions.ts";
import { Listings } from "./listings.ts";
import type { Keepable } from "../fs-changes.ts";
import { LocalOverlay } from "./local-overlay.ts";
import { isContent, typeBits } from "./node-type.ts";
import { OpenFiles } from "./open-files.ts";
import { OpenNodes } from "./open-nodes.ts";
import { Saves } from "./saves.ts";
import { TreeView } from "./tree-view.ts";

export interface SyncFsOptions {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly now?: () => number;
  readonly schedule?: (milliseconds: number, work: () => void) => Disposer;
  /** Memory for what is not shared. */
  readonly allowance?: Allowance;
  /** Whose machine it is. */
  readonly person?: () => MachineOwner | undefined;
  /** A commit that nobody waited for failed; the bytes are kept and tried again. */
  readonly onError?: (path: string, error: unknown) => void;
}

export interface MachineOwner {
  /** As the trash shows who has deleted something. */
  readonly name: string;
  readonly id: string;
}

export class SyncFs implements Fs {
  readonly root: Ino = 1;
  readonly #project: Project;
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  readonly #person: () => MachineOwner | undefined;
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
  readonly #acting = new Acting();
  readonly #tree: TreeView;

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
        if (!this.#acting.guestActs) this.#acting.endLease();
      },
      ...(options.allowance === undefined ? {} : { allowance: options.allowance }),
    });
    this.#listings = new Listings(project, this.#inodes);
    this.#ignore = new IgnoreFile(project, blobs);
    this.#versions = new KnownVersions(project);
    const caller = (): Caller | undefined => this.#acting.caller;
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
        if (!this.#acting.guestActs || this.#open.get(id)?.joined === true) this.#acting.endLease();
      },
      failed: (id, error) => options.onError?.(project.path(id), error),
    });
    this.#saves = new Saves({
      project,
      blobs,
      inodes: this.#inodes,
      changeTimes: this.#changeTimes,
      open: this.#open,
      versions: this.#versions,
      doings: new Doings(this.#now, caller),
      owner: () => this.#person()?.id,
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
    this.#tree = new TreeView({
      project,
      inodes: this.#inodes,
      changeTimes: this.#changeTimes,
      local: this.#local,
      open: this.#open,
      listings: this.#listings,
      ignore: this.#ignore,
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
    return this.#tree.lookup(directory, name);
  }

  getattr(ino: Ino): Attributes {
    return this.#tree.getattr(ino);
  }

  readdir(directory: Ino, offset: number, limit: number): readonly DirectoryEntry[] {
    return this.#tree.readdir(directory, offset, limit);
  }

  parent(directory: Ino): Ino {
    return this.#tree.parent(directory);
  }

  readlink(ino: Ino): string {
    return this.#tree.readlink(ino);
  }

  statfs(): FsStatus {
    return this.#tree.statfs();
  }

  lease(): number {
    return this.#acting.lease;
  }

  leaseholder<T>(work: () => T, caller?: Caller): T {
    return this.#acting.asGuest(work, caller);
  }

  onBehalfOf<T>(caller: Caller | undefined, work: () => T): T {
    return this.#acting.onBehalfOf(caller, work);
  }

  // ── Changing the tree ──

  create(
    directory: Ino,
    name: string,
    flags: number,
    mode: number,
  ): Awaitable<{ attributes: Attributes; file: OpenFile }> {
    const local = this.#tree.localDirectory(directory, name, false);
    if (local !== undefined) return this.#local.create(local, name, flags, mode);
    const parent = this.#tree.directory(directory);
    const permissions = mode & 0o7777;
    const caller = this.#acting.caller;
    const returned = this.#saves.returnedFile(parent, name, permissions);
    if (returned !== undefined) {
      return chain(returned, (id) => {
        this.#acting.endLease();
        const file = this.#opened(id, flags);
        const emptied = this.onBehalfOf(caller, () => this.#open.truncate(id, 0));
        return chain(emptied, () => ({ attributes: this.#tree.attributes(id), file }));
      });
    }
    const { id } = this.#change(() =>
      this.#project.createFile(parent, name, emptyBytes, this.#blobs, permissions),
    );
    this.#saves.made(id, parent, name);
    return { attributes: this.#tree.attributes(id), file: this.#opened(id, flags) };
  }

  mkdir(directory: Ino, name: string, mode: number): Attributes {
    const local = this.#tree.localDirectory(directory, name, true);
    if (local !== undefined) return this.#local.fs.mkdir(local, name, mode);
    const parent = this.#tree.directory(directory);
    const returned = this.#saves.returnedDirectory(parent, name, mode & 0o7777);
    if (returned !== undefined) return this.#tree.attributes(returned);
    return this.#tree.attributes(this.#change(() => this.#project.mkdir(parent, name, mode & 0o7777)).id);
  }

  symlink(directory: Ino, name: string, target: string): Attributes {
    const local = this.#tree.localDirectory(directory, name, false);
    if (local !== undefined) return this.#local.fs.symlink(local, name, target);
    const parent = this.#tree.directory(directory);
    const returned = this.#saves.returnedLink(parent, name, target);
    if (returned !== undefined) return this.#tree.attributes(returned);
    return this.#tree.attributes(this.#change(() => this.#project.symlink(parent, name, target)).id);
  }

  /** Pipes, sockets and devices are a machine's own: they are beside what is shared. */
  mknod(directory: Ino, name: string, mode: number, rdev: number): Awaitable<Attributes> {
    const local = this.#tree.localDirectory(directory, name, false, isSpecial(mode));
    if (local !== undefined) return this.#local.fs.mknod(local, name, mode, rdev);
    return chain(this.create(directory, name, openFlag.readOnly, mode), ({ attributes, file }) =>
      chain(file.close(), () => attributes),
    );
  }

  /** Only among what is not shared: a node has one place. */
  link(directory: Ino, name: string, ino: Ino): Attributes {
    const mode = this.#local.has(ino) ? this.#local.fs.getattr(ino).mode : undefined;
    const local =
      mode === undefined ? undefined : this.#tree.localDirectory(directory, name, false, isSpecial(mode));
    if (local === undefined) throw new FsError("EPERM", "a file of a project has one name");
    return this.#local.fs.link(local, name, ino);
  }

  unlink(directory: Ino, name: string, directoryWanted: boolean): void {
    const [parent, entry] = this.#tree.child(directory, name);
    if (entry === undefined) {
      this.#local.fs.unlink(parent, name, directoryWanted);
      return;
    }
    if (directoryWanted && entry.kind !== "dir") throw new FsError("ENOTDIR");
    if (!directoryWanted && entry.kind === "dir") throw new FsError("EISDIR");
    if (entry.kind === "dir" && !this.#tree.isEmpty(entry.id)) throw new FsError("ENOTEMPTY");
    this.#change(() => this.#remove(entry));
    this.#changeTimes.changed(entry.id, this.#now());
  }

  rename(from: Ino, name: string, to: Ino, newName: string): Awaitable<void> {
    checkName(newName);
    const [source, entry] = this.#tree.child(from, name);
    const [, there] = this.#tree.child(to, newName, true);
    if (there?.kind === "dir" && there.id !== entry?.id && !this.#tree.isEmpty(there.id)) {
      checkReplace({ mode: this.#tree.modeOf(source, name, entry) }, { mode: fileType.directory });
      throw new FsError("ENOTEMPTY");
    }
    if (entry === undefined) {
      const target = this.#local.has(to) ? to : this.#tree.directory(to);
      if (this.#crossing.renameLocal(source, name, target, newName, there)) this.#acting.endLease();
      return undefined;
    }
    const local =
      there === undefined ? this.#tree.localDirectory(to, newName, entry.kind === "dir") : undefined;
    if (local !== undefined)
      return chain(this.#crossing.leave(entry, local, newName), () => this.#acting.endLease());
    const target = this.#tree.directory(to);
    this.#changeTimes.changed(entry.id, this.#now());
    if (there === undefined) {
      this.#crossing.removeLocal(target, newName, typeBits(entry.kind));
      const returned = this.#saves.returnedOver(entry.id, target, newName);
      if (returned !== undefined) return chain(returned, (id) => this.#renameOver(entry, id, target, true));
      this.#change(() => this.#project.move(entry.id, target, newName));
      this.#saves.renamed(entry);
      if (entry.kind !== "dir") return undefined;
      return chain(this.#saves.directoryCame(entry.id), (came) => {
        if (came) this.#acting.endLease();
      });
    }
    if (there.id === entry.id) return undefined;
    checkReplace({ mode: typeBits(entry.kind) }, { mode: typeBits(there.kind) });
    // To the guest's kernel that is another file, which nobody but its descriptors knows any more.
    if (isContent(entry.kind) && isContent(there.kind))
      return this.#renameOver(entry, there.id, target, this.#open.has(there.id));
    if (entry.kind === "symlink" && there.kind === "symlink") {
      this.#saves.linkOver(entry, there);
      this.#changeTimes.changed(there.id, this.#now());
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
      if (surprising) this.#acting.endLease();
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
    const { kind } = this.#tree.facts(id);
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
        const kept = attributes.mtime === undefined ? {} : { atime: this.#tree.attributes(id).atime };
        this.#change(() => this.#project.setAttributes(id, { ...kept, ...attributes }));
        if (attributes.mtime !== undefined) this.#setTime(id, attributes.mtime);
        if (nanoseconds !== undefined) this.#inodes.setFine(id, { ...attributes, nanoseconds });
      }
      // Emptying what is empty changes no content, but is a change.
      if (size !== undefined && others.mtime !== undefined) this.#inodes.bump(id, this.#now());
      this.#changeTimes.changed(id, this.#now());
      return this.#tree.attributes(id, ino);
    });
  }

  open(ino: Ino, flags: number): Awaitable<OpenFile> {
    if (this.#local.has(ino)) return this.#local.open(ino, flags);
    const alone = this.#open.alone(ino);
    if (alone !== undefined) return this.#open.openAlone(alone, flags);
    const id = this.#inodes.id(ino);
    const facts = this.#tree.facts(id);
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
    this.#acting.endLease();
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
    const { mtime, size } = this.#tree.facts(id);
    this.#inodes.committed(id, mtime);
    // Merged with what others wrote, or a notebook that is printed otherwise.
    if (size !== bytes.length) this.#acting.endLease();
    return id;
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
      if (!this.#acting.guestActs || displaced.size > 0) this.#acting.endLease();
      return;
    }
    this.#acting.endLease();
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
    this.#project.trash(id, this.#person()?.name, this.#saves.programMark(entry));
    if (passing) this.#saves.forgetLater(id);
  }
}

function afterTimeout(milliseconds: number, work: () => void): Disposer {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
}
