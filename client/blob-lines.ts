// Blobs that take more than a second to come or go, as lines of progress that name the file.

import type { Disposer } from "#core/base/disposable.ts";
import { rootId } from "#core/project/project.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import type { BlobTransfer } from "#sync/blob-transfer.ts";
import { beginJob } from "#ui/kit/jobs.tsx";
import type { JobHandle } from "#ui/kit/jobs.tsx";

/** Bytes: whatever is smaller is through before anybody could read of it. */
const leastShown = 256 * 1024;

export function showTransfers(
  project: Project,
  onTransfer: (listener: (transfer: BlobTransfer) => void) => Disposer,
): Disposer {
  const going = new Map<string, JobHandle>();
  const stop = onTransfer(({ hash, direction, loaded, total, state }) => {
    if (total < leastShown) return;
    const key = `${direction} ${hash}`;
    if (state !== "going") {
      going.get(key)?.end();
      going.delete(key);
      return;
    }
    let job = going.get(key);
    if (job === undefined) {
      const name = nameOf(project, hash) ?? "a file";
      job = beginJob(direction === "up" ? `Uploading ${name}` : `Fetching ${name}`, false);
      going.set(key, job);
    }
    job.progress(loaded / total);
  });
  return () => {
    stop();
    for (const job of going.values()) job.end();
    going.clear();
  };
}

/** The first file with this content. */
function nameOf(project: Project, hash: string): string | undefined {
  const visit = (directory: NodeId): string | undefined => {
    for (const entry of project.children(directory)) {
      const found =
        entry.kind === "dir"
          ? visit(entry.id)
          : entry.kind === "bytes" && project.blob(entry.id)?.hash === hash
            ? entry.name
            : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(rootId);
}
