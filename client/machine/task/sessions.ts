// Sessions of cells by kind and key, for Machine.runCell and Machine.restartSession. Knows no notebook.

import { toHex } from "#core/base/bytes.ts";
import type { CellSpec, SessionKind, Task, TaskEvents } from "#machine/machine.ts";
import { CellRun } from "./cell-run.ts";
import { CellSession } from "./cell-session.ts";
import type { TaskTable } from "./task-table.ts";

/** What makes a report unforgeable by accident: 128 random bits. */
const nonceBytes = 16;

export interface SessionsOptions {
  /** Fresh random bytes. */
  readonly random?: (count: number) => Uint8Array;
  /** Sessions go into the snapshot: see warm.ts. */
  readonly warm?: boolean;
}

export class Sessions {
  readonly #tasks: TaskTable;
  readonly #random: (count: number) => Uint8Array;
  readonly #warm: boolean;
  readonly #sessions = new Map<string, CellSession>();
  #lastRun = 0;

  constructor(tasks: TaskTable, options: SessionsOptions = {}) {
    this.#tasks = tasks;
    this.#random = options.random ?? ((count) => crypto.getRandomValues(new Uint8Array(count)));
    this.#warm = options.warm ?? false;
  }

  /** Queues the run in its session. What goes wrong is told by the run's exit. */
  async runCell(spec: CellSpec, events: TaskEvents): Promise<Task> {
    const key = sessionKey(spec.kind, spec.session);
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = new CellSession({
        kind: spec.kind,
        tasks: this.#tasks,
        newNonce: () => toHex(this.#random(nonceBytes)),
        warm: this.#warm,
      });
      this.#sessions.set(key, session);
    }
    const run = new CellRun(++this.#lastRun, spec, events);
    session.add(run);
    return run;
  }

  async restart(kind: SessionKind, session: string): Promise<void> {
    await this.#sessions.get(sessionKey(kind, session))?.restart();
  }
}

function sessionKey(kind: SessionKind, session: string): string {
  return `${kind} ${session}`;
}
