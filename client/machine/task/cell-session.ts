// One session of cells: a program on a terminal in the guest, and the runs that queue up for it (SPEC CELL-1 to CELL-6).

import { encodeUtf8 } from "#core/base/bytes.ts";
import type { ExitStatus, SessionKind } from "#machine/machine.ts";
import { CellReportReader, encodeDirectory, type CellPiece } from "./cell-report.ts";
import type { CellRun } from "./cell-run.ts";
import { defaultDirectory, sessionSpec } from "./environment.ts";
import type { GuestTask } from "./guest-task.ts";
import type { TaskTable } from "./task-table.ts";

/** The program of a session, while it lives. */
interface Program {
  readonly task: GuestTask;
  readonly reader: CellReportReader;
  lastCell: number;
}

interface Current {
  readonly run: CellRun;
  readonly cell: number;
  readonly program: Program;
}

export interface CellSessionOptions {
  readonly kind: SessionKind;
  readonly tasks: TaskTable;
  /** 32 hexadecimal digits, fresh each time. */
  readonly newNonce: () => string;
  /** Its programs go into the snapshot. */
  readonly warm: boolean;
}

export class CellSession {
  readonly #options: CellSessionOptions;
  readonly #queue: CellRun[] = [];
  #program: Program | undefined;
  #current: Current | undefined;
  #pumping = false;

  constructor(options: CellSessionOptions) {
    this.#options = options;
  }

  add(run: CellRun): void {
    this.#queue.push(run);
    void this.#pump();
  }

  /** Ends the program and what runs or waits. */
  async restart(): Promise<void> {
    for (const run of this.#queue.splice(0)) run.end({ code: 130, signal: "INT" });
    const program = this.#program;
    if (program === undefined) return;
    await program.task.signal("HUP");
    await program.task.signal("KILL");
    await program.task.exit;
  }

  /** Sends the next run to the program, starting one where there is none. */
  async #pump(): Promise<void> {
    if (this.#pumping || this.#current !== undefined) return;
    this.#pumping = true;
    try {
      for (let run = this.#queue.shift(); run !== undefined; run = this.#queue.shift()) {
        if (run.ended) continue;
        const failure = await this.#send(run);
        if (failure === undefined) return;
        run.end(failure);
      }
    } finally {
      this.#pumping = false;
    }
  }

  async #send(run: CellRun): Promise<ExitStatus | undefined> {
    try {
      const program = this.#program ?? (await this.#start(run));
      // While the program was being made, the run may have been taken out of the queue.
      if (run.ended) return { code: 130 };
      const cell = ++program.lastCell;
      this.#current = { run, cell, program };
      run.sentTo(program.task);
      await program.task.resize(run.size);
      program.task.putCell(cell, run.spec.source);
      program.task.line(`cell ${cell}`);
      return undefined;
    } catch (error) {
      this.#current = undefined;
      return {
        code: 126,
        error: `The cell cannot be run: ${error instanceof Error ? error.message : String(error)}.`,
      };
    }
  }

  async #start(run: CellRun): Promise<Program> {
    const { kind, tasks, warm } = this.#options;
    const nonce = this.#options.newNonce();
    const reader = new CellReportReader(nonce);
    const events = {
      output: (_fd: 1 | 2, data: Uint8Array): Promise<void> | void => this.#output(reader.read(data)),
    };
    const task = await tasks.spawn(sessionSpec(kind, run.size), events, { control: true, warm });
    const program: Program = { task, reader, lastCell: 0 };
    this.#program = program;
    void task.exit.then((status) => this.#onProgramEnd(program, status));
    task.line(`session ${task.id} ${nonce} ${encodeDirectory(run.spec.cwd ?? defaultDirectory)}`);
    return program;
  }

  #output(pieces: readonly CellPiece[]): Promise<void> | void {
    // Reports are acted on in the order in which they came, after the output before them was taken.
    let taken: Promise<void> | undefined;
    for (const piece of pieces) {
      if (taken === undefined) taken = this.#take(piece) ?? undefined;
      else taken = taken.then(() => this.#take(piece));
    }
    return taken;
  }

  #take(piece: CellPiece): Promise<void> | void {
    const current = this.#current;
    if (current === undefined) return undefined;
    switch (piece.kind) {
      case "output":
        return current.run.running ? current.run.output(piece.data) : undefined;
      case "start":
        if (piece.cell === current.cell) current.run.begin();
        return undefined;
      case "end":
        if (piece.cell === current.cell)
          this.#end(current, { code: piece.code, ...(piece.code === 130 ? { signal: "INT" } : {}) });
        return undefined;
      default:
        return piece satisfies never;
    }
  }

  #end(current: Current, status: ExitStatus): void {
    if (this.#current === current) this.#current = undefined;
    current.program.task.removeCell(current.cell);
    current.run.end(status);
    void this.#pump();
  }

  async #onProgramEnd(program: Program, status: ExitStatus): Promise<void> {
    if (this.#program === program) this.#program = undefined;
    const current = this.#current;
    if (current === undefined || current.program !== program) return;
    if (current.run.running) {
      const held = program.reader.flush();
      if (held.length > 0) await current.run.output(held);
      await current.run.output(encodeUtf8(endNotice(status)));
    }
    this.#end(current, status);
  }
}

/** A dim line at the end of the output. */
function endNotice(status: ExitStatus): string {
  const how = status.signal === undefined ? `exit ${status.code}` : `signal ${status.signal}`;
  return `\r\n\x1b[2mThe session ended (${how}); the next cell starts a fresh one.\x1b[0m\r\n`;
}
