// What runs WebAssembly programs in this host, as the task table sees it.

import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { ExitStatus, OutputFd, ProgramFolder, TaskKind, TerminalSize } from "#core/machine/machine.ts";
import type { Caller } from "#machine/fs/caller.ts";
import type { CallChannel } from "./call-channel.ts";

type ProgramKind = Exclude<TaskKind, "guest">;

/** The process of the guest that has the program's place in Linux, and performs its system calls. */
export interface ProxyProcess {
  readonly pid: number;
  /** Its descriptor of the program's file. */
  readonly program: number;
  readonly calls: CallChannel;
  /** As it asks for files itself, where that is known. */
  readonly caller: Caller | undefined;
}

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
  /** Where it has one: its streams, its files and its signals are the program's. */
  readonly proxy: ProxyProcess | undefined;
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
