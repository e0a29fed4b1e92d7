// Files and folders that were dropped or chosen, written into the project.

import { FsError } from "#core/base/errno.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { blobLimit, fileLimitWords } from "#core/project/limits.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import type { JobHandle } from "#ui/kit/jobs.tsx";
import { toast } from "#ui/kit/toasts.tsx";
import { nextTurn } from "#ui/kit/turns.ts";
import { freeName } from "./file-rows.ts";
import { withOwnHash } from "./own-hash.ts";

export interface Picked {
  /** Relative, with slashes. */
  readonly path: string;
  readonly file: File;
}

/** What a file field holds; of a chosen folder, with the paths in it. */
export function pickedFromField(files: FileList): Picked[] {
  return [...files].map((file) => ({
    path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath,
    file,
  }));
}

/** What a drop carries. Its entries must be taken at once, before the event ends. */
export async function pickedFrom(transfer: DataTransfer): Promise<Picked[]> {
  const picked: Picked[] = [];
  const entries: FileSystemEntry[] = [];
  for (const item of transfer.items) {
    const entry = item.webkitGetAsEntry();
    // What comes from no disk (an image dragged out of a page) has a file but no entry.
    const file = entry === null ? item.getAsFile() : null;
    if (entry !== null) entries.push(entry);
    else if (file !== null) picked.push({ path: file.name, file });
  }
  for (const entry of entries) await collect(entry, "", picked);
  return picked;
}

async function collect(entry: FileSystemEntry, path: string, picked: Picked[]): Promise<void> {
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    picked.push({ path: path + entry.name, file });
  } else if (entry instanceof FileSystemDirectoryEntry) {
    const reader = entry.createReader();
    for (;;) {
      // A browser hands over a folder in batches; an empty one is the end.
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (batch.length === 0) break;
      for (const child of batch) await collect(child, `${path}${entry.name}/`, picked);
    }
  }
}

/** Returns what was written; what was written before the job was stopped stays. */
export async function upload(
  project: Project,
  blobs: BlobStore,
  directory: NodeId,
  picked: readonly Picked[],
  job: JobHandle,
): Promise<readonly Entry[]> {
  const written: Entry[] = [];
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
    } catch (error) {
      toast({ message: explainFileError(error, file.name), problem: true });
    }
    await nextTurn();
  }
  return written;
}
