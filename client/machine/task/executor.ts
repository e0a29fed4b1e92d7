// How a task is carried out, as the task sees it.

import type { Awaitable } from "#core/base/awaitable.ts";
import type { ExitStatus, OutputFd, TerminalSize } from "#core/machine/machine.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { CompleteSpec } from "./task-spec.ts";

/** What an executor may know and do of its task. */
export interface ExecutedTask {
  readonly id: number;
  readonly spec: CompleteSpec;
  readInput(count: number, interrupt: Interrupt): Awaitable<Uint8Array>;
  writeOutput(fd: OutputFd, data: Uint8Array, interrupt: Interrupt): Awaitable<number>;
  /** It has ended. */
  finish(exit: ExitStatus): void;
}

export interface Executor {
  /** May throw FsError: then the task has failed. */
  start(task: ExecutedTask): void;
  signal(task: ExecutedTask, signal: number): void;
  resize(task: ExecutedTask, size: TerminalSize): void;
  line(task: ExecutedTask, text: string): void;
  /** The host knows that the task has ended. */
  forget(task: ExecutedTask): void;
}
