// Tells whoever hears the page how this person's runs go: once when one starts, once when it ends. What it prints is
// in the output, which is read where one goes there.

import { useRef } from "preact/hooks";
import type { Cell } from "#core/notebook/cell.ts";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import type { CellLook } from "./run-view-model.ts";

export interface RunAnnouncerProps {
  readonly cells: readonly Cell[];
  readonly lookOf: (run: RunRecord) => CellLook;
  readonly isOwn: (run: RunRecord) => boolean;
}

const words: Readonly<Record<CellLook, string | undefined>> = {
  idle: undefined,
  running: "is running",
  done: "has finished",
  failed: "has failed",
  interrupted: "was interrupted",
  lost: "was lost",
};

export function RunAnnouncer({ cells, lookOf, isOwn }: RunAnnouncerProps) {
  const before = useRef<ReadonlyMap<string, CellLook>>();
  const said = useRef("");
  const now = new Map<string, CellLook>();
  for (const [index, cell] of cells.entries()) {
    const run = cell.runs[0];
    if (run === undefined || !isOwn(run)) continue;
    const look = lookOf(run);
    now.set(run.id, look);
    // What was there when the notebook was opened is no news.
    if (before.current === undefined || before.current.get(run.id) === look) continue;
    const what = words[look];
    if (what !== undefined) said.current = `Cell ${index + 1} ${what}.`;
  }
  before.current = now;
  return (
    <p class="visually-hidden" role="status" aria-label="Runs">
      {said.current === "" ? null : said.current}
    </p>
  );
}
