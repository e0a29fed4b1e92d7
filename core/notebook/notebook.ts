// A notebook: cells on Yjs, inside the project node of kind "notebook". Structure, printing and events;
// merging a rewritten file is in merge.ts, running in run-cell.ts.

import * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { Cell, type CellKind, type CellMap, type Gap, isCellKind, readGap } from "./cell.ts";
import { inertProse, isCellId } from "./parse.ts";
import { compareOrder, keysAt } from "./order.ts";
import { type CellText, printNotebook } from "./print.ts";
import { fillFragment } from "#core/notebook/prose/merge.ts";
import { isRunRecord, type RunRecord, runsKept } from "#core/notebook/output/run-record.ts";

/** One event per transaction. */
export interface NotebookChange {
  /** Cells came, went, moved, or changed their kind or name. */
  readonly structure: boolean;
  /** Ids of cells whose source or prose changed. */
  readonly cells: ReadonlySet<string>;
  /** Ids of cells whose runs changed. */
  readonly runs: ReadonlySet<string>;
  readonly local: boolean;
}

/**
 * The origin of structural edits, for `new Y.UndoManager(notebook.cellMaps(), {trackedOrigins: new Set([notebookEdit])})`.
 *
 * @internal
 */
export const notebookEdit = "notebook-edit";

/** The origin of run records: running is not undone. */
const notebookRun = "notebook-run";

/** Files printed lately are remembered with their cells' ids, as bases of merges. */
const printsKept = 8;

export interface Print {
  readonly text: string;
  readonly ids: readonly string[];
}

export interface NotebookOptions {
  /** The project node's id: names the notebook's sessions on a machine. */
  readonly id?: string;
  readonly newId?: () => string;
  /**
   * The end of the keys `cells` and `tail` of the cells that are live now; "" where it is left out. When it changes,
   * the notebook has become another one at once.
   */
  readonly suffix?: () => string;
}

/** Makes the empty notebook inside a new node. Whoever makes the node does this once, in the same transaction. */
export function initNotebook(node: Y.Map<unknown>): void {
  node.set("cells", new Y.Map());
}

export class Notebook {
  readonly id: string;
  readonly node: Y.Map<unknown>;
  readonly changes = new Emitter<NotebookChange>();
  readonly newId: () => string;
  readonly #suffixOf: () => string;
  #suffix: string;
  /** The suffix of the cells that events were last told of. */
  #shown: string;
  #sorted: readonly Cell[] | undefined;
  readonly #views = new Map<string, Cell>();
  readonly #texts = new Map<string, CellText>();
  #print: string | undefined;
  readonly #prints: Print[] = [];
  readonly #stop: Disposer;

  /** `node` is part of a document. */
  constructor(node: Y.Map<unknown>, options: NotebookOptions = {}) {
    this.node = node;
    this.id = options.id ?? "";
    this.newId = options.newId ?? (() => crypto.randomUUID().slice(0, 8));
    this.#suffixOf = options.suffix ?? (() => "");
    this.#suffix = this.#suffixOf();
    this.#shown = this.#suffix;
    const observe = (
      events: readonly Y.YEvent<Y.AbstractType<unknown>>[],
      transaction: Y.Transaction,
    ): void => this.#observe(events, transaction);
    // Yjs types events as of any type of content.
    const listener = observe as Parameters<typeof node.observeDeep>[0];
    node.observeDeep(listener);
    this.#stop = () => node.unobserveDeep(listener);
  }

  destroy(): void {
    this.#stop();
  }

  /** In order. Views stay the same objects as long as the cell is here. */
  get cells(): readonly Cell[] {
    this.#follow();
    this.#sorted ??= this.#sort();
    return this.#sorted;
  }

  cell(id: string): Cell | undefined {
    return this.cells.find((cell) => cell.id === id);
  }

  /** The map of all cells, by id. */
  cellMaps(): Y.Map<unknown> {
    this.#follow();
    const maps = this.node.get(this.#cellsKey);
    if (maps instanceof Y.Map) return maps;
    return this.node.set(this.#cellsKey, new Y.Map<unknown>());
  }

  /** What stands behind the last cell, and which that is. */
  get tail(): Gap | undefined {
    this.#follow();
    return readGap(this.node.get(this.#tailKey));
  }

  set tail(tail: Gap) {
    if (JSON.stringify(this.tail) !== JSON.stringify(tail)) this.node.set(this.#tailKey, [...tail]);
  }

  /** A new cell behind `after`; without it, or where it is gone, at the start (null) or the end (undefined). */
  insert(kind: CellKind, after?: string | null, content = ""): Cell {
    return this.transact(() => this.place(this.newId(), kind, content, this.#indexAfter(after)));
  }

  /** A new cell at the end, with this id where it is one and free. For files that name their cells. */
  add(kind: CellKind, content: string, id: unknown): Cell {
    const own = typeof id === "string" && isCellId(id) && !this.cellMaps().has(id) ? id : this.newId();
    return this.transact(() => this.place(own, kind, content, this.cells.length));
  }

  /** Moves a cell behind `after`; null is the start, undefined the end. */
  move(id: string, after?: string | null): void {
    if (id === after || this.cell(id) === undefined) return;
    this.transact(() => {
      const others = this.cells.filter((cell) => cell.id !== id);
      const index = after === null ? 0 : others.findIndex((cell) => cell.id === after) + 1;
      this.#reorder(id, after === undefined || (after !== null && index === 0) ? others.length : index);
    });
  }

  remove(id: string): void {
    if (this.cell(id) !== undefined) this.transact(() => this.cellMaps().delete(id));
  }

  setName(id: string, name: string | undefined): void {
    const map = this.cell(id)?.map;
    if (map === undefined || map.get("name") === name) return;
    this.transact(() => {
      if (name === undefined) map.delete("name");
      else map.set("name", name);
    });
  }

  /** Code keeps its text from language to language; to and from prose the content is read as Markdown. */
  setKind(id: string, kind: CellKind): void {
    const cell = this.cell(id);
    if (cell === undefined || cell.kind === kind) return;
    this.transact(() => {
      const { map } = cell;
      const text = cell.kind === "text" ? cell.print() : cell.code;
      // Between prose and code the old slice is no longer how this cell is written.
      if (cell.kind === "text" || kind === "text") map.delete("printed");
      if (cell.kind === "text") {
        map.set("source", new Y.Text(text));
        map.delete("prose");
      } else if (kind === "text") {
        const fragment = new Y.XmlFragment();
        map.set("prose", fragment);
        fillProse(map, fragment, text);
        map.delete("source");
      }
      map.set("kind", kind);
      if (kind === "text") map.delete("name");
    });
  }

  /** Keeps a run, new or changed; of the old ones the last few. */
  setRun(id: string, run: RunRecord): void {
    const cell = this.cell(id);
    if (cell === undefined) return;
    this.transact(() => {
      const { map } = cell;
      let runs = map.get("runs");
      if (!(runs instanceof Y.Map)) runs = map.set("runs", new Y.Map<unknown>());
      const records = runs as Y.Map<unknown>;
      records.set(run.id, run);
      const kept = new Set(cell.runs.map((record) => record.id));
      for (const key of records.keys()) if (!kept.has(key) && records.size > runsKept) records.delete(key);
    }, notebookRun);
  }

  /** Forgets runs and with them their outputs, but for those to `keep`: what still runs would come back half. */
  clearRuns(id: string, keep: (run: RunRecord) => boolean): void {
    const runs = this.cell(id)?.map.get("runs");
    if (!(runs instanceof Y.Map)) return;
    this.transact(() => {
      for (const [key, run] of runs.entries()) if (!isRunRecord(run) || !keep(run)) runs.delete(key);
    }, notebookRun);
  }

  /** The file's content. */
  print(): string {
    this.#follow();
    if (this.#print !== undefined) return this.#print;
    const texts = this.cells.map((cell) => this.#textOf(cell));
    const print = printNotebook(texts, this.tail);
    const ids = texts.filter(({ text }) => text !== "").map(({ id }) => id);
    this.#prints.unshift({ text: print, ids });
    this.#prints.length = Math.min(this.#prints.length, printsKept);
    this.#print = print;
    return print;
  }

  /** A file that this notebook printed lately. */
  printed(text: string): Print | undefined {
    this.#follow();
    return this.#prints.find((print) => print.text === text);
  }

  transact<T>(work: () => T, origin: string = notebookEdit): T {
    const { doc } = this.node;
    if (doc === null) throw new Error("invariant violation: the notebook's node is not in a document");
    return doc.transact(() => {
      const result = work();
      // Events come at the end of the outermost transaction; whoever reads before must not see what was.
      this.#sorted = undefined;
      if (origin !== notebookRun) this.#forgetTexts();
      return result;
    }, origin);
  }

  /** For merge.ts: makes a cell with this id at a place in the order. */
  place(id: string, kind: CellKind, content: string, index: number): Cell {
    const map: CellMap = new Y.Map();
    map.set("kind", kind);
    if (kind === "text") map.set("prose", new Y.XmlFragment());
    else map.set("source", new Y.Text(content));
    // From the start, not at the first run: two people who ran the cell first would each make one, and one be lost.
    map.set("runs", new Y.Map());
    this.cellMaps().set(id, map);
    const cell = new Cell(id, map, () => this.#mapOf(id));
    if (cell.prose !== undefined) fillProse(map, cell.prose, content);
    this.#views.set(id, cell);
    this.#reorder(id, index);
    return cell;
  }

  get #cellsKey(): string {
    return `cells${this.#suffix}`;
  }

  get #tailKey(): string {
    return `tail${this.#suffix}`;
  }

  /** Other cells are live than before: nothing that is remembered of those holds for these. */
  #follow(): void {
    const suffix = this.#suffixOf();
    if (suffix === this.#suffix) return;
    this.#suffix = suffix;
    this.#sorted = undefined;
    this.#prints.length = 0;
    this.#forgetTexts();
  }

  #mapOf(id: string): CellMap | undefined {
    const maps = this.node.get(this.#cellsKey);
    const map: unknown = maps instanceof Y.Map ? maps.get(id) : undefined;
    return map instanceof Y.Map && isCellKind(map.get("kind")) ? map : undefined;
  }

  #indexAfter(after: string | null | undefined): number {
    if (after === null) return 0;
    const index = this.cells.findIndex((cell) => cell.id === after);
    return index < 0 ? this.cells.length : index + 1;
  }

  #reorder(id: string, index: number): void {
    const others = this.cells
      .filter((cell) => cell.id !== id)
      .map((cell) => ({ id: cell.id, order: orderOf(cell) }));
    for (const [key, order] of keysAt(others, index, id)) this.#mapOf(key)?.set("order", order);
    this.#sorted = undefined;
  }

  #forgetTexts(): void {
    this.#texts.clear();
    this.#print = undefined;
  }

  #sort(): readonly Cell[] {
    const maps = this.node.get(this.#cellsKey);
    const cells: Cell[] = [];
    for (const id of maps instanceof Y.Map ? maps.keys() : []) {
      const map = this.#mapOf(id);
      if (map === undefined) continue;
      const cell = this.#views.get(id) ?? new Cell(id, map, () => this.#mapOf(id));
      this.#views.set(id, cell);
      cells.push(cell);
    }
    const keyed = cells.map((cell) => ({ cell, id: cell.id, order: orderOf(cell) }));
    return keyed.toSorted(compareOrder).map(({ cell }) => cell);
  }

  #textOf(cell: Cell): CellText {
    const known = this.#texts.get(cell.id);
    if (known !== undefined) return known;
    const text = cell.print();
    const made = { id: cell.id, kind: cell.kind, text, exact: text === cell.printed, gap: cell.gap };
    this.#texts.set(cell.id, made);
    return made;
  }

  #observe(events: readonly Y.YEvent<Y.AbstractType<unknown>>[], transaction: Y.Transaction): void {
    // Told of also where somebody has read meanwhile, within the transaction.
    this.#follow();
    const replaced = this.#suffix !== this.#shown;
    this.#shown = this.#suffix;
    let structure = replaced;
    const cells = new Set<string>();
    const runs = new Set<string>();
    for (const event of events) {
      const [top, id, field] = event.path;
      if (top !== this.#cellsKey) {
        // The node itself (its name, its mode, its tail) or something else inside.
        if (event instanceof Y.YMapEvent && event.path.length === 0) {
          if (event.keysChanged.has(this.#cellsKey)) structure = true;
          if (event.keysChanged.has(this.#tailKey)) this.#print = undefined;
        }
        continue;
      }
      if (typeof id !== "string") {
        structure = true;
        for (const key of event.keys.keys()) this.#texts.delete(key);
        continue;
      }
      if (field === "runs") {
        runs.add(id);
        continue;
      }
      if (field === undefined) {
        for (const key of event.keys.keys()) {
          if (key === "runs") runs.add(id);
          else if (key === "source" || key === "prose") cells.add(id);
          if (key === "order" || key === "kind" || key === "name" || key === "source" || key === "prose")
            structure = true;
        }
        if ([...event.keys.keys()].every((key) => key === "runs")) continue;
      } else cells.add(id);
      this.#texts.delete(id);
      this.#print = undefined;
    }
    if (structure) {
      this.#sorted = undefined;
      this.#print = undefined;
      for (const id of this.#views.keys()) if (this.#mapOf(id) === undefined) this.#views.delete(id);
    }
    if (replaced)
      for (const { id } of this.cells) {
        cells.add(id);
        runs.add(id);
      }
    if (structure || cells.size > 0 || runs.size > 0)
      this.changes.emit({ structure, cells, runs, local: transaction.local });
  }
}

/** The cell is printed as this very text until somebody changes it. */
function fillProse(map: CellMap, fragment: Y.XmlFragment, markdown: string): void {
  const text = inertProse(markdown);
  fillFragment(fragment, text);
  map.set("printed", text);
}

function orderOf(cell: Cell): string {
  const order = cell.map.get("order");
  return typeof order === "string" ? order : "";
}
