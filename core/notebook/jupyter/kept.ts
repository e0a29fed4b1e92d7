// What a notebook keeps of the Jupyter file that it came from, beside what it shows: in the document, as one register
// of the notebook and one of each cell. A long one is a blob, so that the document stays small.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Cell } from "#core/notebook/cell.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { BlobRef } from "#core/notebook/output/run-record.ts";

/** What is used of the project's blobs. */
export interface KeptBlobs {
  get(ref: BlobRef): Uint8Array | Promise<Uint8Array>;
  put(bytes: Uint8Array): BlobRef;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** A cell of the file, whole, and what it was here when it came. */
export interface KeptCell {
  readonly cell: JsonObject;
  /** The cell's text here, as it was read: as long as it is this, the file's own source is right. */
  readonly text: string;
  readonly kind: string;
  readonly name?: string;
  /** The run that shows the file's outputs. */
  readonly run?: string;
}

const register = "jupyter";

/** Characters of JSON. */
const longestInline = 8 * 1024;

/** The file without its cells. */
export function keepFile(notebook: Notebook, file: JsonObject, blobs: KeptBlobs): void {
  notebook.node.set(register, packed(file, blobs));
}

export async function keptFile(notebook: Notebook, blobs: KeptBlobs): Promise<JsonObject | undefined> {
  const kept = await unpacked(notebook.node.get(register), blobs);
  return isObject(kept) ? kept : undefined;
}

export function keepCell(cell: Cell, kept: KeptCell, blobs: KeptBlobs): void {
  cell.map.set(register, packed(kept, blobs));
}

export async function keptCell(cell: Cell, blobs: Pick<KeptBlobs, "get">): Promise<KeptCell | undefined> {
  const kept = await unpacked(cell.map.get(register), blobs);
  if (!isObject(kept) || !isObject(kept["cell"])) return undefined;
  const { text, kind, name, run } = kept;
  if (typeof text !== "string" || typeof kind !== "string") return undefined;
  return {
    cell: kept["cell"],
    text,
    kind,
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof run === "string" ? { run } : {}),
  };
}

/** What a copy of the cell takes with it: to be given to `giveKept` as it is. */
export function takeKept(cell: Cell): unknown {
  const kept = cell.map.get(register);
  if (typeof kept === "string") return kept;
  // Another client may have put a shared type there, which can be in one place only.
  return isObject(kept) && Object.getPrototypeOf(kept) === Object.prototype ? kept : undefined;
}

export function giveKept(cell: Cell, kept: unknown): void {
  if (kept !== undefined) cell.map.set(register, kept);
}

/** The pictures that a Markdown cell brought along, by the name in `attachment:NAME`, as data URLs. */
export async function attachmentsOf(
  cell: Cell,
  blobs: Pick<KeptBlobs, "get">,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const attachments = (await keptCell(cell, blobs))?.cell["attachments"];
  for (const [name, forms] of Object.entries(isObject(attachments) ? attachments : {}))
    for (const [mime, data] of Object.entries(isObject(forms) ? forms : {})) {
      const text = Array.isArray(data) ? data.join("") : data;
      if (typeof text !== "string" || !pictureTypes.test(mime) || found.has(name)) continue;
      const isText = mime === "image/svg+xml" && text.trimStart().startsWith("<");
      const base64 = isText ? base64Of(encodeUtf8(text)) : text.replaceAll(/\s/g, "");
      found.set(name, `data:${mime};base64,${base64}`);
    }
  return found;
}

export function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** What a browser draws, and runs nothing of as a picture. */
const pictureTypes = /^image\/(?:png|jpeg|gif|webp|svg\+xml)$/;

/** Whether the cell may have any: asking further may fetch something. */
export function mayHaveAttachments(cell: Cell): boolean {
  return cell.map.has(register);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function packed(value: object, blobs: KeptBlobs): string | object {
  const json = JSON.stringify(value);
  if (json.length <= longestInline) return json;
  const { hash, size } = blobs.put(encodeUtf8(json));
  return { hash, size };
}

/** undefined where nothing was kept; a blob that cannot be had now is an error, for what it holds would be lost. */
async function unpacked(value: unknown, blobs: Pick<KeptBlobs, "get">): Promise<unknown> {
  if (typeof value === "string") return parseJson(value);
  if (!isObject(value)) return undefined;
  const { hash, size } = value;
  if (typeof hash !== "string" || typeof size !== "number") return undefined;
  return parseJson(decodeUtf8Lossy(await blobs.get({ hash, size })));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Any client can write into a document.
    return undefined;
  }
}
