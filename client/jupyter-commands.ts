// What the palette and the menus of files do with Jupyter's files. Loads the formats when one is chosen.

import { Download, NotebookPen } from "lucide-preact";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { rootId, type Entry } from "#core/project/project.ts";
import type { Session } from "#sync/session.ts";
import { explainFileError } from "#ui/kit/file-errors.ts";
import type { Feature, Shell } from "#ui/kit/feature.ts";
import { toast } from "#ui/kit/toasts.tsx";
import { chooseFiles } from "#ui/files/transfers.ts";

export interface JupyterPlace {
  readonly session: Session;
  readonly shell: Pick<Shell, "active" | "open">;
}

export function jupyterFeature(place: JupyterPlace, mayEdit: () => boolean): Feature {
  const importing = {
    id: "import-jupyter",
    label: "Import Jupyter notebooks (.ipynb)",
    icon: NotebookPen,
    run: () => chooseFiles(false, (chosen) => void importNotebooks(place, [...chosen])),
  };
  const exporting = {
    id: "export-jupyter",
    label: "Export this notebook for Jupyter (.ipynb)",
    icon: Download,
    run: () => void exportNotebook(place),
  };
  return { commands: () => (mayEdit() ? [importing, exporting] : [exporting]) };
}

/** Files from this person's computer; the last one is opened. */
async function importNotebooks({ session, shell }: JupyterPlace, chosen: readonly File[]): Promise<void> {
  const { importJupyter } = await import("./jupyter-files.ts");
  let entry: Entry | undefined;
  for (const file of chosen) entry = importJupyter(session, rootId, file.name, await file.text()) ?? entry;
  if (entry !== undefined) shell.open(entry.id, true);
}

/** A file of the project: the notebook stands beside it. */
export async function convertNotebook({ session, shell }: JupyterPlace, file: Entry): Promise<void> {
  let text: string;
  try {
    text = decodeUtf8Lossy(await session.project.readBytes(file.id, session.blobs));
  } catch (error) {
    toast({ message: explainFileError(error, file.name), problem: true });
    return;
  }
  const { importJupyter } = await import("./jupyter-files.ts");
  const entry = importJupyter(session, file.parent, file.name, text);
  if (entry !== undefined) shell.open(entry.id, true);
}

/** The notebook in front, or the one that is named. */
export async function exportNotebook({ session, shell }: JupyterPlace, named?: Entry): Promise<void> {
  const active = shell.active.peek();
  const entry = named ?? (active === undefined ? undefined : session.project.entry(active));
  if (entry === undefined) {
    toast({ message: "Open the notebook first." });
    return;
  }
  const { exportJupyter } = await import("./jupyter-files.ts");
  await exportJupyter(session, entry);
}
