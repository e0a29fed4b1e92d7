// A Jupyter file (nbformat 4) read into a notebook. Only what must be is required of the file: an odd optional field
// is passed over. The file is kept whole beside what is shown of it, for its export.

import { parseFence } from "#core/notebook/markdown/fence.ts";
import { type JsonObject, isObject, keepCell, keepFile, type KeptBlobs } from "./kept.ts";
import { languageOf, readCell } from "./kinds.ts";
import { readOutputs } from "./outputs.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import { sourceHash } from "#core/notebook/output/run-record.ts";

export interface JupyterFile {
  /** Without its cells. */
  readonly file: JsonObject;
  readonly cells: readonly JsonObject[];
  /** "" for one that the file does not tell. */
  readonly language: string;
}

/** undefined for what is no Jupyter notebook of version 4. */
export function readIpynb(source: string): JupyterFile | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
  if (!isObject(parsed) || typeof parsed["nbformat"] !== "number" || Math.floor(parsed["nbformat"]) !== 4)
    return undefined;
  const { cells, ...file } = parsed;
  if (!Array.isArray(cells) || !cells.every(isObject)) return undefined;
  return { file, cells, language: languageOf(file["metadata"]) };
}

/** What was taken over and is not shown, for people. */
export interface Unshown {
  /** Cells whose language nothing here runs. */
  readonly foreign: number;
  readonly raw: number;
}

/** Fills an empty notebook. */
export function fillFromJupyter(
  notebook: Notebook,
  { file, cells, language }: JupyterFile,
  blobs: KeptBlobs,
  now: number,
): Unshown {
  const unshown = { foreign: 0, raw: 0 };
  notebook.transact(() => {
    keepFile(notebook, file, blobs);
    for (const kept of cells) {
      const read = readCell(kept, language);
      if (read.foreign) unshown.foreign++;
      if (kept["cell_type"] === "raw" && read.kind === "text") unshown.raw++;
      const cell = notebook.add(read.kind, read.content, kept["id"]);
      const { metadata } = kept;
      const name = isObject(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "";
      if (name !== "" && read.kind !== "text") notebook.setName(cell.id, name);
      const output = readOutputs(kept["outputs"], blobs);
      const run = `jupyter-${cell.id}`;
      const keepsName = cell.name === undefined ? {} : { name: cell.name };
      const text = read.kind === "text" ? cell.print() : cell.code;
      const base = { cell: kept, text, kind: read.kind, ...keepsName };
      keepCell(cell, output === undefined ? base : { ...base, run }, blobs);
      if (output === undefined) continue;
      notebook.setRun(cell.id, {
        id: run,
        by: { id: "jupyter", name: "The Jupyter file", color: "#8a8f98" },
        client: 0,
        machine: "another machine",
        sourceHash: sourceHash(cell.code),
        started: now,
        state: "done",
        channel: "",
        code: output.failed ? 1 : 0,
        ...(output.output === undefined ? {} : { output: output.output }),
      });
    }
  });
  return unshown;
}

/** The code of a prose cell that is nothing but one block of code. */
export function shownCode(text: string): string | undefined {
  const fence = parseFence(text);
  return fence !== undefined && fence.closed ? fence.source : undefined;
}
