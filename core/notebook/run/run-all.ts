// Runs the code cells of a notebook one after the other, and stops where one fails.

import type { Cell } from "#core/notebook/cell.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import { type CellRun, runCell, type RunCellOptions } from "./run-cell.ts";

export interface NotebookRun {
  /** Interrupts the cell that runs and starts no other. */
  interrupt(): Promise<void>;
  /** The exit of the last cell that ran; code 0 where all went well (or there was nothing to run). */
  readonly done: Promise<ExitStatus>;
}

export interface RunAllOptions extends Omit<RunCellOptions, "cell"> {
  /** Each run as it starts, so that it can be shown as one's own. */
  readonly onRun?: (run: CellRun) => void;
}

export function runAll(options: RunAllOptions): NotebookRun {
  let stopped = false;
  let current: CellRun | undefined;

  const work = async (): Promise<ExitStatus> => {
    let exit: ExitStatus = { code: 0 };
    // Which cells there are is decided at the start; one that is removed meanwhile is left out.
    for (const cell of runnableCells(options.notebook)) {
      if (stopped) break;
      if (options.notebook.cell(cell.id) === undefined) continue;
      current = runCell({ ...options, cell });
      options.onRun?.(current);
      exit = await current.done;
      current = undefined;
      if (exit.code !== 0) break;
    }
    return exit;
  };

  return {
    done: work(),
    interrupt: async () => {
      stopped = true;
      await current?.interrupt();
    },
  };
}

function runnableCells(notebook: Notebook): readonly Cell[] {
  return notebook.cells.filter((cell) => cell.kind !== "text");
}
