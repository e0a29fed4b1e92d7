// Blobs that take more than a second to come or go, as lines of progress that name the file, and say what they wait for.

import type { Disposer } from "#core/base/disposable.ts";
import { rootId } from "#core/project/project.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import type { BlobTransfer } from "#sync/blob-transfer.ts";
import { beginJob } from "#ui/kit/jobs.tsx";
import type { JobHandle } from "#ui/kit/jobs.tsx";
import { toast } from "#ui/kit/toasts.tsx";

/** Bytes: whatever is smaller is through before anybody could read of it. */
const leastShown = 256 * 1024;

export function showTransfers(
  project: Project,
  onTransfer: (listener: (transfer: BlobTransfer) => void) => Disposer,
): Disposer {
  const going = new Map<string, JobHandle>();
  const stop = onTransfer(({ hash, direction, loaded, total, state, problem }) => {
    const key = `${direction} ${hash}`;
    const what = (): string =>
      `${direction === "up" ? "Uploading" : "Fetching"} ${nameOf(project, hash) ?? "a file"}`;
    const end = (): void => {
      going.get(key)?.end();
      going.delete(key);
    };
    switch (state) {
      case "done":
      case "stopped":
        return end();
      case "refused":
        end();
        toast({ message: `${what()} does not go on: ${problem ?? "the server refuses it"}.`, problem: true });
        return;
      case "going":
      case "waiting": {
        // Uploads that wait are counted as not saved, beside the connection.
        if (total < leastShown && (state === "going" || direction === "up")) return;
        let job = going.get(key);
        if (job === undefined) going.set(key, (job = beginJob(what(), false)));
        job.progress(
          loaded / total,
          state === "waiting" ? `${what()}: ${problem ?? "it waits"}. It goes on by itself.` : what(),
        );
        return;
      }
      default:
        state satisfies never;
    }
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
