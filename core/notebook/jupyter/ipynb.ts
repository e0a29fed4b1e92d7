// A notebook written as a Jupyter file (nbformat 4). What came from such a file goes out as it came, but for what was
// changed here; what Jupyter has no word for is kept in its metadata under "conch".

import type { Cell, CellKind } from "#core/notebook/cell.ts";
import { isObject, type JsonObject, keptCell, type KeptBlobs, type KeptCell, keptFile } from "./kept.ts";
import { linesOf, printOutputs } from "./outputs.ts";
import { joined, shellMagics, shownCode } from "./read.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import { cellSeparator, shownSeparator } from "#core/notebook/parse.ts";

const shellMagic = "%%bash\n";

const newFile: JsonObject = {
  metadata: {
    kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
    language_info: { name: "python" },
  },
  nbformat: 4,
  nbformat_minor: 5,
};

export async function printIpynb(notebook: Notebook, blobs: KeptBlobs): Promise<string> {
  const file = (await keptFile(notebook, blobs)) ?? newFile;
  const { nbformat_minor: minor } = file;
  // Ids came with 4.5; before, the schema forbids them.
  const hasIds = typeof minor === "number" && minor >= 5;
  const ids = new Set<unknown>();
  const cells: object[] = [];
  for (const cell of notebook.cells) {
    const kept = await keptCell(cell, blobs);
    const printed =
      kept === undefined ? await printCell(cell, blobs) : await printKept(cell, kept, blobs, ids);
    cells.push(withId(printed, cell.id, hasIds, kept === undefined, ids));
  }
  return `${JSON.stringify({ cells, ...file }, undefined, 1)}\n`;
}

/** Each id once: of two cells with one, the later takes its own. */
function withId(
  cell: JsonObject,
  id: string,
  hasIds: boolean,
  isNew: boolean,
  ids: Set<unknown>,
): JsonObject {
  const { id: own, ...rest } = cell;
  if (isNew && !hasIds) return rest;
  if (own === undefined && !isNew) return cell;
  const taken = own === undefined || ids.has(own);
  ids.add(taken ? id : own);
  return taken ? { ...cell, id } : cell;
}

async function printCell(cell: Cell, blobs: KeptBlobs): Promise<JsonObject> {
  const { kind, name } = cell;
  const metadata = {
    ...(name === undefined || name === "" ? {} : { name }),
    ...(kind === "text" || kind === "python" ? {} : { conch: { kind } }),
  };
  if (kind === "text") return { cell_type: "markdown", id: cell.id, metadata, source: linesOf(cell.print()) };
  // Jupyter cannot run it; as a raw cell it keeps it.
  if (kind === "wasm") return { cell_type: "raw", id: cell.id, metadata, source: linesOf(cell.code) };
  return {
    cell_type: "code",
    execution_count: null,
    id: cell.id,
    metadata,
    outputs: await printOutputs(cell, blobs),
    source: linesOf(kind === "sh" ? shellMagic + cell.code : cell.code),
  };
}

async function printKept(
  cell: Cell,
  kept: KeptCell,
  blobs: KeptBlobs,
  ids: ReadonlySet<unknown>,
): Promise<JsonObject> {
  // Of another kind now, it is another cell, with the file's metadata and id.
  if (cell.kind !== kept.kind) {
    const printed = await printCell(cell, blobs);
    const { metadata, id } = kept.cell;
    const both = {
      ...(isObject(metadata) ? metadata : {}),
      ...(isObject(printed["metadata"]) ? printed["metadata"] : {}),
    };
    const { id: ownId, ...rest } = printed;
    return { ...rest, metadata: both, ...(id === undefined ? {} : { id: ids.has(id) ? ownId : id }) };
  }
  const text = cell.kind === "text" ? cell.print() : cell.code;
  const changed = text === kept.text ? {} : changedSource(cell.kind, text, kept.cell);
  const named = cell.name === kept.name ? {} : { metadata: renamed(kept.cell["metadata"], cell.name) };
  return { ...kept.cell, ...changed, ...named, ...(await runFields(cell, kept, blobs)) };
}

/** What the cell holds now, in the words of its kind in the file. */
function changedSource(kind: CellKind, text: string, { cell_type: type, source }: JsonObject): JsonObject {
  const write = (value: string): JsonObject => ({
    source: typeof source === "string" ? value : linesOf(value),
  });
  if (kind === "sh") return write((shellMagics.exec(joined(source))?.[0] ?? "") + text);
  if (kind !== "text") return write(text);
  if (type === "markdown") return write(asInFile(text, joined(source)));
  // Code that is only shown here, as long as it is nothing but code.
  const code = shownCode(text);
  return code === undefined
    ? { cell_type: "markdown", outputs: undefined, execution_count: undefined, ...write(text) }
    : write(code);
}

/** Without what a block needs here to be no cell, and with the empty lines around that the file has. */
function asInFile(text: string, source: string): string {
  const lead = /^(?:[ \t]*\r?\n)*/.exec(source)?.[0] ?? "";
  const trail = source.trim() === "" ? "" : (/\s*$/.exec(source)?.[0] ?? "");
  const shown = source.includes("run=false")
    ? text
    : text.replaceAll(/^([ \t]*(?:`{3,}|~{3,})[^\r\n]*?)[ \t]\{run=false\}$/gm, "$1");
  const parted = source.includes(shownSeparator) ? shown : shown.replaceAll(shownSeparator, cellSeparator);
  return lead + parted + trail;
}

function renamed(metadata: unknown, name: string | undefined): JsonObject {
  const { name: _, ...rest } = isObject(metadata) ? metadata : {};
  return name === undefined || name === "" ? rest : { ...rest, name };
}

/** The file's outputs and count as long as no other run has come, and nobody has cleared them. */
async function runFields(cell: Cell, kept: KeptCell, blobs: KeptBlobs): Promise<JsonObject> {
  const { cell_type: type } = kept.cell;
  if (type !== "code" || cell.run?.id === kept.run) return {};
  return { execution_count: null, outputs: await printOutputs(cell, blobs) };
}
