// The forms of a file: a file that changes its kind gets a new form beside the old one, under keys that nobody else
// writes, and one register says which form is live. Reads and names forms; what moves between them is in reconcile.ts.

import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import type { CellIds } from "#core/notebook/merge.ts";
import { Notebook } from "#core/notebook/notebook.ts";
import { hashBytes } from "./blobs.ts";
import { blobKey, parseForm } from "./schema.ts";
import type { Form, NodeMap } from "./schema.ts";

/** Where a form comes from. */
export interface Origin {
  readonly parent: Form;
  /** The last text that the parent and this form had in common. */
  readonly base: string;
  /** Which cells of this form, and of its parent, the cells of the base are, where they are notebooks. */
  readonly cells?: CellIds | undefined;
  readonly parentCells?: CellIds | undefined;
  /** When the form was made, in milliseconds since the epoch. */
  readonly at: number;
}

export const originPrefix = "from:";

/** The key of a notebook form that lists the runs which were copied out of it. */
const carriedRunsPrefix = "ran:";

export function newFormId(): string {
  return crypto.randomUUID().slice(0, 13).replace("-", "");
}

/** As the register `kind` and origins name a form. */
export function formName({ kind, id }: Form): string {
  return id === "" ? kind : `${kind}:${id}`;
}

/** The form that people see. */
export function liveForm(node: NodeMap): Form | undefined {
  return parseForm(node.get("kind"));
}

export function sameForm(a: Form | undefined, b: Form | undefined): boolean {
  return a !== undefined && b !== undefined && a.kind === b.kind && a.id === b.id;
}

/** The key of a form's content; undefined for bytes, whose address is in `blob`. */
export function contentKey(form: Form): string | undefined {
  if (form.kind === "bytes") return undefined;
  const key = form.kind === "text" ? "text" : "cells";
  return form.id === "" ? key : `${key}:${form.id}`;
}

/** The form that a key of a node belongs to. */
export function formOfKey(key: string): Form | undefined {
  const match = /^(text|cells|tail)(?::([\w-]+))?$/.exec(key);
  if (match === null) return undefined;
  return { kind: match[1] === "text" ? "text" : "notebook", id: match[2] ?? "" };
}

/** The last part of the keys of a notebook's form. */
export function notebookSuffix({ id }: Form): string {
  return id === "" ? "" : `:${id}`;
}

export function textOf(node: NodeMap, form: Form): Y.Text | undefined {
  const text = form.kind === "text" ? node.get(contentKey(form) ?? "") : undefined;
  return text instanceof Y.Text ? text : undefined;
}

export function readOrigin(node: NodeMap, id: string): Origin | undefined {
  const value: unknown = id === "" ? undefined : node.get(originPrefix + id);
  if (!Array.isArray(value)) return undefined;
  const [name, base, at, cells, parentCells]: unknown[] = value;
  const parent = parseForm(name);
  if (parent === undefined || typeof base !== "string") return undefined;
  return {
    parent,
    base,
    at: typeof at === "number" ? at : 0,
    cells: readIds(cells),
    parentCells: readIds(parentCells),
  };
}

function readIds(value: unknown): CellIds | undefined {
  return Array.isArray(value) && value.every((id) => typeof id === "string") ? value : undefined;
}

export function writeOrigin(node: NodeMap, form: Form, origin: Origin): void {
  const { parent, base, at, cells, parentCells } = origin;
  const written = [formName(parent), base, at];
  node.set(
    originPrefix + form.id,
    cells === undefined && parentCells === undefined
      ? written
      : [...written, cells?.slice() ?? null, parentCells?.slice() ?? null],
  );
}

/** Whether the file has ever changed its kind. */
export function hasOrigins(node: NodeMap): boolean {
  for (const key of node.keys()) if (key.startsWith(originPrefix)) return true;
  return false;
}

/** The forms that have a text, live or not. */
export function textForms(node: NodeMap): Form[] {
  const forms: Form[] = [];
  for (const [key, value] of node.entries()) {
    const form = key.startsWith("tail") ? undefined : formOfKey(key);
    if (form !== undefined && (form.kind === "text" ? value instanceof Y.Text : value instanceof Y.Map))
      forms.push(form);
  }
  return forms;
}

/** A form's notebook; the caller destroys it. */
export function openNotebook(node: NodeMap, form: Form, newId?: () => string): Notebook {
  const suffix = notebookSuffix(form);
  return new Notebook(node, { suffix: () => suffix, ...(newId === undefined ? {} : { newId }) });
}

/** What a form says, as the text of a file with "\n" at the ends of lines. */
export function readForm(node: NodeMap, form: Form): string {
  return readVersion(node, form).text;
}

export interface Version {
  readonly text: string;
  /** Of a notebook: which of its cells those of the text are. */
  readonly cells: CellIds | undefined;
}

/** What a form says, and of which cells that is. */
export function readVersion(node: NodeMap, form: Form): Version {
  if (form.kind !== "notebook") return { text: textOf(node, form)?.toJSON() ?? "", cells: undefined };
  const notebook = openNotebook(node, form);
  const text = notebook.print();
  const cells = notebook.printed(text)?.ids;
  notebook.destroy();
  return { text, cells };
}

/** The text or notebook that a file was before it became bytes, and what it said when those were made from it. */
export function lastTextForm(node: NodeMap, live: Form): { readonly form: Form; readonly base: string } {
  const origin = live.kind === "bytes" ? readOrigin(node, live.id) : undefined;
  if (origin !== undefined && origin.parent.kind !== "bytes")
    return { form: origin.parent, base: origin.base };
  // A file that was made as bytes has an empty text.
  const form: Form = { kind: "text", id: "" };
  const there = readForm(node, form);
  return { form, base: changedAsleep(node) ? "" : there };
}

/** Before there were forms, a text that gave way to bytes or cells had its hash kept: whether it was edited since. */
export function changedAsleep(node: NodeMap): boolean {
  const slept: unknown = node.get("slept");
  if (typeof slept !== "string") return false;
  return slept !== hashBytes(encodeUtf8(readForm(node, { kind: "text", id: "" })));
}

/** Forgets a form: its content and where it came from. */
export function removeForm(node: NodeMap, form: Form): void {
  const suffix = notebookSuffix(form);
  const content = {
    text: [`text${suffix}`],
    bytes: [blobKey(form.id)],
    notebook: [`cells${suffix}`, `tail${suffix}`],
  };
  for (const key of [...content[form.kind], carriedRunsPrefix + form.id, originPrefix + form.id])
    if (node.has(key)) node.delete(key);
}

/** Ids of the runs that were copied out of a notebook that is not live. */
export function readCarriedRuns(node: NodeMap, form: Form): ReadonlySet<string> {
  const value: unknown = node.get(carriedRunsPrefix + form.id);
  return new Set(Array.isArray(value) ? value.filter((id): id is string => typeof id === "string") : []);
}

export function writeCarriedRuns(node: NodeMap, form: Form, ids: ReadonlySet<string>): void {
  node.set(carriedRunsPrefix + form.id, [...ids]);
}
