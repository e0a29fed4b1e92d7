// Which of a cell's runs are shown, and in which words. Pure.

import type { RunRecord, RunState } from "#core/notebook/output/run-record.ts";
import { formatDuration } from "./duration.ts";

/** What a cell looks like. */
export type CellLook = "idle" | "running" | "done" | "failed" | "interrupted" | "lost";

export function lookOf(run: RunRecord, state: RunState): CellLook {
  if (state !== "done") return state;
  return (run.code ?? 0) === 0 && run.error === undefined ? "done" : "failed";
}

/**
 * The newest run, and with it those that ran at the same time: two people running one cell are two outputs, and
 * neither hides the other. `runs` is newest first, and so is the result.
 */
export function shownRuns(
  runs: readonly RunRecord[],
  stateOf: (run: RunRecord) => RunState,
): readonly RunRecord[] {
  const [newest] = runs;
  if (newest === undefined) return [];
  return runs.filter((run) => {
    if (run === newest || stateOf(run) === "running") return true;
    return (
      run.by.id !== newest.by.id && run.duration !== undefined && run.started + run.duration > newest.started
    );
  });
}

/** Lines of output that are read at a glance. */
const spokenLines = 6;

/**
 * What is said under an output; undefined where the gutter says enough. A run that was `watched` for a while had an
 * input line there: the words take its place, so that nothing below jumps.
 */
export function runWords(
  run: RunRecord,
  look: CellLook,
  own: boolean,
  output: string,
  watched: boolean,
): string | undefined {
  const where = own ? "" : ` on ${run.machine}`;
  switch (look) {
    case "running":
      return own ? undefined : `Running${where}`;
    case "failed": {
      if (run.error !== undefined) return run.error;
      // A short output says it itself, just above.
      const line = output.split("\n").length > spokenLines ? errorLine(output) : undefined;
      return `Exit code ${run.code ?? 1}${where}${line === undefined ? "" : `: ${line}`}`;
    }
    case "interrupted":
      return `Interrupted after ${formatDuration(run.duration ?? 0)}${where}`;
    case "lost":
      return own
        ? "This run was lost when the page was closed."
        : `This run was lost: ${run.by.name} has left.`;
    case "done":
      return watched ? `Ran ${formatDuration(run.duration ?? 0)}${where}` : undefined;
    case "idle":
      return undefined;
    default:
      return look satisfies never;
  }
}

/**
 * What a reader looks for first: the last line of a traceback, else the first line that speaks of an error.
 *
 * @internal
 */
export function errorLine(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.trim());
  const filled = lines.filter((line) => line !== "");
  if (lines.some((line) => line.startsWith("Traceback (most recent call last)"))) return filled.at(-1);
  return (
    filled.find((line) => /error|not found|no such|cannot|denied|fatal|failed|invalid/i.test(line)) ??
    filled.at(-1)
  );
}
