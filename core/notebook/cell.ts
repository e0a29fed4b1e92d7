// One cell of a notebook as a live view of its Y.Map. It has no state of its own, so it stays right across
// undo and remote changes. Knows nothing of the other cells.

import * as Y from "yjs";
import type { CodeKind } from "#core/notebook/markdown/fence.ts";
import { parseFence, printFence, rewriteInfo } from "#core/notebook/markdown/fence.ts";
import { readFragment } from "#core/notebook/prose/fragment.ts";
import { printProse } from "#core/notebook/prose/print.ts";
import {
  compareRuns,
  isRunRecord,
  type RunRecord,
  runsKept,
  sourceHash,
} from "#core/notebook/output/run-record.ts";

export type CellKind = "text" | CodeKind;

export type CellMap = Y.Map<unknown>;

/** What stands before a cell, exactly, if the cell before is still this one ("" for the start). */
export type Gap = readonly [after: string, text: string];

export function isCellKind(value: unknown): value is CellKind {
  return value === "text" || value === "sh" || value === "python" || value === "wasm";
}

export class Cell {
  readonly id: string;
  readonly #find: () => CellMap | undefined;
  #map: CellMap;

  /** `find` gives the cell's present map; undefined once it is removed. */
  constructor(id: string, map: CellMap, find: () => CellMap | undefined) {
    this.id = id;
    this.#map = map;
    this.#find = find;
  }

  /** The present map, or the last one where the cell was removed. */
  get map(): CellMap {
    this.#map = this.#find() ?? this.#map;
    return this.#map;
  }

  get kind(): CellKind {
    const kind = this.map.get("kind");
    return isCellKind(kind) ? kind : "text";
  }

  get name(): string | undefined {
    const name = this.map.get("name");
    return typeof name === "string" ? name : undefined;
  }

  /** The code of a code cell. */
  get source(): Y.Text | undefined {
    const source = this.map.get("source");
    return this.kind !== "text" && source instanceof Y.Text ? source : undefined;
  }

  /** The code as a string; "" for prose. */
  get code(): string {
    return this.source?.toJSON() ?? "";
  }

  /** The content of a prose cell. */
  get prose(): Y.XmlFragment | undefined {
    const prose = this.map.get("prose");
    return this.kind === "text" && prose instanceof Y.XmlFragment ? prose : undefined;
  }

  /** The kept runs, newest first. */
  get runs(): readonly RunRecord[] {
    const runs = this.map.get("runs");
    if (!(runs instanceof Y.Map)) return [];
    return [...runs.values()].filter(isRunRecord).toSorted(compareRuns).slice(0, runsKept);
  }

  /** The newest run. */
  get run(): RunRecord | undefined {
    return this.runs[0];
  }

  /** The source is not what the newest run ran. */
  get stale(): boolean {
    const { run } = this;
    return run !== undefined && run.sourceHash !== sourceHash(this.code);
  }

  /** The slice of Markdown that the cell was last read from; "" for none. */
  get printed(): string {
    const printed = this.map.get("printed");
    return typeof printed === "string" ? printed : "";
  }

  get gap(): Gap | undefined {
    return readGap(this.map.get("gap"));
  }

  /** The cell as Markdown: the very text it was read from, unless it changed. */
  print(): string {
    const { kind, printed } = this;
    if (kind === "text")
      return printProse(
        readFragment(this.prose ?? new Y.XmlFragment()).map(({ node }) => node),
        printed,
      );
    const source = this.code;
    const fence = parseFence(printed);
    const info = rewriteInfo(fence?.info ?? kind, kind, this.name);
    if (fence !== undefined && fence.source === source && fence.info === info) return printed;
    return printFence(info, source, fence);
  }
}

export function readGap(value: unknown): Gap | undefined {
  if (!Array.isArray(value)) return undefined;
  const [after, text]: unknown[] = value;
  return typeof after === "string" && typeof text === "string" ? [after, text] : undefined;
}
