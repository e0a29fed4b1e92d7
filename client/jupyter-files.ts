// Notebooks to and from Jupyter's files: what the two commands of the palette do. Loaded when one is chosen.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { printIpynb, readIpynb } from "#core/notebook/ipynb.ts";
import { rootId, type Entry } from "#core/project/project.ts";
import type { Session } from "#sync/session.ts";
import { freeName } from "#ui/files/file-rows.ts";
import { saveFile } from "#ui/kit/save-file.ts";
import { toast } from "#ui/kit/toasts.tsx";

/** A notebook of the project for each file; gives the last one. What is no Jupyter notebook is said. */
export async function importJupyter(
  { project, blobs }: Session,
  files: readonly File[],
): Promise<Entry | undefined> {
  let last: Entry | undefined;
  for (const file of files) {
    const markdown = readIpynb(await file.text());
    if (markdown === undefined) {
      toast({
        message: `${file.name} is no Jupyter notebook of version 4: nothing was imported.`,
        problem: true,
      });
      continue;
    }
    const name = freeName(
      `${file.name.replace(/\.ipynb$/i, "")}.nb.md`,
      (taken) => project.lookup(rootId, taken) !== undefined,
    );
    last = project.writePath(name, encodeUtf8(markdown), blobs);
    toast({ message: `${file.name} is ${name} now. Outputs come when you run it.` });
  }
  return last;
}

export async function exportJupyter({ project, blobs }: Session, entry: Entry): Promise<void> {
  const notebook = project.notebook(entry.id);
  if (notebook === undefined) {
    toast({ message: "Only a notebook can be exported for Jupyter: open one first." });
    return;
  }
  const text = await printIpynb(notebook, blobs);
  const blob = new Blob([text], { type: "application/x-ipynb+json" });
  saveFile(blob, `${entry.name.replace(/\.nb\.md$/i, "")}.ipynb`);
}
