// What the palette and the menus of files do with Jupyter's files. Loads the formats when one is chosen.

import type { Entry } from "#core/project/project.ts";
import type { Session } from "#sync/session.ts";
import { toast } from "#ui/kit/toasts.tsx";
import type { WorkspaceModel } from "#ui/workspace/workspace-model.ts";

export interface JupyterPlace {
  readonly session: Session;
  readonly model: WorkspaceModel;
}

/** Files from this person's computer. */
export async function importNotebooks(
  { session, model }: JupyterPlace,
  chosen: readonly File[],
): Promise<void> {
  const { importJupyter } = await import("./jupyter-files.ts");
  const entry = await importJupyter(session, chosen);
  if (entry !== undefined) model.open(entry.id, true);
}

/** A file of the project: the notebook stands beside it. */
export async function convertNotebook({ session, model }: JupyterPlace, file: Entry): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await session.project.readBytes(file.id, session.blobs);
  } catch {
    toast({
      message: `${file.name} cannot be had now. Try again when the server can be reached.`,
      problem: true,
    });
    return;
  }
  const { importJupyter } = await import("./jupyter-files.ts");
  const entry = await importJupyter(session, [new File([bytes.slice()], file.name)], file.parent);
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
