// What was edited in forms of a file that are not live any more is brought into the live one, each edit once. The room
// does this, which all edits pass: it alone, since two who did it would double what they bring. SPEC.md section 6.

import * as Y from "yjs";
import type { Cell } from "#core/notebook/cell.ts";
import { idsOfVersion } from "#core/notebook/fill.ts";
import { continuedCells, liveContent, mergeNotebook } from "#core/notebook/merge.ts";
import type { CellIds } from "#core/notebook/merge.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import { parseNotebook } from "#core/notebook/parse.ts";
import { fineEdits, mergeThree } from "#core/text/three-way.ts";
import { applyToText } from "#core/text/shared-text.ts";
import { convert } from "./convert.ts";
import { diffLines } from "#core/text/diff.ts";
import { FormTree } from "./form-tree.ts";
import type { FormNode, Shared } from "./form-tree.ts";
import {
  contentKey,
  formName,
  formOfKey,
  hasOrigins,
  liveForm,
  openNotebook,
  originPrefix,
  readCarriedRuns,
  readForm,
  readVersion,
  textOf,
  writeCarriedRuns,
} from "./forms.ts";
import type { Version } from "./forms.ts";
import { isNotebookName } from "./names.ts";
import { reconcileWork } from "./reconcile-work.ts";
import type { Form, NodeMap } from "./schema.ts";

/**
 * Work that one file may be at a time, about in microseconds: a text of 1 MiB and a notebook of 500 cells are less.
 * What is more stays as it is, in its form.
 */
const longestWork = 16_000_000;

/** More forms are nobody's: with each that is brought in, the text of all the others would be written down again. */
const mostForms = 256;

/** Of looking at one key of a file, to find its forms. */
const workPerKey = 50;

/** Whether there is time for so much work now. */
type AffordWork = (work: number) => boolean;

/**
 * Runs in a transaction. Does nothing to a file that has always been of one kind. False where there was no time for all
 * of it: the forms that have been brought in are in `done`, and the others' turn is later.
 */
function reconcileForms(node: NodeMap, now: number, affords: AffordWork, done: Set<string>): boolean {
  const live = liveForm(node);
  if (live === undefined) return true;
  if (!affords(node.size * workPerKey)) return false;
  const tree = new FormTree(node, live);
  if (tree.size < 2 || tree.size > mostForms) return true;
  let left = longestWork;
  for (const form of tree.towardsLive()) {
    const { next } = form;
    if (next === undefined || done.has(formName(form.form))) continue;
    const work = reconcileWork(node, form.form, next.form, tree.shared(form, next).text);
    if (work > longestWork) continue;
    if (work > left || !affords(work)) return false;
    left -= work;
    bring(node, tree, form);
    done.add(formName(form.form));
  }
  tree.prune();
  matchName(node, now);
  return true;
}

/** What is new in a form goes to the next one on the way to the live form. */
function bring(node: NodeMap, tree: FormTree, from: FormNode): void {
  const to = from.next;
  if (to === undefined) return;
  const sibling = siblingNotebook(from);
  if (sibling !== undefined) {
    // Two notebooks of one text meet cell by cell, and not by way of the text.
    flow(node, tree, to, from);
    flow(node, tree, to, sibling);
    tree.adopt(from, sibling);
    flow(node, tree, from, sibling);
  } else flow(node, tree, from, to);
}

function siblingNotebook({ form, parent, next }: FormNode): FormNode | undefined {
  const beyond = next?.next;
  if (form.kind !== "notebook" || beyond?.form.kind !== "notebook") return undefined;
  return parent === next && beyond.parent === next ? beyond : undefined;
}

function flow(node: NodeMap, tree: FormTree, from: FormNode, to: FormNode): void {
  if (to.form.kind !== "bytes") {
    const mine = readVersion(node, from.form);
    const shared = tree.shared(from, to);
    if (mine.text !== shared.text) {
      const cells = mergeInto(node, to.form, mine, shared);
      tree.share(from, to, { text: mine.text, from: mine.cells, to: cells });
    }
  }
  if (from.form.kind === "notebook" && to.form.kind === "notebook")
    carryRuns(node, from, to, tree.shared(from, to));
}

/** Returns which cells of `to` those of `mine` are. */
function mergeInto(node: NodeMap, to: Form, mine: Version, shared: Shared): CellIds | undefined {
  const text = textOf(node, to);
  if (text !== undefined) {
    const theirs = text.toJSON();
    applyToText(text, fineEdits(theirs, mergeThree(shared.text, mine.text, theirs, diffLines), diffLines));
    return undefined;
  }
  const notebook = openNotebook(node, to);
  const cells = mergeIntoNotebook(notebook, mine, shared);
  notebook.destroy();
  return cells;
}

function mergeIntoNotebook(notebook: Notebook, mine: Version, shared: Shared): CellIds {
  const theirs = notebook.print();
  const known = { base: shared.to, writer: { base: shared.from, written: mine.cells } };
  // Text is merged more exactly than cells, as long as the cells are where they were.
  const continued = continuedCells(shared.text, mine.text);
  if (continued === undefined || continuedCells(shared.text, theirs) === undefined)
    return mergeNotebook(notebook, mine.text, shared.text, known);
  const merged = mergeThree(shared.text, mine.text, theirs, diffLines);
  const cells = mergeNotebook(notebook, merged, theirs);
  const found = idsOfVersion(mine.text, parseNotebook(merged).cells, cells);
  return found.map((id, index) => shared.to?.[continued[index] ?? -1] ?? id);
}

/** Runs of a cell go with it; each once, so that outputs which somebody has cleared stay cleared. */
function carryRuns(node: NodeMap, from: FormNode, to: FormNode, shared: Shared): void {
  const source = openNotebook(node, from.form);
  const target = openNotebook(node, to.form);
  const carried = new Set(readCarriedRuns(node, from.form));
  const before = carried.size;
  for (const cell of source.cells) {
    const runs = cell.runs.filter((run) => run.state !== "running" && !carried.has(run.id));
    const there = runs.length === 0 ? undefined : counterpart(cell, target.cells, shared);
    if (there === undefined) continue;
    for (const run of runs.toReversed()) {
      target.setRun(there.id, run);
      carried.add(run.id);
    }
  }
  if (carried.size > before) writeCarriedRuns(node, from.form, carried);
  source.destroy();
  target.destroy();
}

function counterpart(cell: Cell, cells: readonly Cell[], { from, to }: Shared): Cell | undefined {
  const id = to?.[from?.indexOf(cell.id) ?? -1] ?? cell.id;
  return (
    cells.find((other) => other.id === id) ??
    cells.find((other) => other.kind === cell.kind && liveContent(other) === liveContent(cell))
  );
}

/** One has renamed the file to a notebook's name while another renamed it to a text's: the name has the last word. */
function matchName(node: NodeMap, now: number): void {
  const live = liveForm(node);
  const at: unknown = node.get("at");
  const name: unknown = Array.isArray(at) ? at[1] : undefined;
  if (live === undefined || live.kind === "bytes" || typeof name !== "string") return;
  const to = isNotebookName(name) ? "notebook" : "text";
  if (to === live.kind) return;
  const text = readForm(node, live);
  convert(node, { to, text, parent: live, base: text, now });
}

export interface ReconcileOptions {
  /** Without it there is time for everything. */
  readonly affords?: AffordWork;
  /** A file that could not be reconciled is left as it is, and the others are. */
  readonly onFailure?: (thrown: unknown) => void;
}

/** Knows which files of a document have something to reconcile. */
export class ReconcileWatch {
  readonly #nodes: Y.Map<NodeMap>;
  /** The files, and of each the forms that have been brought in since it is due. */
  readonly #due = new Map<string, Set<string>>();
  readonly #stop: () => void;

  constructor(nodes: Y.Map<NodeMap>) {
    this.#nodes = nodes;
    const follow = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
      for (const event of events) this.#look(event);
    };
    nodes.observeDeep(follow);
    this.#stop = () => nodes.unobserveDeep(follow);
  }

  /** Reconciles what has changed since the last time, as far as there is time for it. Runs in a transaction. */
  reconcile(now: number, { affords = () => true, onFailure }: ReconcileOptions = {}): void {
    const due = [...this.#due];
    this.#due.clear();
    for (const [id, done] of due) {
      const node: unknown = this.#nodes.get(id);
      if (!(node instanceof Y.Map)) continue;
      try {
        if (!reconcileForms(node, now, affords, done)) this.#due.set(id, done);
      } catch (thrown) {
        if (onFailure === undefined) throw thrown;
        onFailure(thrown);
      }
    }
  }

  get isDue(): boolean {
    return this.#due.size > 0;
  }

  #look(event: Y.YEvent<Y.AbstractType<unknown>>): void {
    const [id, key] = this.#pathOf(event.target);
    if (id === undefined) {
      for (const fresh of event.keys.keys()) this.#add(fresh);
      return;
    }
    const node: unknown = this.#nodes.get(id);
    if (!(node instanceof Y.Map)) return;
    if (key === undefined) {
      if ([...event.keys.keys()].some(concernsForms)) this.#add(id);
      return;
    }
    // The usual case: somebody works in what everybody sees.
    const live = liveForm(node);
    if (live !== undefined && contentKey(live) === key) return;
    const form = formOfKey(key);
    if (form === undefined) return;
    this.#due.get(id)?.delete(formName(form));
    this.#add(id);
  }

  #add(id: string): void {
    const node: unknown = this.#nodes.get(id);
    if (node instanceof Y.Map && hasOrigins(node) && !this.#due.has(id)) this.#due.set(id, new Set());
  }

  /** A node's id, and its key that leads to a type; nothing for the map of nodes. */
  #pathOf(type: Y.AbstractType<unknown>): readonly string[] {
    let path: readonly string[] = [];
    for (let inner = type; inner !== this.#nodes;) {
      const item = inner._item;
      const parent: unknown = item?.parent;
      if (item === null || !(parent instanceof Y.AbstractType)) return ["", ""];
      path = [item.parentSub ?? "", ...path.slice(0, 1)];
      inner = parent;
    }
    return path;
  }

  destroy(): void {
    this.#stop();
  }
}

function concernsForms(key: string): boolean {
  return key === "kind" || key === "at" || key.startsWith(originPrefix) || formOfKey(key) !== undefined;
}
