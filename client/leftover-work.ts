// Work that did not reach the server and cannot any more: a link was withdrawn, a role taken back, a project started
// over. It stays in this browser until somebody has taken it along as a file, or given it up.

import * as Y from "yjs";
import type { BlobStore } from "#core/project/blobs.ts";
import { FsError } from "#core/base/errno.ts";
import { Project, type NodeId } from "#core/project/project.ts";
import { nodesOf } from "#core/project/schema.ts";
import { filesAmong, packFiles } from "#ui/files/pack-files.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import { saveFile } from "#ui/kit/save-file.ts";
import { toast } from "#ui/kit/toasts.tsx";
import type { LocalCopy } from "#sync/local-copy.ts";
import type { Session } from "#sync/session.ts";

export interface LeftoverWork {
  /** Milliseconds since the epoch; of what was put aside earlier. */
  readonly at?: number;
  /** Their paths. */
  readonly files: readonly string[];
  /** It outlives this tab. */
  readonly kept: boolean;
  download(): Promise<void>;
  discard(): Promise<void>;
}

/** What this tab's session has not sent. Undefined where that is nothing. */
export function ofSession(session: Session, copy: LocalCopy | undefined): LeftoverWork | undefined {
  return leftover({
    project: session.project,
    ids: session.unsavedFiles,
    blobs: session.blobs,
    kept: copy?.keeping.kept === true,
    discard: async () => {
      session.giveUpUnsaved();
      await copy?.remove();
    },
  });
}

/** What earlier visits have not sent, where the project does not open. */
export function ofCopy(copy: LocalCopy): LeftoverWork | undefined {
  const held = new Set(copy.blobs.held);
  const project = new Project(copy.doc);
  const ids = new Set(copy.carriedFiles);
  for (const id of nodesOf(copy.doc).keys()) if (held.has(project.blob(id)?.hash ?? "")) ids.add(id);
  return leftover({
    project,
    ids,
    blobs: keptBlobs(copy, undefined),
    kept: true,
    discard: () => copy.remove(),
  });
}

/** What was put aside. `blobs`: the server's, where it can be asked. */
export async function putAside(
  copy: LocalCopy,
  blobs: BlobStore | undefined,
): Promise<readonly LeftoverWork[]> {
  const found: LeftoverWork[] = [];
  for (const kept of copy.leftovers) {
    const discard = (): Promise<void> => kept.remove();
    try {
      const facts = { at: kept.at, blobs: keptBlobs(copy, blobs), kept: true, discard };
      const work = ofState(await kept.read(), kept.files, facts);
      if (work === undefined) await discard();
      else found.push(work);
    } catch (thrown) {
      console.warn("What was put aside cannot be read now:", thrown);
    }
  }
  return found;
}

interface StateFacts {
  readonly at: number;
  readonly blobs: BlobStore;
  readonly kept: boolean;
  readonly discard: () => Promise<void>;
}

/** A document as it was, as one update. */
export function ofState(
  state: Uint8Array,
  ids: ReadonlySet<NodeId>,
  facts: StateFacts,
): LeftoverWork | undefined {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return leftover({ project: new Project(doc), ids, ...facts });
}

function leftover(of: {
  readonly project: Project;
  readonly ids: ReadonlySet<NodeId>;
  readonly blobs: BlobStore;
  readonly kept: boolean;
  readonly discard: () => Promise<void>;
  readonly at?: number;
}): LeftoverWork | undefined {
  const { project, blobs, kept, discard, at } = of;
  const files = filesAmong(project, of.ids);
  if (files.length === 0) return undefined;
  return {
    ...(at === undefined ? {} : { at }),
    files: files.map(({ path }) => path),
    kept,
    discard,
    download: async () => {
      try {
        const { name, content, missing } = await packFiles(project, blobs, files, "unsaved work");
        saveFile(content, name);
        if (missing.length > 0)
          toast({
            message: `Not in the file, as this browser does not have their content: ${missing.join(", ")}.`,
            problem: true,
          });
      } catch (thrown) {
        toast({ message: explainFileError(thrown, "unsaved work"), problem: true });
      }
    },
  };
}

/** What this browser keeps, then what the server has. */
function keptBlobs(copy: LocalCopy, server: BlobStore | undefined): BlobStore {
  return {
    get: async (ref) => {
      const bytes = await copy.blobs.read(ref.hash).catch(() => undefined);
      if (bytes !== undefined) return bytes;
      if (server === undefined) throw new FsError("EIO", "this browser does not have the content");
      return server.get(ref);
    },
    put: () => {
      throw new Error("invariant violation: nothing is written to work that was put aside");
    },
  };
}
