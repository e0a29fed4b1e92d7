// The two ways in which a task is carried out: by the guest's agent, or by the runner of WebAssembly programs.

import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { ExitStatus, OutputFd, TerminalSize } from "#core/machine/machine.ts";
import type { StandIn } from "./exec-door.ts";
import type { AgentRequest } from "./inbox.ts";
import type { ProgramRunner, RunningProgram } from "./runner.ts";
import { isHarmlessSignal, signalName } from "./signals.ts";
import type { CompleteSpec } from "./task-spec.ts";

/** What an executor may know and do of its task. */
export interface Carried {
  readonly id: number;
  readonly spec: CompleteSpec;
  readInput(count: number, interrupt: Interrupt): Awaitable<Uint8Array>;
  writeOutput(fd: OutputFd, data: Uint8Array, interrupt: Interrupt): Awaitable<number>;
  /** It has ended. */
  finish(exit: ExitStatus): void;
}

export interface Executor {
  /** May throw FsError: then the task has failed. */
  start(task: Carried): void;
  signal(task: Carried, signal: number): void;
  resize(task: Carried, size: TerminalSize): void;
  line(task: Carried, text: string): void;
  /** The host knows that the task has ended. */
  forget(task: Carried): void;
}

export class GuestExecutor implements Executor {
  readonly #send: (request: AgentRequest) => void;
  readonly #verb: "start" | "warm";

  constructor(send: (request: AgentRequest) => void, verb: "start" | "warm") {
    this.#send = send;
    this.#verb = verb;
  }

  start({ id }: Carried): void {
    this.#send({ kind: this.#verb, task: id });
  }

  signal({ id }: Carried, signal: number): void {
    this.#send({ kind: "signal", task: id, signal });
  }

  resize({ id }: Carried, size: TerminalSize): void {
    this.#send({ kind: "winch", task: id, size });
  }

  line({ id }: Carried, text: string): void {
    this.#send({ kind: "line", task: id, text });
  }

  forget({ id }: Carried): void {
    this.#send({ kind: "forget", task: id });
  }
}

/** Of one task. A program has no handlers: what would end a process without them ends it, and nothing else does anything. */
export class ProgramExecutor implements Executor {
  readonly #runner: ProgramRunner | undefined;
  readonly #standIn: StandIn | undefined;
  #running: RunningProgram | undefined;
  #killedBy: number | undefined;

  constructor(runner: ProgramRunner | undefined, standIn?: StandIn) {
    this.#runner = runner;
    this.#standIn = standIn;
  }

  start(task: Carried): void {
    const { kind, argv, cwd, env, tty, folders } = task.spec;
    if (this.#runner === undefined || kind === "guest")
      throw new FsError("ENOSYS", "this machine runs no WebAssembly programs");
    const running = this.#runner.run({
      id: task.id,
      kind,
      argv,
      cwd,
      env,
      tty,
      folders,
      readInput: (count, interrupt) => task.readInput(count, interrupt),
      writeOutput: (fd, data, interrupt) => task.writeOutput(fd, data, interrupt),
      standIn: this.#standIn,
    });
    this.#running = running;
    void running.exit.then(async (exit) => {
      const signal = this.#killedBy;
      await this.#standIn?.calls.leave(exit);
      task.finish(signal === undefined ? exit : { code: 128 + signal, signal: signalName(signal) });
    });
  }

  signal(_task: Carried, signal: number): void {
    if (isHarmlessSignal(signal)) return;
    this.#killedBy ??= signal;
    this.#running?.kill();
  }

  /** The process that stands for it has gone, and whoever waited has seen how. */
  abandon(): void {
    this.#killedBy ??= 9;
    this.#running?.kill();
  }

  /** Nobody tells a program. */
  resize(): void {
    return undefined;
  }

  line(): never {
    throw new FsError("EINVAL", "a WebAssembly program takes no control lines");
  }

  forget(): void {
    this.#standIn?.calls.close();
  }
}
