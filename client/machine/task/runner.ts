// Who carries a task out, as the task table sees it: the guest's agent, or a runner of WebAssembly in this host.

import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { ExitStatus, OutputFd, ProgramFolder, TaskKind, TerminalSize } from "#core/machine/machine.ts";
import type { StandIn } from "./exec-door.ts";

type ProgramKind = Exclude<TaskKind, "guest">;

/** A WebAssembly program to be run, and its streams. */
export interface ProgramJob {
  readonly id: number;
  readonly kind: ProgramKind;
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly tty: TerminalSize | undefined;
  /** All that it may see; undefined is everything. */
  readonly folders: readonly ProgramFolder[] | undefined;
  /** Standard input: at least one byte, or empty bytes at its end. */
  readInput(count: number, interrupt: Interrupt): Awaitable<Uint8Array>;
  /** Standard output and error: the number of bytes taken. EPIPE. */
  writeOutput(fd: OutputFd, data: Uint8Array, interrupt: Interrupt): Awaitable<number>;
  /** A process of the guest that stands for the program: its streams, its files and its signals are the program's. */
  readonly standIn: StandIn | undefined;
}

export interface RunningProgram {
  /** Settles when all output was taken. Never rejects. */
  readonly exit: Promise<ExitStatus>;
  /** Ends it at once. */
  kill(): void;
}

export interface ProgramRunner {
  run(job: ProgramJob): RunningProgram;
}
