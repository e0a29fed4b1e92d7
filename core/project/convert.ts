// A file changes its kind: its content gets a form of the new kind, beside the one that it had. What somebody else
// makes of the file at the same time is a third form; reconcile.ts brings them together.

import * as Y from "yjs";
import { fillNotebook } from "#core/notebook/fill.ts";
import type { CellIds } from "#core/notebook/merge.ts";
import {
  formName,
  lastTextForm,
  liveForm,
  newFormId,
  notebookSuffix,
  openNotebook,
  readForm,
  readVersion,
  readOrigin,
  removeForm,
  sameForm,
  textForms,
  writeOrigin,
} from "./forms.ts";
import type { Form, NodeMap } from "./schema.ts";

export interface Conversion {
  readonly to: "text" | "notebook";
  /** The file's content, in full. */
  readonly text: string;
  /** The form that it was until now, or before it was bytes. */
  readonly parent: Form;
  /** What the parent says now; all of it is in `text`, or was taken out there. */
  readonly base: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Makes the live form a text or a notebook. Runs in a transaction. */
export function convert(node: NodeMap, conversion: Conversion): void {
  const { to, text, parent, base, now } = conversion;
  const before = liveForm(node);
  const asleep = reusable(node, conversion);
  const form = asleep ?? { kind: to, id: newFormId() };
  if (asleep === undefined) {
    let cells: CellIds | undefined;
    if (to === "text") node.set(`text:${form.id}`, new Y.Text(text));
    else cells = fillCells(node, form, conversion);
    const said = readVersion(node, parent);
    writeOrigin(node, form, {
      parent,
      base,
      at: now,
      cells,
      parentCells: said.text === base ? said.cells : undefined,
    });
  }
  node.set("kind", formName(form));
  if (before?.kind === "bytes" && before.id !== "") removeForm(node, before);
}

/** Makes the live form bytes. `base` is the text that their writer had read. */
export function convertToBytes(node: NodeMap, base: string, now: number): void {
  const before = liveForm(node);
  if (before === undefined) return;
  const parent = before.kind === "bytes" ? lastTextForm(node, before).form : before;
  const form: Form = { kind: "bytes", id: newFormId() };
  writeOrigin(node, form, { parent, base, at: now });
  node.set("kind", formName(form));
  if (before.kind === "bytes" && before.id !== "") removeForm(node, before);
}

/**
 * A form that says exactly what the new one is to say, and from which nothing is to come: it is woken, with its
 * cursors, its runs and its undo. Nothing is written into it, so two who wake it double nothing.
 */
function reusable(node: NodeMap, { to, text, parent, base }: Conversion): Form | undefined {
  if (base !== text) return undefined;
  if (parent.kind === to) return parent;
  const beside = neighbours(node, parent).filter(
    ({ form, shared }) => form.kind === to && shared === text && readForm(node, form) === text,
  );
  return beside[0]?.form;
}

interface Neighbour {
  readonly form: Form;
  /** What both have in common. */
  readonly shared: string;
  readonly at: number;
}

/** The form that a form was made from and those that were made from it, the latest first. */
function neighbours(node: NodeMap, form: Form): Neighbour[] {
  const found: Neighbour[] = [];
  const own = readOrigin(node, form.id);
  if (own !== undefined) found.push({ form: own.parent, shared: own.base, at: own.at });
  for (const other of textForms(node)) {
    const origin = readOrigin(node, other.id);
    if (origin !== undefined && sameForm(origin.parent, form))
      found.push({ form: other, shared: origin.base, at: origin.at });
  }
  return found.sort((a, b) => b.at - a.at);
}

/** Returns which cells those of the base are. */
function fillCells(node: NodeMap, form: Form, { text, parent, base }: Conversion): CellIds {
  const earlier = nearestNotebook(node, parent);
  const before = earlier && openNotebook(node, earlier);
  node.set(`cells${notebookSuffix(form)}`, new Y.Map());
  const notebook = openNotebook(node, form);
  const cells = notebook.transact(() => fillNotebook(notebook, text, before?.cells ?? [], base));
  notebook.destroy();
  before?.destroy();
  return cells;
}

/** The notebook that the file was before, or another that was made from the same text. */
function nearestNotebook(node: NodeMap, start: Form): Form | undefined {
  const seen = new Set<string>();
  const queue = [start];
  for (let form = queue.shift(); form !== undefined; form = queue.shift()) {
    if (form.kind === "notebook") return form;
    if (seen.has(formName(form))) continue;
    seen.add(formName(form));
    queue.push(...neighbours(node, form).map((neighbour) => neighbour.form));
  }
  // One from before files had several forms.
  return textForms(node).find(({ kind }) => kind === "notebook");
}
