// Blobs that take more than a second to come or go, as lines of progress that name the file, and say what they wait for.

import type { Disposer } from "#core/base/disposable.ts";
import { rootId } from "#core/project/project.ts";
import type { Entry, Project } from "#core/project/project.ts";
import type { BlobTransfer } from "#sync/blob-transfer.ts";
import { beginJob } from "#ui/kit/jobs.tsx";
import type { JobHandle } from "#ui/kit/jobs.tsx";
import { toast } from "#ui/kit/toasts.tsx";
import { walk } from "#ui/kit/walk.ts";

/** Bytes: whatever is smaller is through before anybody could read of it. */
const leastShown = 256 * 1024;

export interface Transferring {
  onTransfer(listener: (transfer: BlobTransfer) => void): Disposer;
  /** Nobody wants it at the server any more. */
  cancel(hash: string): void;
}

export function showTransfers(project: Project, blobs: Transferring): Disposer {
  const going = new Map<string, JobHandle>();
  /** Looked for once: a project may have thousands of files. */
  const names = new Map<string, string>();
  const begin = (direction: BlobTransfer["direction"], hash: string, label: string): JobHandle => {
    const files = direction === "up" ? newFiles(project, hash) : [];
    const job = beginJob(label, files.length > 0);
    job.signal.addEventListener("abort", () => {
      // Nobody else could read it: a file without content is none.
      for (const { id } of newFiles(project, hash)) project.discard(id);
      blobs.cancel(hash);
      toast({ message: `${label}: stopped. It was taken out of the project again.` });
    });
    return job;
  };
  const stop = blobs.onTransfer(({ hash, direction, loaded, total, state, problem }) => {
    const key = `${direction} ${hash}`;
    const what = (): string => {
      const name = names.get(hash) ?? nameOf(project, hash);
      if (name !== undefined) names.set(hash, name);
      return `${direction === "up" ? "Uploading" : "Fetching"} ${name ?? "a file"}`;
    };
    const end = (): void => {
      going.get(key)?.end();
      going.delete(key);
      names.delete(hash);
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
        if (job === undefined) going.set(key, (job = begin(direction, hash, what())));
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
  return filesWith(project, hash)[0]?.name;
}

/** Those that never had another content: without this one, nothing is left of them. */
function newFiles(project: Project, hash: string): readonly Entry[] {
  const files = filesWith(project, hash);
  return files.every(({ id }) => project.history(id).length === 0) ? files : [];
}

function filesWith(project: Project, hash: string): readonly Entry[] {
  return [...walk(project, rootId)].flatMap(({ entry }) =>
    entry.kind === "bytes" && project.blob(entry.id)?.hash === hash ? [entry] : [],
  );
}
