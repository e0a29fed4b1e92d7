// Jupyter's notebook files (nbformat 4): a notebook written as one, and one read as Markdown. What Jupyter has no word
// for is kept in its metadata under "conch".

import * as v from "valibot";
import * as Y from "yjs";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { Cell, CellKind } from "./cell.ts";
import { type DisplayItem, outputParts } from "./display.ts";
import { printFence } from "./fence.ts";
import { initNotebook, Notebook } from "./notebook.ts";
import { leftOut } from "./print-screen.ts";
import type { BlobRef } from "./run.ts";

/** What is used of the project's blobs: the pictures of outputs. */
interface Blobs {
  get(ref: BlobRef): Uint8Array | Promise<Uint8Array>;
}

/** How Jupyter's Python runs a shell cell. */
const shellMagic = "%%bash\n";
const shellMagics = /^%%(?:bash|sh|script bash)[ \t]*\r?\n/;

/** A blob that cannot be had now is left out: its name stands in its place. */
export async function printIpynb(notebook: Notebook, blobs: Blobs): Promise<string> {
  const cells: object[] = [];
  for (const cell of notebook.cells) cells.push(await printCell(cell, blobs));
  return `${JSON.stringify(
    {
      cells,
      metadata: {
        kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
        language_info: { name: "python" },
      },
      nbformat: 4,
      nbformat_minor: 5,
    },
    undefined,
    1,
  )}\n`;
}

async function printCell(cell: Cell, blobs: Blobs): Promise<object> {
  const { id, kind, name } = cell;
  const metadata = {
    ...(name === undefined ? {} : { name }),
    ...(kind === "text" || kind === "python" ? {} : { conch: { kind } }),
  };
  if (kind === "text") return { cell_type: "markdown", id, metadata, source: linesOf(cell.print()) };
  // Jupyter cannot run it; as a raw cell it keeps it.
  if (kind === "wasm") return { cell_type: "raw", id, metadata, source: linesOf(cell.code) };
  return {
    cell_type: "code",
    execution_count: null,
    id,
    metadata,
    outputs: await printOutputs(cell, blobs),
    source: linesOf(kind === "sh" ? shellMagic + cell.code : cell.code),
  };
}

/** Text is kept as its lines, each with its end. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

async function printOutputs(cell: Cell, blobs: Blobs): Promise<object[]> {
  const output = cell.run?.output;
  if (output === undefined) return [];
  const gap = output.omitted === 0 ? "" : `\n${leftOut(output.omittedLines ?? 0, output.omitted)}\n`;
  const outputs: object[] = [];
  for (const part of outputParts(output.head + gap + output.tail)) {
    if (typeof part !== "string") outputs.push(await printDisplayed(part, blobs));
    else if (part.trim() !== "")
      outputs.push({ output_type: "stream", name: "stdout", text: linesOf(part.replaceAll("\r\n", "\n")) });
  }
  return outputs;
}

async function printDisplayed({ hash, size, mime, name }: DisplayItem, blobs: Blobs): Promise<object> {
  const data: Record<string, unknown> = { "text/plain": [`[${name}]`] };
  try {
    data[mime] = contentOf(mime, await blobs.get({ hash, size }));
  } catch {
    // Its name has to do.
  }
  return { output_type: "display_data", data, metadata: {} };
}

function contentOf(mime: string, bytes: Uint8Array): unknown {
  if (mime === "application/json") return JSON.parse(decodeUtf8Lossy(bytes));
  if (mime.startsWith("text/") || mime === "image/svg+xml") return linesOf(decodeUtf8Lossy(bytes));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

const text = v.union([v.string(), v.array(v.string())]);
const file = v.object({
  nbformat: v.number(),
  metadata: v.optional(
    v.object({
      kernelspec: v.optional(v.object({ language: v.optional(v.string()) })),
      language_info: v.optional(v.object({ name: v.optional(v.string()) })),
    }),
  ),
  cells: v.array(
    v.object({
      cell_type: v.string(),
      source: text,
      metadata: v.optional(
        v.object({
          name: v.optional(v.string()),
          conch: v.optional(v.object({ kind: v.optional(v.string()) })),
        }),
      ),
    }),
  ),
});

/** A Jupyter notebook as a notebook's Markdown; outputs are not taken over. undefined where it is none. */
export function readIpynb(source: string): string | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), file), source);
  if (!parsed.success || parsed.output.nbformat < 4) return undefined;
  const { cells, metadata } = parsed.output;
  const language = metadata?.kernelspec?.language ?? metadata?.language_info?.name ?? "python";
  const node = new Y.Doc().getMap("notebook");
  initNotebook(node);
  const notebook = new Notebook(node);
  for (const { cell_type: type, source: written, metadata: facts } of cells) {
    const whole = typeof written === "string" ? written : written.join("");
    const [kind, content] = readCell(type, whole.replaceAll("\r\n", "\n"), language, facts?.conch?.kind);
    const cell = notebook.insert(kind, undefined, content);
    if (facts?.name !== undefined && kind !== "text") notebook.setName(cell.id, facts.name);
  }
  const printed = notebook.print();
  notebook.destroy();
  return printed;
}

function readCell(type: string, source: string, language: string, ours?: string): [CellKind, string] {
  if (type === "markdown") return ["text", source];
  if (type === "raw") return ours === "wasm" ? ["wasm", source] : ["text", printFence("", source)];
  if (shellMagics.test(source)) return ["sh", source.replace(shellMagics, "")];
  if (/^i?python/i.test(language)) return ["python", source];
  if (/^(?:bash|sh|shell)$/i.test(language)) return ["sh", source];
  // Nothing here runs it, so it is shown.
  return ["text", printFence(language, source)];
}
