// Sessions of cells by kind and key, for Machine.runCell and Machine.restartSession. Knows no notebook.

import { toHex } from "#core/base/bytes.ts";
import type { CellSpec, SessionKind, Task, TaskEvents, TerminalSize } from "#core/machine/machine.ts";
import { CellProgram } from "./cell-program.ts";
import { CellRun } from "./cell-run.ts";
import { CellSession } from "./cell-session.ts";
import type { SessionTasks } from "./session-tasks.ts";

/** What makes a report unforgeable by accident: 128 random bits. */
const nonceBytes = 16;

/** A cell that does nothing. */
const rehearsals: Readonly<Record<SessionKind, string>> = { sh: ":", python: "None" };

const rehearsalSize: TerminalSize = { cols: 80, rows: 24 };

export interface SessionsOptions {
  /** Fresh random bytes. */
  readonly random?: (count: number) => Uint8Array;
  /** Sessions go into the snapshot: see warm.ts. */
  readonly warm?: boolean;
  /** Once a program was taken into use, another of its kind is made ready for the next session. */
  readonly replenish?: boolean;
}

/** Long enough that the cell which took the last one goes first. */
const replenishDelayMilliseconds = 5000;

/** One that has a session. */
export type SessionCell = CellSpec & { readonly kind: SessionKind };

export class Sessions {
  readonly #tasks: SessionTasks;
  readonly #random: (count: number) => Uint8Array;
  readonly #warm: boolean;
  readonly #replenish: boolean;
  readonly #sessions = new Map<string, CellSession>();
  /** Programs that have rehearsed, or do; undefined for one that ended. */
  readonly #spares = new Map<SessionKind, Promise<CellProgram | undefined>>();
  #lastRun = 0;

  constructor(tasks: SessionTasks, options: SessionsOptions = {}) {
    this.#tasks = tasks;
    this.#random = options.random ?? ((count) => crypto.getRandomValues(new Uint8Array(count)));
    this.#warm = options.warm ?? false;
    this.#replenish = options.replenish ?? false;
  }

  /** Queues the run in its session. What goes wrong is told by the run's exit. */
  async runCell(spec: SessionCell, events: TaskEvents): Promise<Task> {
    const key = sessionKey(spec.kind, spec.session);
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = new CellSession((size) => this.#program(spec.kind, size));
      this.#sessions.set(key, session);
    }
    const run = new CellRun(++this.#lastRun, spec, events);
    session.add(run);
    return run;
  }

  async restart(kind: SessionKind, session: string): Promise<void> {
    await this.#sessions.get(sessionKey(kind, session))?.restart();
  }

  /**
   * Starts a program for the first session of this kind, and has it run a cell that does nothing: in a machine that was
   * just restored, all code is cold, and a first cell takes many times as long as a second.
   */
  async prepare(kind: SessionKind): Promise<void> {
    if (this.#spares.has(kind)) return;
    const spare = this.#rehearsed(kind).catch(() => undefined);
    this.#spares.set(kind, spare);
    await spare;
  }

  async #program(kind: SessionKind, size: TerminalSize): Promise<CellProgram> {
    const spare = this.#spares.get(kind);
    this.#spares.delete(kind);
    if (this.#replenish) setTimeout(() => void this.prepare(kind), replenishDelayMilliseconds);
    return (await spare) ?? (await this.#newProgram(kind, size));
  }

  async #rehearsed(kind: SessionKind): Promise<CellProgram | undefined> {
    const program = await this.#newProgram(kind, rehearsalSize);
    program.begin("/");
    const ended = new Promise<void>((resolve) => {
      program.onPiece = (piece) => (piece.kind === "end" ? resolve() : undefined);
    });
    const cell = program.run(rehearsals[kind]);
    await Promise.race([ended, program.task.exit]);
    program.task.removeCell(cell);
    return program.task.ended ? undefined : program;
  }

  #newProgram(kind: SessionKind, size: TerminalSize): Promise<CellProgram> {
    const newNonce = (): string => toHex(this.#random(nonceBytes));
    return CellProgram.start({ kind, tasks: this.#tasks, newNonce, warm: this.#warm }, size);
  }
}

function sessionKey(kind: SessionKind, session: string): string {
  return `${kind} ${session}`;
}
