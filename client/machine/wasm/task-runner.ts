// Carries out the WebAssembly tasks of a task table: finds the module, gives it its System, runs it.

import { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import { calledBy } from "#machine/fs/called-fs.ts";
import { type Caller, loneCaller } from "#machine/fs/caller.ts";
import { type Fs, fileType, type Interrupt } from "#machine/fs/fs.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import type { ProgramJob, ProgramRunner, ProxyProcess } from "#machine/task/program-runner.ts";
import { FsSystem } from "./files/fs-system.ts";
import { noStreams, readAll } from "./files/read-file.ts";
import type { ByteSink, StandardStreams } from "./files/stream.ts";
import { Terminal } from "./files/terminal.ts";
import type { Programs, RunningProgram } from "./programs.ts";
import { type System, systemLimits } from "./system.ts";
import type { Preopen } from "./preopen.ts";

export interface TaskRunnerOptions {
  readonly programs: Programs;
  /** What the programs see, as the host sees it. */
  readonly namespace: Fs;
  readonly now?: () => number;
  /** For a program that has a proxy process in the guest. */
  readonly proxySystem?: (options: ProxySystemOptions) => ProxySystem;
}

interface ProxySystemOptions {
  readonly proxy: ProxyProcess;
  /** The namespace, as a System of its own. */
  readonly files: System;
  readonly cwd: string;
}

interface ProxySystem extends System {
  /** The whole file of the program. */
  readProgram(): Promise<Uint8Array>;
}

interface World {
  readonly system: System;
  readonly readModule: () => Promise<Uint8Array>;
}

/** What programs work on: the project, and what they need for themselves. */
const portable: ReadonlySet<string> = new Set(["project", "tmp"]);

const noSuchProgram = 127;
const cannotExecute = 126;

export class TaskRunner implements ProgramRunner {
  readonly #options: TaskRunnerOptions;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  run(job: ProgramJob): RunningProgram {
    const { namespace: fs } = this.#options;
    let killed: string | undefined;
    let program: RunningProgram | undefined;
    const ended = new End();
    const kill = (signal = "KILL"): void => {
      killed ??= signal;
      program?.kill(signal);
    };
    const own = loneCaller();
    const { system, readModule } = this.#world(job, own, () => kill("INT"), ended);
    const run = async (): Promise<ExitStatus> => {
      let module: Uint8Array;
      let preopens: readonly Preopen[];
      try {
        module = await readModule();
        preopens = job.folders?.map((folder) => ({ ...folder, portable: true })) ?? (await preopensOf(fs));
      } catch (thrown) {
        await system.end();
        return failure(job.argv[0], thrown);
      }
      const { argv, env, cwd, folders } = job;
      // Go's files go through no descriptors: nothing would keep such a program to its folders.
      const kind = folders === undefined ? job.kind : "wasi";
      program = this.#options.programs.run({ module, kind, argv, env, cwd, system, preopens });
      if (killed !== undefined) program.kill(killed);
      return program.exit;
    };
    const exit = run().finally(() => {
      own.process.ended = true;
      ended.end();
    });
    return { exit, kill };
  }

  /** What the program stands on: a process of the guest, or the namespace and the task's streams. */
  #world(job: ProgramJob, own: Caller, interrupted: () => void, ended: Interrupt): World {
    const { namespace, now, proxySystem } = this.#options;
    const time = now === undefined ? {} : { now };
    const { cwd, proxy, argv, env } = job;
    // What saves are compared with, and which names return, goes by who asks (syncfs SPEC SY-60, SY-70).
    const fs = calledBy(proxy?.caller ?? own, namespace);
    if (proxy !== undefined && proxySystem !== undefined) {
      // The process's own folder may be on a file system that the host does not see.
      const files = new FsSystem({ fs, streams: noStreams, cwd: "/", ...time });
      const system = proxySystem({ proxy, files, cwd });
      return { system, readModule: () => system.readProgram() };
    }
    const system = new FsSystem({ fs, streams: streamsOf(job, interrupted, ended), cwd, ...time });
    return { system, readModule: () => readProgram(system, argv[0], env["PATH"] ?? "") };
  }
}

function failure(name: string, thrown: unknown): ExitStatus {
  const code = thrown instanceof FsError ? thrown.code : "EIO";
  if (code === "ENOENT") return { code: noSuchProgram, error: `${name}: there is no such program.` };
  const reason = code === "EISDIR" ? "it is a folder" : `it cannot be read (${code})`;
  return { code: cannotExecute, error: `${name} cannot be executed: ${reason}.` };
}

/** As a shell finds programs, but for the working directory, where modules usually are: it comes first. */
async function readProgram(system: System, name: string, path: string): Promise<Uint8Array> {
  const folders = name.includes("/") ? [""] : ["", ...path.split(":")];
  for (const folder of folders) {
    try {
      return await readAll(system, folder === "" ? name : `${folder}/${name}`);
    } catch (thrown) {
      if (!(thrown instanceof FsError) || thrown.code !== "ENOENT") throw thrown;
    }
  }
  throw new FsError("ENOENT");
}

/**
 * WASI's libc knows no working directory, and takes `x` and `/x` for the same. It looks for the longest name that fits,
 * and of two that fit alike for the later one: so a program gets the root, each folder at the top by its name, and at
 * last "." for what is relative (SPEC WASI-2).
 */
async function preopensOf(fs: Fs): Promise<readonly Preopen[]> {
  const preopens: Preopen[] = [{ name: "/", path: "/" }];
  for (let offset = 0; ;) {
    const entries = await fs.readdir(fs.root, offset, systemLimits.entries);
    const last = entries.at(-1);
    if (last === undefined) return [...preopens, { name: ".", path: ".", portable: true }];
    offset = last.next;
    for (const { name, type } of entries)
      if (type === fileType.directory || type === fileType.symlink)
        preopens.push({ name: `/${name}`, path: `/${name}`, portable: portable.has(name) });
  }
}

/** Interrupts what waits for a program that has gone. */
class End implements Interrupt {
  interrupted = false;
  readonly #listeners = new Emitter<void>();

  on(listener: () => void): () => void {
    return this.#listeners.on(listener);
  }

  end(): void {
    this.interrupted = true;
    this.#listeners.emit();
  }
}

function streamsOf(job: ProgramJob, interrupted: () => void, ended: Interrupt): StandardStreams {
  const input = { read: job.readInput.bind(job) };
  const sink = (fd: 1 | 2): ByteSink => ({
    write: (data, interrupt) => job.writeOutput(fd, data, interrupt),
  });
  if (job.tty === undefined) return { input, output: sink(1), error: sink(2), terminal: false };
  const terminal = new Terminal({ input, output: sink(1), interrupted });
  // It ends with EINTR when the program has gone, and with EPIPE when nobody reads.
  terminal.pump(ended).catch(() => undefined);
  return terminal;
}
