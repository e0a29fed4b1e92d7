// Tasks that are WebAssembly programs: a runner in this host carries them out.

import { FsError } from "#core/base/errno.ts";
import type { ExecutedTask, Executor } from "./executor.ts";
import type { ProgramRunner, ProxyProcess, RunningProgram } from "./program-runner.ts";
import { isHarmlessSignal, signalName } from "./signals.ts";

/** Of one task. A program has no handlers: what would end a process without them ends it, and nothing else does anything. */
export class ProgramExecutor implements Executor {
  readonly #runner: ProgramRunner | undefined;
  readonly #proxy: ProxyProcess | undefined;
  #running: RunningProgram | undefined;
  #killedBy: number | undefined;

  constructor(runner: ProgramRunner | undefined, proxy?: ProxyProcess) {
    this.#runner = runner;
    this.#proxy = proxy;
  }

  start(task: ExecutedTask): void {
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
      proxy: this.#proxy,
    });
    this.#running = running;
    void running.exit.then(async (exit) => {
      const signal = this.#killedBy;
      await this.#proxy?.calls.leave(exit);
      task.finish(signal === undefined ? exit : { code: 128 + signal, signal: signalName(signal) });
    });
  }

  signal(_task: ExecutedTask, signal: number): void {
    if (isHarmlessSignal(signal)) return;
    this.#killedBy ??= signal;
    this.#running?.kill();
  }

  /** Its proxy process has gone, and whoever waited has seen how. */
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
    this.#proxy?.calls.close();
  }
}
