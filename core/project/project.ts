// A project: files, directories and links in one Y.Doc, as everybody sees them and as everybody changes them.
// Knows neither sockets nor guests; what a file's bytes are is in file-content.ts.

import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import type { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import { checkName, joinPath, splitPath } from "#core/base/path.ts";
import { systemClock } from "#core/base/system-clock.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { BlobRef, BlobStore } from "./blobs.ts";
import { parseText } from "./content.ts";
import { Entries } from "./entries.ts";
import type { Entry, FileFacts } from "./entries.ts";
import { FileContent } from "./file-content.ts";
import type { TextPlan, WriteBase } from "./file-content.ts";
import { newNodeId } from "./ids.ts";
import { blobLimit, fileLimitWords, nodeLimit, textTotalLimit } from "./limits.ts";
import { isNotebookName, notebookSuffix } from "./names.ts";
import { ProjectIndex } from "./project-index.ts";
import type { ProjectChange } from "./project-index.ts";
import { directoryMode, fileMode, nodesOf, rootId } from "./schema.ts";
import type { NodeId, NodeKind, NodeMap, NodeRecord } from "./schema.ts";
import { Trash } from "./trash.ts";
import type { RemovedNode, TrashedEntry } from "./trash.ts";

export { rootId };
export type { Entry, FileFacts, NodeId, NodeKind, ProjectChange, TrashedEntry };

export interface AttributeChange {
  readonly mode?: number;
  readonly mtime?: number;
  readonly atime?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface ProjectOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly newId?: () => NodeId;
}

export class Project {
  readonly doc: Y.Doc;
  /** One event for each transaction that changed something. */
  readonly changes: Emitter<ProjectChange>;
  readonly #nodes: Y.Map<NodeMap>;
  readonly #index: ProjectIndex;
  readonly #content: FileContent;
  readonly #trash: Trash;
  readonly #entries: Entries;
  readonly #now: () => number;
  readonly #newId: () => NodeId;

  constructor(doc: Y.Doc, options: ProjectOptions = {}) {
    this.doc = doc;
    this.#now = options.now ?? (() => systemClock.now());
    this.#newId = options.newId ?? newNodeId(this.#now);
    this.#nodes = nodesOf(doc);
    this.#index = new ProjectIndex(doc);
    this.#content = new FileContent({
      node: (id) => this.#index.node(id),
      kind: (id) => this.#index.record(id)?.kind,
      path: (id) => this.path(id),
      roomForText: (units) => this.#index.textTotal + units <= textTotalLimit,
      now: this.#now,
      change: (id, work) => this.#change(id, work),
    });
    this.#entries = new Entries(this.#index, (id) => this.#content.size(id));
    this.#index.forgotten.on((id) => {
      this.#entries.forget(id);
      this.#content.forget(id);
    });
    this.#trash = new Trash(doc, this.#index);
    this.changes = this.#index.changes;
  }

  destroy(): void {
    this.#index.destroy();
    this.#content.destroy();
  }

  /** Several changes as one: one update on the wire, one event. */
  transact<T>(work: () => T, origin?: unknown): T {
    return this.doc.transact(work, origin);
  }

  // ── Reading the tree ──

  /** Of a directory that was merged into another: that one's. */
  entry(id: NodeId): Entry | undefined {
    return this.#entries.entry(id);
  }

  /** As `entry`, but also of what is in the trash: whoever has such a file open goes on using it. */
  stat(id: NodeId): FileFacts | undefined {
    return this.#entries.stat(id);
  }

  /** By name. Of several directories that are merged, all the children. */
  children(directory: NodeId): readonly Entry[] {
    return this.#entries.children(directory);
  }

  /** Children by shown name, unsorted: cheap for directories of any size. */
  names(directory: NodeId): ReadonlyMap<string, NodeId> {
    return this.#index.tree.listing(directory);
  }

  lookup(directory: NodeId, name: string): Entry | undefined {
    return this.#entries.lookup(directory, name);
  }

  /** "" and "/" are the root. Symbolic links are not followed. */
  resolve(path: string): Entry | undefined {
    return this.#entries.resolve(path);
  }

  /** Without a leading slash; "" is the root. Of something in the trash, where it was. */
  path(id: NodeId): string {
    return this.#entries.path(id);
  }

  /** The id by which a directory is known now: directories of one name merge. Of anything else, its id. */
  canonical(id: NodeId): NodeId {
    return this.#index.tree.directory(id) ?? id;
  }

  get nodeCount(): number {
    return this.#index.nodeCount;
  }

  // ── Changing the tree ──

  mkdir(parent: NodeId, name: string, mode = directoryMode): Entry {
    return this.#create(parent, name, "dir", mode, () => undefined);
  }

  /** A file of the kind that its name and content ask for. */
  createFile(parent: NodeId, name: string, bytes: Uint8Array, blobs: BlobStore, mode = fileMode): Entry {
    checkSize(bytes);
    const directory = this.#directoryFor(parent, name);
    const plan = this.#content.plan(joinPath(this.path(directory), name), bytes);
    if (plan.kind === "bytes") return this.createBytes(directory, name, blobs.put(bytes), mode);
    return this.#create(directory, name, plan.kind, mode, (node) => this.#content.fill(node, plan));
  }

  /** A name that ends in ".nb.md" makes a notebook. EINVAL for what no text file can hold, EDQUOT where texts are full. */
  createText(parent: NodeId, name: string, text = ""): Entry {
    const directory = this.#directoryFor(parent, name);
    const content = parseText(encodeUtf8(text));
    if (content === undefined)
      throw new FsError("EINVAL", "this is too long for a text, or holds NUL or mixed line ends");
    if (this.#index.textTotal + text.length > textTotalLimit)
      throw new FsError("EDQUOT", "the project's texts are full");
    const plan: TextPlan = { kind: isNotebookName(name) ? "notebook" : "text", content };
    return this.#create(directory, name, plan.kind, fileMode, (node) => this.#content.fill(node, plan));
  }

  createNotebook(parent: NodeId, name: string, markdown = ""): Entry {
    const wanted = isNotebookName(name) ? name : `${name}${notebookSuffix}`;
    return this.createText(parent, wanted, markdown);
  }

  /** Without a blob, an empty file. */
  createBytes(parent: NodeId, name: string, blob?: BlobRef, mode = fileMode): Entry {
    return this.#create(parent, name, "bytes", mode, (node) =>
      this.#content.fill(node, { kind: "bytes", blob }),
    );
  }

  symlink(parent: NodeId, name: string, target: string): Entry {
    return this.#create(parent, name, "symlink", 0o777, (node) => {
      node.set("target", target);
    });
  }

  #create(parent: NodeId, name: string, kind: NodeKind, mode: number, fill: (node: NodeMap) => void): Entry {
    const directory = this.#directoryFor(parent, name);
    if (this.#index.tree.listing(directory).has(name)) throw new FsError("EEXIST", name);
    // Not the map's own size: Yjs counts it each time.
    if (this.#index.nodeCount >= nodeLimit)
      throw new FsError("ENOSPC", `a project has at most ${nodeLimit} files`);
    const id = this.#newId();
    this.doc.transact(() => {
      const node: NodeMap = new Y.Map();
      this.#nodes.set(id, node);
      node.set("at", [directory, name]);
      node.set("kind", kind);
      node.set("mode", mode);
      node.set("mtime", this.#now());
      fill(node);
      this.#revive(directory);
      this.#index.refresh(id);
    });
    return this.#expect(id);
  }

  /** Renames or moves, as one write. EEXIST where the name is taken, EINVAL into itself. */
  move(id: NodeId, parent: NodeId, name: string): void {
    const entry = this.#require(id);
    const directory = this.#directoryFor(parent, name);
    const there = this.lookup(directory, name);
    if (there !== undefined && there.id !== entry.id) throw new FsError("EEXIST", name);
    if (entry.kind === "dir" && this.#isWithin(directory, entry.id))
      throw new FsError("EINVAL", "a directory cannot be moved into itself");
    this.doc.transact(() => {
      for (const member of entry.kind === "dir" ? this.#index.tree.members(entry.id) : [entry.id]) {
        this.#index.node(member)?.set("at", [directory, name]);
        this.#index.refresh(member);
      }
      this.#revive(directory);
      this.#content.renamed(entry.id, name);
      this.#index.refresh(entry.id);
    });
  }

  /** Gives one node the place of another, which goes: rename(2) over an existing name. */
  replace(id: NodeId, over: NodeId): void {
    const { parent, name } = this.#require(over);
    this.doc.transact(() => {
      this.trash(over);
      this.move(id, parent, name);
    });
  }

  /** Deletes a file or an empty directory for good. For what is kept elsewhere, as temporary files are. */
  discard(id: NodeId): void {
    const record = this.#index.record(id);
    if (record === undefined) throw new FsError("ENOENT", id);
    if (this.names(id).size > 0) throw new FsError("ENOTEMPTY", id);
    const members = record.kind === "dir" ? this.#index.tree.members(id) : [];
    const going = new Set([id, ...members]);
    this.doc.transact(() => {
      for (const each of going) this.#nodes.delete(each);
      this.#index.refresh(...going);
    });
  }

  setAttributes(id: NodeId, change: AttributeChange): void {
    if (id === rootId) return;
    const values = { ...change, ...(change.mode === undefined ? {} : { mode: change.mode & 0o7777 }) };
    this.#change(this.canonical(id), (node) => {
      for (const [key, value] of Object.entries(values)) {
        if (value !== undefined && node.get(key) !== value) node.set(key, value);
      }
    });
  }

  // ── The trash ──

  /** Moves a file, or a directory with all that is in it, to the trash. `git`: see `TrashMark`. */
  trash(id: NodeId, by?: string, git?: string): void {
    const entry = this.#require(id);
    if (entry.id === rootId) throw new FsError("EBUSY", "the project's root cannot be deleted");
    this.#trash.put(entry.id, this.#now(), by, git);
  }

  /** Brings back what was deleted, all that went with it, and the directories that it was in. */
  restore(id: NodeId): void {
    this.#trash.restore(id);
  }

  /**
   * Brings back one deleted node, without what went with it, to a place where its name is free: whoever deleted it has
   * made it again.
   */
  bringBack(id: NodeId, parent: NodeId, name: string): void {
    const record = this.#index.record(id);
    if (record === undefined) throw new FsError("ENOENT", id);
    const directory = this.#directoryFor(parent, name);
    if (this.#index.tree.listing(directory).has(name)) throw new FsError("EEXIST", name);
    this.doc.transact(() => {
      const node = this.#index.node(id);
      if (record.parent !== directory || record.wantedName !== name) node?.set("at", [directory, name]);
      node?.delete("trashed");
      this.#revive(directory);
      this.#index.refresh(id);
    });
  }

  /** What was deleted itself, latest first; what went with a directory is not listed while that is here. */
  trashed(): readonly TrashedEntry[] {
    return this.#trash.list((id) => this.path(id));
  }

  /** What was deleted of this name in a directory, latest first. */
  trashedAt(directory: NodeId, name: string): readonly RemovedNode[] {
    return this.#trash.at(directory, name);
  }

  /** Deletes for good what has been in the trash since before `time`. Returns how many nodes went. */
  purge(time: number): number {
    return this.#trash.purge(time);
  }

  // ── Content ──

  /** The text of a text file; lines end in "\n" whatever the file's bytes have. */
  text(id: NodeId): Y.Text | undefined {
    return this.#content.text(id);
  }

  blob(id: NodeId): BlobRef | undefined {
    return this.#content.blob(id);
  }

  /** Where a symbolic link points. */
  target(id: NodeId): string | undefined {
    return this.#content.target(id);
  }

  setTarget(id: NodeId, target: string): void {
    this.#change(id, (node) => node.set("target", target));
  }

  notebook(id: NodeId): Notebook | undefined {
    return this.#content.notebook(id);
  }

  setBlob(id: NodeId, blob: BlobRef): void {
    this.#content.setBlob(this.#requireFile(id).id, blob);
  }

  /** Earlier contents of a bytes file, latest first: overwritten ones, and those that lost against a concurrent write. */
  history(id: NodeId): readonly (BlobRef & { readonly at: number })[] {
    return this.#content.history(id);
  }

  /** What a file's bytes are: EOL and BOM put back, notebooks printed; a promise where a blob must be fetched. */
  readBytes(id: NodeId, blobs: BlobStore): Uint8Array | Promise<Uint8Array> {
    return this.#content.read(this.#requireFile(id).id, blobs);
  }

  /** The bytes that a file would have with this text, its line ends being as they are. */
  printed(id: NodeId, text: string): Uint8Array {
    return this.#content.printed(this.#requireFile(id).id, text);
  }

  /**
   * Writes a whole file and decides by its content whether it is text. Only what differs from `base` is changed
   * (without one: from what is there now).
   */
  writeBytes(id: NodeId, bytes: Uint8Array, blobs: BlobStore, base?: WriteBase): void {
    checkSize(bytes);
    this.#content.write(this.#requireFile(id).id, bytes, blobs, base);
  }

  /** Creates the file and its parent directories where they are missing. */
  writePath(path: string, bytes: Uint8Array, blobs: BlobStore): Entry {
    const names = splitPath(path);
    const name = names.pop();
    if (name === undefined) throw new FsError("EISDIR", "the project's root is a directory");
    checkSize(bytes);
    return this.doc.transact(() => {
      let directory = this.#require(rootId);
      for (const step of names) directory = this.lookup(directory.id, step) ?? this.mkdir(directory.id, step);
      const there = this.lookup(directory.id, name);
      if (there === undefined) return this.createFile(directory.id, name, bytes, blobs);
      this.writeBytes(there.id, bytes, blobs);
      return this.#expect(there.id);
    });
  }

  xattrs(id: NodeId): ReadonlyMap<string, Uint8Array> {
    return this.#content.xattrs(this.canonical(id));
  }

  /** Undefined removes it. */
  setXattr(id: NodeId, name: string, value: Uint8Array | undefined): void {
    if (id === rootId) throw new FsError("EOPNOTSUPP", "the project's root keeps no extended attributes");
    this.#content.setXattr(this.canonical(id), name, value);
  }

  /** Says that a file's content changed now. */
  touch(id: NodeId): void {
    this.setAttributes(id, { mtime: this.#now() });
  }

  // ── Inside ──

  #change(id: NodeId, work: (node: NodeMap) => void): void {
    const node = this.#index.node(id);
    if (node === undefined) throw new FsError("ENOENT", id);
    this.doc.transact(() => {
      work(node);
      this.#index.refresh(id);
    });
  }

  #require(id: NodeId): Entry {
    const entry = this.entry(id);
    if (entry === undefined) throw new FsError("ENOENT", id);
    return entry;
  }

  /** Also a file in the trash: whoever has it open may go on writing. */
  #requireFile(id: NodeId): NodeRecord {
    const record = this.#index.record(id);
    if (id === rootId || record?.kind === "dir") throw new FsError("EISDIR", id);
    if (record === undefined) throw new FsError("ENOENT", id);
    return record;
  }

  #expect(id: NodeId): Entry {
    const entry = this.entry(id);
    if (entry === undefined)
      throw new Error("invariant violation: a node that was just made is not in the tree");
    return entry;
  }

  #directoryFor(parent: NodeId, name: string): NodeId {
    checkName(name);
    const directory = this.#index.tree.directory(parent);
    if (directory === undefined)
      throw new FsError(this.entry(parent) === undefined ? "ENOENT" : "ENOTDIR", parent);
    return directory;
  }

  /** A directory that only shows for what is in it comes back when somebody uses it. */
  #revive(directory: NodeId): void {
    for (let id = directory; id !== rootId; id = this.#index.tree.rawParent(id) ?? rootId) {
      const node = this.#index.node(id);
      if (node?.has("trashed") !== true) continue;
      node.delete("trashed");
      this.#index.refresh(id);
    }
  }

  #isWithin(directory: NodeId, ancestor: NodeId): boolean {
    for (let id = directory; id !== rootId; id = this.entry(id)?.parent ?? rootId)
      if (id === ancestor) return true;
    return false;
  }
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.length > blobLimit) throw new FsError("EFBIG", fileLimitWords);
}
