// How programs replace a file instead of writing to it, turned into content edits: the file that people have open in
// their tabs stays the same file. SPEC.md section 2.

import type { BlobStore } from "#core/project/blobs.ts";
import { isInGit } from "#core/project/file-content.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";
import { chain } from "../fs.ts";
import type { Awaitable } from "../fs.ts";
import type { Inodes } from "./inodes.ts";
import { isContent } from "./node-type.ts";
import type { OpenNodes } from "./open-nodes.ts";

/** An editor makes the file anew at once; a person who renames and creates by hand takes longer. */
const backupWindowMilliseconds = 3000;

export interface SavesHost {
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly inodes: Inodes;
  readonly open: OpenNodes;
  readonly now: () => number;
  /** Runs a change of the document that is the guest's own. */
  readonly change: <T>(work: () => T) => T;
}

export class Saves {
  readonly #host: SavesHost;
  /** The file that was last renamed to a name like its own. */
  #backedUp:
    | { readonly id: NodeId; readonly directory: NodeId; readonly name: string; readonly at: number }
    | undefined;
  readonly #backups = new Set<NodeId>();

  constructor(host: SavesHost) {
    this.#host = host;
  }

  /** Write a temporary file, rename it over the file: its content goes into the file that was there. */
  over(from: Entry, over: Entry): Awaitable<void> {
    const { project, blobs, open } = this.#host;
    open.get(from.id)?.commit();
    open.get(over.id)?.commit();
    const blob = project.blob(from.id);
    const staysBytes =
      over.kind === "bytes" && isInGit(project.path(from.id)) === isInGit(project.path(over.id));
    if (blob !== undefined && staysBytes)
      return this.#finish(from, over, () => project.setBlob(over.id, blob));
    return chain(project.readBytes(from.id, blobs), (bytes) =>
      this.#finish(from, over, () => project.writeBytes(over.id, bytes, blobs)),
    );
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
  }

  /** Hears of every rename within a directory. */
  renamed({ id, kind, parent, name }: Entry, newName: string): void {
    if (!isContent(kind) || !newName.includes(name)) return;
    this.#backedUp = { id, directory: parent, name, at: this.#host.now() };
  }

  /**
   * Rename the file to a backup, make it anew: the file comes back to its name, and the backup is the new node.
   * Undefined where a new file is just that.
   */
  recreated(directory: NodeId, name: string, mode: number): Awaitable<NodeId> | undefined {
    const { project, blobs, open, now } = this.#host;
    const backedUp = this.#backedUp;
    this.#backedUp = undefined;
    if (backedUp === undefined || backedUp.directory !== directory || backedUp.name !== name)
      return undefined;
    const file = project.entry(backedUp.id);
    if (file === undefined || file.parent !== directory || open.has(file.id)) return undefined;
    if (now() - backedUp.at > backupWindowMilliseconds || project.names(directory).has(name))
      return undefined;
    return chain(project.readBytes(file.id, blobs), (bytes) => this.#swap(file, name, bytes, mode));
  }

  #swap(file: Entry, name: string, bytes: Uint8Array, mode: number): NodeId {
    const { project, blobs, inodes, change } = this.#host;
    const { id, parent, name: backupName, mode: oldMode, mtime } = file;
    const backup = change(() => {
      project.move(id, parent, name);
      project.setAttributes(id, { mode });
      const made = project.createFile(parent, backupName, bytes, blobs, oldMode);
      project.setAttributes(made.id, { mtime });
      return made.id;
    });
    // The guest's kernel knows the file's number as the backup's: it renamed it itself.
    inodes.swap(id, backup);
    this.#backups.add(backup);
    return id;
  }

  /** Whether a file is only the backup that an editor made while saving. */
  isBackup(id: NodeId): boolean {
    return this.#backups.has(id);
  }
}
