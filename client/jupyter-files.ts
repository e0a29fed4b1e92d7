// Notebooks to and from Jupyter's files: what the two commands of the palette do. Loaded when one is chosen.

import { systemClock } from "#core/base/system-clock.ts";
import { jupyterName, notebookName } from "#core/notebook/jupyter/name.ts";
import { printIpynb } from "#core/notebook/jupyter/ipynb.ts";
import { fillFromJupyter, type JupyterFile, readIpynb, type Unshown } from "#core/notebook/jupyter/read.ts";
import type { Entry, NodeId } from "#core/project/project.ts";
import type { Session } from "#sync/session.ts";
import { freeName } from "#ui/files/file-rows.ts";
import { saveFile } from "#ui/kit/save-file.ts";
import { toast } from "#ui/kit/toasts.tsx";

/** A notebook of the project, in this folder. What is no Jupyter notebook is said. */
export function importJupyter(
  { project, blobs }: Session,
  directory: NodeId,
  fileName: string,
  text: string,
): Entry | undefined {
  const read = readIpynb(text);
  if (read === undefined) {
    toast({
      message: `${fileName} is no Jupyter notebook of version 4: nothing was imported.`,
      problem: true,
    });
    return undefined;
  }
  const name = freeName(notebookName(fileName), (taken) => project.lookup(directory, taken) !== undefined);
  const entry = project.createNotebook(directory, name);
  const notebook = project.notebook(entry.id);
  if (notebook === undefined) throw new Error("invariant violation: a notebook that was just made is none");
  const unshown = fillFromJupyter(notebook, read, blobs, systemClock.now());
  toast({ message: `${fileName} is ${name} now. ${keptWords(read, unshown)}` });
  return project.entry(entry.id);
}

/** What is in the file and not on the page. */
function keptWords({ language }: JupyterFile, { foreign, raw }: Unshown): string {
  const cells = (count: number): string => (count === 1 ? "1 cell" : `${count} cells`);
  const code = language === "" ? "a language that the file does not name" : language;
  const parts = [
    ...(foreign === 0 ? [] : [`${cells(foreign)} of ${code}, shown as text: nothing here runs them`]),
    ...(raw === 0 ? [] : [`the format of ${raw === 1 ? "1 raw cell" : `${raw} raw cells`}`]),
    "tags, counts and other metadata",
  ];
  return `Kept for its export, but not shown: ${parts.join("; ")}.`;
}

export async function exportJupyter({ project, blobs }: Session, entry: Entry): Promise<void> {
  const notebook = project.notebook(entry.id);
  if (notebook === undefined) {
    toast({ message: "Only a notebook can be exported for Jupyter: open one first." });
    return;
  }
  let text: string;
  try {
    text = await printIpynb(notebook, blobs);
  } catch {
    toast({
      message: `${entry.name} was not exported: what it keeps of its Jupyter file cannot be had now. Try again when the server can be reached.`,
      problem: true,
    });
    return;
  }
  const blob = new Blob([text], { type: "application/x-ipynb+json" });
  saveFile(blob, jupyterName(entry.name));
}
