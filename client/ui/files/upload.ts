// Files and folders that were dropped or chosen, written into the project.

import { FsError } from "#core/base/errno.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { blobLimit, fileLimitWords } from "#core/project/limits.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";
import type { FileProblem } from "#ui/kit/file-errors.ts";
import type { JobHandle } from "#ui/kit/jobs.tsx";
import { nextTurn } from "#ui/kit/turns.ts";
import { freeName } from "./file-rows.ts";
import { withOwnHash } from "./own-hash.ts";

export interface Picked {
  /** Relative, with slashes. */
  readonly path: string;
  readonly file: File;
}

export interface PickedFiles {
  readonly files: readonly Picked[];
  /** What the browser was not allowed to read, or could not. */
  readonly problems: readonly FileProblem[];
}

/** What a file field holds; of a chosen folder, with the paths in it. */
export function pickedFromField(files: FileList): PickedFiles {
  const picked = [...files].map((file) => ({
    path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath,
    file,
  }));
  return { files: picked, problems: [] };
}

/** What a drop carries. Its entries must be taken at once, before the event ends. */
export async function pickedFrom(transfer: DataTransfer): Promise<PickedFiles> {
  const files: Picked[] = [];
  const problems: FileProblem[] = [];
  const entries: FileSystemEntry[] = [];
  for (const item of transfer.items) {
    const entry = item.webkitGetAsEntry();
    // What comes from no disk (an image dragged out of a page) has a file but no entry.
    const file = entry === null ? item.getAsFile() : null;
    if (entry !== null) entries.push(entry);
    else if (file !== null) files.push({ path: file.name, file });
  }
  const collect = async (entry: FileSystemEntry, folder: string): Promise<void> => {
    const path = `${folder}${entry.name}`;
    try {
      if (isFile(entry)) files.push({ path, file: await fileOf(entry) });
      else if (isDirectory(entry))
        for (const child of await childrenOf(entry)) await collect(child, `${path}/`);
    } catch (reason) {
      problems.push({ path, reason });
    }
  };
  for (const entry of entries) await collect(entry, "");
  return { files, problems };
}

// Chromium has no global of these names to ask for an instance of.
function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function childrenOf(entry: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = entry.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // A browser hands over a folder in batches; an empty one is the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return children;
    children.push(...batch);
  }
}

export interface Uploaded {
  readonly written: readonly Entry[];
  readonly problems: readonly FileProblem[];
}

/** What was written before the job was stopped stays. */
export async function upload(
  project: Project,
  blobs: BlobStore,
  directory: NodeId,
  picked: readonly Picked[],
  job: JobHandle,
): Promise<Uploaded> {
  const written: Entry[] = [];
  const problems: FileProblem[] = [];
  const base = project.path(directory);
  const taken = (name: string): boolean => project.lookup(directory, name) !== undefined;
  // One new name per dropped file or folder, whatever it holds.
  const names = new Map<string, string>();
  const total = picked.reduce((sum, { file }) => sum + file.size, 0);
  let passed = 0;
  for (const { path, file } of picked) {
    if (job.signal.aborted) break;
    job.progress(passed / Math.max(1, total));
    passed += file.size;
    const [top = path, ...rest] = path.split("/");
    const name = names.get(top) ?? freeName(top, taken);
    names.set(top, name);
    try {
      // Before it is read: there may be no memory for it.
      if (file.size > blobLimit) throw new FsError("EFBIG", fileLimitWords);
      const bytes = new Uint8Array(await file.arrayBuffer());
      const hashed = await withOwnHash(blobs, bytes);
      if (job.signal.aborted) break;
      written.push(project.writePath([base, name, ...rest].join("/"), bytes, hashed));
    } catch (reason) {
      problems.push({ path, reason });
    }
    await nextTurn();
  }
  return { written, problems };
}
