// Folders of the project as tar archives and back: bytes, permission bits, times and links exactly. In slices, so
// that the page goes on; stoppable between any two files.

import { FsError } from "#core/base/errno.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { blobLimit, fileLimitWords } from "#core/project/limits.ts";
import { rootId } from "#core/project/project.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import type { FileProblem } from "#ui/kit/file-errors.ts";
import type { JobHandle } from "#ui/kit/jobs.tsx";
import { nextTurn } from "#ui/kit/turns.ts";
import { walk } from "#ui/kit/walk.ts";
import { freeName } from "./file-rows.ts";
import { withOwnHash } from "./own-hash.ts";
import { padding, tarEnd, TarError, writeHeader } from "./tar.ts";
import { readTar } from "./tar-reader.ts";
import type { TarEntry } from "./tar-reader.ts";

/** Milliseconds of work in one task of the page. */
const sliceTime = 12;
/** Bytes that are handed over to the browser's own keeping at a time. */
const partSize = 8 * 1024 * 1024;
/** Bytes that a compressed archive may unpack to: one that claims more is an attack. */
const mostUnpacked = 1024 * 1024 * 1024;

/** Ends a slice when its time is up. */
class Slices {
  readonly #job: JobHandle;
  #start = performance.now();

  constructor(job: JobHandle) {
    this.#job = job;
  }

  async step(part: number): Promise<void> {
    this.#job.signal.throwIfAborted();
    if (performance.now() - this.#start < sliceTime) return;
    this.#job.progress(part);
    await nextTurn();
    this.#job.signal.throwIfAborted();
    this.#start = performance.now();
  }
}

/** A folder with all that is in it as a tar archive, in which it is called `name`. */
export async function packTar(
  project: Project,
  blobs: BlobStore,
  folder: NodeId,
  name: string,
  job: JobHandle,
): Promise<Blob> {
  const archive: Blob[] = [];
  let part: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const add = (bytes: Uint8Array): void => {
    part.push(new Uint8Array(bytes));
    length += bytes.length;
    if (length < partSize) return;
    archive.push(new Blob(part));
    part = [];
    length = 0;
  };
  const slices = new Slices(job);
  const top = folder === rootId ? undefined : project.entry(folder);
  if (top !== undefined)
    add(writeHeader({ path: name, kind: "dir", mode: top.mode, mtime: top.mtime, size: 0 }));
  let passed = 0;
  for (const { entry, path } of walk(project, folder, name)) {
    await slices.step(passed / project.nodeCount);
    passed += 1;
    const { mode, mtime } = entry;
    if (entry.kind === "dir") add(writeHeader({ path, kind: "dir", mode, mtime, size: 0 }));
    else if (entry.kind === "symlink") {
      const target = project.target(entry.id) ?? "";
      add(writeHeader({ path, kind: "symlink", mode, mtime, size: 0, target }));
    } else {
      // Deleted while we were packing: then it is not there.
      if (project.entry(entry.id) === undefined) continue;
      const bytes = await project.readBytes(entry.id, blobs);
      add(writeHeader({ path, kind: "file", mode, mtime, size: bytes.length }));
      add(bytes);
      add(padding(bytes.length));
    }
  }
  add(tarEnd);
  return new Blob([...archive, ...part], { type: "application/x-tar" });
}

export interface Unpacked {
  readonly files: number;
  /** Where the first thing went. */
  readonly first: NodeId | undefined;
  /** What could not be written. */
  readonly problems: readonly FileProblem[];
}

/** Writes an archive's content into a folder, beside what is there. Throws TarError where it cannot be read. */
export async function unpackTar(
  project: Project,
  blobs: BlobStore,
  directory: NodeId,
  archive: Blob,
  job: JobHandle,
): Promise<Unpacked> {
  const tar = await uncompressed(archive, job.signal);
  const base = project.path(directory);
  const taken = (name: string): boolean => project.lookup(directory, name) !== undefined;
  // One new name for each thing at the top, whatever it holds.
  const tops = new Map<string, string>();
  const problems: FileProblem[] = [];
  let files = 0;
  let first: NodeId | undefined;
  let passed = 0;
  const slices = new Slices(job);
  for await (const entry of readTar(tar)) {
    await slices.step(passed / Math.max(1, tar.size));
    passed += entry.size + 512;
    const [top = "", ...rest] = entry.path.split("/");
    if (top === "") continue; // "./", the folder itself
    const name = tops.get(top) ?? freeName(top, taken);
    tops.set(top, name);
    const path = [...(base === "" ? [] : [base]), name, ...rest].join("/");
    try {
      const id = await writeEntry(project, blobs, path, entry);
      first ??= id;
      if (entry.kind !== "dir") files += 1;
    } catch (reason) {
      if (reason instanceof TarError || job.signal.aborted) throw reason;
      problems.push({ path: entry.path, reason });
    }
  }
  return { files, first, problems };
}

async function writeEntry(
  project: Project,
  blobs: BlobStore,
  path: string,
  entry: TarEntry,
): Promise<NodeId> {
  const { mode, mtime } = entry;
  if (entry.kind === "file") {
    // Before it is read: there may be no memory for it.
    if (entry.size > blobLimit) throw new FsError("EFBIG", fileLimitWords);
    const bytes = await entry.bytes();
    const { id } = project.writePath(path, bytes, await withOwnHash(blobs, bytes));
    project.setAttributes(id, { mode, mtime });
    return id;
  }
  const parent = makeFolders(project, path.split("/").slice(0, -1));
  const name = path.slice(path.lastIndexOf("/") + 1);
  const there = project.lookup(parent, name);
  if (entry.kind === "symlink") {
    const { id } = project.symlink(parent, name, entry.target ?? "");
    project.setAttributes(id, { mtime });
    return id;
  }
  const { id } = there?.kind === "dir" ? there : project.mkdir(parent, name);
  project.setAttributes(id, { mode, mtime });
  return id;
}

function makeFolders(project: Project, names: readonly string[]): NodeId {
  let id: NodeId = rootId;
  for (const name of names) id = (project.lookup(id, name) ?? project.mkdir(id, name)).id;
  return id;
}

/** The archive itself, out of gzip where it is in it. */
async function uncompressed(archive: Blob, signal: AbortSignal): Promise<Blob> {
  const [first, second] = new Uint8Array(await archive.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return archive;
  const parts: Blob[] = [];
  let size = 0;
  const reader = archive.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return new Blob(parts);
      size += value.length;
      if (size > mostUnpacked) throw new TarError("it unpacks to more than 1 GB");
      parts.push(new Blob([value]));
    }
  } catch (error) {
    if (error instanceof TarError || signal.aborted) throw error;
    throw new TarError("its compression is damaged");
  } finally {
    await reader.cancel().catch(() => undefined); // at its end, or given up: nothing more to say
  }
}

/** Whether a file's name says that it is an archive that we can unpack. */
export function isArchiveName(name: string): boolean {
  return /\.(?:tar|tar\.gz|tgz)$/i.test(name);
}
