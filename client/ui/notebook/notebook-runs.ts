// The runs that this person has started, in whichever notebook: they go on when the notebook's tab is closed.
// Runs on one's own machine, tells the others through the session's channels.

import { signal, type ReadonlySignal } from "@preact/signals";
import type { Disposer } from "#core/base/disposable.ts";
import type { Cell } from "#core/notebook/cell.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import { runAll, type NotebookRun } from "#core/notebook/run/run-all.ts";
import {
  runCell,
  type CellRun,
  type ChannelPublisher,
  type RunCellOptions,
} from "#core/notebook/run/run-cell.ts";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import type { Machine } from "#core/machine/machine.ts";
import { cellTerminal, type ChannelEvents } from "./live-output.ts";

export interface NotebookRunsOptions {
  readonly machine: Pick<Machine, "runCell" | "restartSession">;
  readonly channels: ChannelPublisher & { watch(channel: string, events: ChannelEvents): Disposer };
  readonly blobs: RunCellOptions["blobs"];
  /** Asked at every run: people rename themselves. */
  readonly person: () => RunRecord["by"];
  /** One's own awareness client. */
  readonly client: () => number;
}

export class NotebookRuns {
  readonly #options: NotebookRunsOptions;
  readonly #active = signal<ReadonlyMap<string, CellRun>>(new Map());
  readonly #wholeRuns = signal<ReadonlyMap<string, NotebookRun>>(new Map());

  constructor(options: NotebookRunsOptions) {
    this.#options = options;
  }

  /** Who runs here. */
  get person(): RunRecord["by"] {
    return this.#options.person();
  }

  /** The runs that go on in this page, by run id. */
  get active(): ReadonlySignal<ReadonlyMap<string, CellRun>> {
    return this.#active;
  }

  /** Which notebooks are being run from top to bottom, by notebook id. */
  get wholeRuns(): ReadonlySignal<ReadonlyMap<string, NotebookRun>> {
    return this.#wholeRuns;
  }

  run(notebook: Notebook, cell: Cell): CellRun {
    const run = runCell({ ...this.#runOptions(notebook), cell });
    this.#add(run);
    return run;
  }

  /** Runs the notebook from top to bottom; a second call while it runs is the same run. */
  runAll(notebook: Notebook): NotebookRun {
    const going = this.#wholeRuns.peek().get(notebook.id);
    if (going !== undefined) return going;
    const run = runAll({ ...this.#runOptions(notebook), onRun: (each) => this.#add(each) });
    this.#wholeRuns.value = new Map(this.#wholeRuns.peek()).set(notebook.id, run);
    void run.done.then(() => {
      const rest = new Map(this.#wholeRuns.peek());
      rest.delete(notebook.id);
      this.#wholeRuns.value = rest;
    });
    return run;
  }

  /** Fresh sessions for the notebook: variables are gone, files stay. */
  async restart(notebook: Notebook): Promise<void> {
    const kinds = new Set(notebook.cells.map((cell) => cell.kind));
    for (const kind of ["sh", "python"] as const)
      if (kinds.has(kind)) await this.#options.machine.restartSession(kind, notebook.id);
  }

  /** A run's output: straight from the run where it is one's own, through the room where it is not. */
  watch = (channel: string, events: ChannelEvents): Disposer => {
    for (const run of this.#active.peek().values()) {
      if (run.channel !== channel) continue;
      events.snapshot(run.snapshot());
      return run.onOutput(events.data);
    }
    return this.#options.channels.watch(channel, events);
  };

  #runOptions(notebook: Notebook): Omit<RunCellOptions, "cell"> {
    const { machine, channels, blobs, person, client } = this.#options;
    const by = person();
    return {
      notebook,
      machine,
      channels,
      blobs,
      person: by,
      client: client(),
      machineName: `${by.name}'s machine`,
      size: cellTerminal,
    };
  }

  #add(run: CellRun): void {
    this.#active.value = new Map(this.#active.peek()).set(run.id, run);
    void run.done.then(() => {
      const rest = new Map(this.#active.peek());
      rest.delete(run.id);
      this.#active.value = rest;
    });
  }
}
