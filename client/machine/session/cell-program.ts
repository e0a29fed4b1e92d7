// The program of a session of cells: a task in the guest that gets control lines and reports in band (SPEC CELL-1, CELL-2).
// Knows no runs and no queue.

import { FsError } from "#core/base/errno.ts";
import type { SessionKind, TerminalSize } from "#core/machine/machine.ts";
import { CellReportReader, encodeDirectory, type CellPiece } from "./cell-report.ts";
import { sessionSpec } from "./programs.ts";
import type { SessionTask, SessionTasks } from "./session-tasks.ts";

export interface CellProgramOptions {
  readonly kind: SessionKind;
  readonly tasks: SessionTasks;
  /** 32 hexadecimal digits, fresh each time. */
  readonly newNonce: () => string;
  /** It goes into the snapshot. */
  readonly warm: boolean;
}

export class CellProgram {
  /** Takes output and reports, in order; the next waits for it. */
  onPiece: (piece: CellPiece) => void | Promise<void> = () => undefined;
  readonly #newNonce: () => string;
  #task: SessionTask | undefined;
  #reader = new CellReportReader("");
  #lastCell = 0;

  private constructor(newNonce: () => string) {
    this.#newNonce = newNonce;
  }

  static async start(options: CellProgramOptions, size: TerminalSize): Promise<CellProgram> {
    const { kind, tasks, newNonce, warm } = options;
    const program = new CellProgram(newNonce);
    const output = (_fd: 1 | 2, data: Uint8Array): Promise<void> | void => program.#output(data);
    program.#task = await tasks.spawn(sessionSpec(kind, size), { output }, { control: true, warm });
    return program;
  }

  get task(): SessionTask {
    if (this.#task === undefined) throw new FsError("ESRCH");
    return this.#task;
  }

  /** Sends it to a directory, for a session of its own: what it reported to another does not count any more. */
  begin(directory: string): void {
    const nonce = this.#newNonce();
    this.#reader = new CellReportReader(nonce);
    this.task.line(`session ${this.task.id} ${nonce} ${encodeDirectory(directory)}`);
  }

  /** Runs a cell; its number. */
  run(source: string): number {
    const cell = ++this.#lastCell;
    this.task.putCell(cell, source);
    this.task.line(`cell ${cell}`);
    return cell;
  }

  /** Bytes held for a report that never came. */
  flush(): Uint8Array {
    return this.#reader.flush();
  }

  #output(data: Uint8Array): Promise<void> | void {
    let taken: Promise<void> | undefined;
    for (const piece of this.#reader.read(data)) {
      if (taken === undefined) taken = this.onPiece(piece) ?? undefined;
      else taken = taken.then(() => this.onPiece(piece));
    }
    return taken;
  }
}
