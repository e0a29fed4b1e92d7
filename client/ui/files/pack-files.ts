// Some of a project's files as one file to take along: a single one as it is, several as a tar archive with their paths.

import type { BlobStore } from "#core/project/blobs.ts";
import { rootId, type NodeId, type Project } from "#core/project/project.ts";
import { walk } from "#ui/kit/walk.ts";
import { padding, tarEnd, writeHeader } from "./tar.ts";

export interface FoundFile {
  readonly id: NodeId;
  /** Relative to the project; of what is in the trash, where it was. */
  readonly path: string;
}

export interface PackedFiles {
  readonly name: string;
  readonly content: Blob;
  /** Paths of those whose bytes cannot be had here. */
  readonly missing: readonly string[];
}

/** The files among these nodes, in the trash or not; with the project's root, all that are not in the trash. */
export function filesAmong(project: Project, ids: ReadonlySet<NodeId>): readonly FoundFile[] {
  if (ids.has(rootId))
    return [...walk(project, rootId)].flatMap(({ entry, path }) =>
      entry.kind === "dir" || entry.kind === "symlink" ? [] : [{ id: entry.id, path }],
    );
  return [...ids].flatMap((id) => {
    const kind = project.stat(id)?.kind;
    return kind === undefined || kind === "dir" || kind === "symlink" ? [] : [{ id, path: project.path(id) }];
  });
}

/** `name`: what the archive is called, without its ending. */
export async function packFiles(
  project: Project,
  blobs: BlobStore,
  files: readonly FoundFile[],
  name: string,
): Promise<PackedFiles> {
  const missing: string[] = [];
  const read: { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer>; readonly id: NodeId }[] = [];
  for (const { id, path } of files) {
    try {
      read.push({ id, path, bytes: new Uint8Array(await project.readBytes(id, blobs)) });
    } catch {
      missing.push(path);
    }
  }
  const [only] = read;
  if (only !== undefined && read.length === 1)
    return { name: only.path.split("/").at(-1) ?? only.path, content: new Blob([only.bytes]), missing };
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const taken = new Set<string>();
  for (const { id, path, bytes } of read) {
    // One in the trash may have the path of another.
    const free = taken.has(path) ? `${path}.${id}` : path;
    taken.add(free);
    const { mode = 0o644, mtime = 0 } = project.stat(id) ?? {};
    const header = writeHeader({ path: `${name}/${free}`, kind: "file", mode, mtime, size: bytes.length });
    parts.push(new Uint8Array(header), bytes, new Uint8Array(padding(bytes.length)));
  }
  parts.push(new Uint8Array(tarEnd));
  return { name: `${name}.tar`, content: new Blob(parts, { type: "application/x-tar" }), missing };
}
