// A Jupyter file (nbformat 4) read into a notebook. Only what must be is required of the file: an odd optional field
// is passed over. The file is kept whole beside what is shown of it, for its export.

import { parseFence, printFence } from "#core/notebook/markdown/fence.ts";
import type { CellKind } from "#core/notebook/cell.ts";
import { type JsonObject, isObject, keepCell, keepFile, type KeptBlobs } from "./kept.ts";
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

/** What a kernel's name says where nothing else does. */
const kernelLanguages: readonly (readonly [RegExp, string])[] = [
  [/^(?:ipython|python|ipykernel|pypy|conda|sage|xpython)/i, "python"],
  [/^(?:ir|irkernel|r|xr)$/i, "R"],
  [/^(?:calysto_)?(?:bash|zsh|sh)/i, "bash"],
  [/^julia/i, "julia"],
  [/^(?:javascript|ijavascript|jslab|nodejs|deno|tslab|typescript)/i, "javascript"],
  [/^(?:xcpp|xeus-cling|c\+\+|cling)/i, "cpp"],
  [/^(?:gophernotes|go)/i, "go"],
  [/^(?:scala|almond|spylon)/i, "scala"],
  [
    /^(?:octave|matlab|imatlab|ruby|iruby|rust|evcxr|haskell|ihaskell|perl|iperl|lua|xlua|kotlin|java|ijava|php|sql|xsql)/i,
    "",
  ],
];

function languageOf(metadata: unknown): string {
  const { kernelspec, language_info: info } = isObject(metadata) ? metadata : {};
  const kernel = isObject(kernelspec) ? kernelspec : {};
  const told = [isObject(info) ? info["name"] : undefined, kernel["language"]].find(
    (name) => typeof name === "string" && name !== "",
  );
  if (typeof told === "string") return told;
  const { name } = kernel;
  // Nothing of all this is what the first notebooks said of Python.
  if (typeof name !== "string" || name === "") return "python";
  for (const [pattern, language] of kernelLanguages) {
    const match = pattern.exec(name);
    if (match !== null)
      return language === "" ? match[0].toLowerCase().replace(/^i(?=[a-z]{3})/, "") : language;
  }
  return "";
}

/** How Jupyter's Python runs a shell cell. */
export const shellMagics = /^%%(?:bash|sh|script (?:bash|sh))[ \t]*\r?\n/;

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

/** Lines or one string, as the file has it. */
export function joined(source: unknown): string {
  if (typeof source === "string") return source;
  return Array.isArray(source) ? source.filter((line) => typeof line === "string").join("") : "";
}

function readCell(cell: JsonObject, language: string): { kind: CellKind; content: string; foreign: boolean } {
  const source = joined(cell["source"]).replaceAll("\r\n", "\n");
  const { metadata } = cell;
  const conch = isObject(metadata) ? metadata["conch"] : undefined;
  const own = isObject(conch) ? conch["kind"] : undefined;
  switch (cell["cell_type"]) {
    case "markdown":
      return { kind: "text", content: source, foreign: false };
    case "code":
      break;
    default:
      return own === "wasm"
        ? { kind: "wasm", content: source, foreign: false }
        : { kind: "text", content: printFence("", source), foreign: false };
  }
  if (shellMagics.test(source))
    return { kind: "sh", content: source.replace(shellMagics, ""), foreign: false };
  if (own === "python" || own === "sh") return { kind: own, content: source, foreign: false };
  if (/^i?python/i.test(language)) return { kind: "python", content: source, foreign: false };
  if (/^(?:bash|sh|shell|zsh)$/i.test(language)) return { kind: "sh", content: source, foreign: false };
  // Nothing here runs it, so it is shown.
  return { kind: "text", content: printFence(language.replaceAll(/[\s`]/g, ""), source), foreign: true };
}

/** The code of a prose cell that is nothing but one block of code. */
export function shownCode(text: string): string | undefined {
  const fence = parseFence(text);
  return fence !== undefined && fence.closed ? fence.source : undefined;
}
