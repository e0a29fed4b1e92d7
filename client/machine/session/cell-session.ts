// One session of cells: a program on a terminal in the guest, and the runs that queue up for it (SPEC CELL-3 to CELL-6).

import { encodeUtf8 } from "#core/base/bytes.ts";
import type { ExitStatus, TerminalSize } from "#core/machine/machine.ts";
import type { CellProgram } from "./cell-program.ts";
import type { CellPiece } from "./cell-report.ts";
import type { CellRun } from "./cell-run.ts";
import { defaultDirectory } from "#machine/task/environment.ts";

interface Current {
  readonly run: CellRun;
  readonly cell: number;
  readonly program: CellProgram;
}

export class CellSession {
  readonly #newProgram: (size: TerminalSize) => Promise<CellProgram>;
  readonly #queue: CellRun[] = [];
  #program: CellProgram | undefined;
  #current: Current | undefined;
  #pumping = false;

  constructor(newProgram: (size: TerminalSize) => Promise<CellProgram>) {
    this.#newProgram = newProgram;
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
      await program.task.resize(run.size);
      run.sentTo(program.task);
      this.#current = { run, program, cell: program.run(run.spec.source) };
      return undefined;
    } catch (error) {
      return {
        code: 126,
        error: `The cell cannot be run: ${error instanceof Error ? error.message : String(error)}.`,
      };
    }
  }

  async #start(run: CellRun): Promise<CellProgram> {
    const program = await this.#newProgram(run.size);
    this.#program = program;
    program.onPiece = (piece) => this.#take(piece);
    void program.task.exit.then((status) => this.#onProgramEnd(program, status));
    program.begin(run.spec.cwd ?? defaultDirectory);
    return program;
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

  async #onProgramEnd(program: CellProgram, status: ExitStatus): Promise<void> {
    if (this.#program === program) this.#program = undefined;
    const current = this.#current;
    if (current === undefined || current.program !== program) return;
    if (current.run.running) {
      const held = program.flush();
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
