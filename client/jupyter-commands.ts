// What the palette and the menus of files do with Jupyter's files. Loads the formats when one is chosen.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { rootId, type Entry } from "#core/project/project.ts";
import type { Session } from "#sync/session.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import { toast } from "#ui/kit/toasts.tsx";
import type { WorkspaceModel } from "#ui/workspace/workspace-model.ts";

export interface JupyterPlace {
  readonly session: Session;
  readonly model: WorkspaceModel;
}

/** Files from this person's computer; the last one is opened. */
export async function importNotebooks(
  { session, model }: JupyterPlace,
  chosen: readonly File[],
): Promise<void> {
  const { importJupyter } = await import("./jupyter-files.ts");
  let entry: Entry | undefined;
  for (const file of chosen) entry = importJupyter(session, rootId, file.name, await file.text()) ?? entry;
  if (entry !== undefined) model.open(entry.id, true);
}

/** A file of the project: the notebook stands beside it. */
export async function convertNotebook({ session, model }: JupyterPlace, file: Entry): Promise<void> {
  let text: string;
  try {
    text = decodeUtf8Lossy(await session.project.readBytes(file.id, session.blobs));
  } catch (error) {
    toast({ message: explainFileError(error, file.name), problem: true });
    return;
  }
  const { importJupyter } = await import("./jupyter-files.ts");
  const entry = importJupyter(session, file.parent, file.name, text);
  if (entry !== undefined) model.open(entry.id, true);
}

/** The notebook in front, or the one that is named. */
export async function exportNotebook({ session, model }: JupyterPlace, named?: Entry): Promise<void> {
  const active = model.active.peek();
  const entry = named ?? (active === undefined ? undefined : session.project.entry(active));
  if (entry === undefined) {
    toast({ message: "Open the notebook first." });
    return;
  }
  const { exportJupyter } = await import("./jupyter-files.ts");
  await exportJupyter(session, entry);
}
