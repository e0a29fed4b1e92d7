// Runs WebAssembly programs, each in a worker of its own, over the System that it is given (SPEC PROG-…).
// Knows no browser, no Node and no task: workers come from outside.

import { FsError } from "#core/base/errno.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import { signalName, signalNumber } from "#machine/task/signals.ts";
import { Channel } from "./calls/channel.ts";
import { answerCall, type CallMessage } from "./calls/port.ts";
import { ChannelServer } from "./calls/serve-channel.ts";
import { unsharedLimits } from "./limits.ts";
import { ModuleCache } from "./module-cache.ts";
import { compileFailure, moduleKind } from "./module-kind.ts";
import { isFromProgram, type ProgramPort, type ProgramWorkers } from "./program-messages.ts";
import { collectReplica, JournalReader, type Replica } from "./replica/replica.ts";
import type { System } from "./system.ts";
import type { Preopen } from "./preopen.ts";

export interface ProgramOptions {
  readonly module: Uint8Array;
  readonly kind: "auto" | "wasi" | "gojs";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly system: System;
  /** For WASI: what it sees. */
  readonly preopens: readonly Preopen[];
}

export interface RunningProgram {
  /** Settles when all output was taken and every file is closed. Never rejects. */
  readonly exit: Promise<ExitStatus>;
  /** Ends it at once, in the middle of whatever it computes, as by this signal (KILL). */
  kill(signal?: string): void;
}

/** A page with this many threads is in trouble already. */
const maxPrograms = 64;

const cannotExecute = 126;

export class Programs {
  readonly #workers: ProgramWorkers;
  readonly #modules = new ModuleCache();
  readonly #running = new Set<RunningProgram>();
  /** A worker that waits for the next program: starting one takes longer than most programs. */
  #spare: ProgramPort | undefined;
  #stopped = false;

  constructor(workers: ProgramWorkers) {
    this.#workers = workers;
  }

  /** What programs cannot do here: a sentence for the user, where there is something. */
  get limits(): string | undefined {
    return this.#workers.shared ? undefined : unsharedLimits;
  }

  run(options: ProgramOptions): RunningProgram {
    const program = new Program(options, this.#workers.shared, {
      compile: (bytes) => this.#modules.compile(bytes),
      take: () => this.#take(),
      giveBack: (port) => this.#giveBack(port),
      replace: () => this.#replace(),
    });
    this.#stopped = false;
    if (this.#running.size >= maxPrograms) program.refuse(`more than ${maxPrograms} programs are running`);
    this.#running.add(program);
    void program.exit.then(() => this.#running.delete(program));
    void program.start();
    return program;
  }

  /** Ends all. */
  stop(): void {
    this.#stopped = true;
    for (const program of this.#running) program.kill();
    this.#spare?.end();
    this.#spare = undefined;
  }

  #take(): ProgramPort {
    const port = this.#spare ?? this.#workers.start();
    this.#spare = undefined;
    return port;
  }

  #giveBack(port: ProgramPort): void {
    port.listen(undefined);
    if (this.#spare === undefined && !this.#stopped) this.#spare = port;
    else port.end();
  }

  /** A worker has ended with its program: the next one shall not wait for another. */
  #replace(): void {
    if (this.#spare === undefined && !this.#stopped) this.#giveBack(this.#workers.start());
  }
}

interface ProgramHost {
  readonly compile: (bytes: Uint8Array) => Promise<WebAssembly.Module>;
  readonly take: () => ProgramPort;
  readonly giveBack: (port: ProgramPort) => void;
  readonly replace: () => void;
}

class Program implements RunningProgram {
  readonly exit: Promise<ExitStatus>;
  readonly #options: ProgramOptions;
  readonly #shared: boolean;
  readonly #host: ProgramHost;
  readonly #resolve: (status: ExitStatus) => void;
  /** Calls that were begun and must be done before the end is told: output, above all. */
  readonly #pending = new Set<Promise<unknown>>();
  #port: ProgramPort | undefined;
  #journal: JournalReader | undefined;
  #ended = false;

  constructor(options: ProgramOptions, shared: boolean, host: ProgramHost) {
    this.#options = options;
    this.#shared = shared;
    this.#host = host;
    let resolve: (status: ExitStatus) => void = () => undefined;
    this.exit = new Promise((settle) => (resolve = settle));
    this.#resolve = resolve;
  }

  kill(signal = "KILL"): void {
    const number = signalNumber(signal);
    void this.#end({ code: 128 + number, signal: signalName(number) });
  }

  /** `reason` is the end of a sentence. */
  refuse(reason: string): void {
    const name = this.#options.argv[0] ?? "the program";
    void this.#end({ code: cannotExecute, error: `${name} cannot be executed: ${reason}.` });
  }

  async start(): Promise<void> {
    const { module: bytes, kind: asked } = this.#options;
    let module: WebAssembly.Module;
    try {
      module = await this.#host.compile(bytes);
    } catch (thrown) {
      return this.refuse(compileFailure(bytes, thrown));
    }
    const found = moduleKind(module, asked);
    if (found.kind === "neither") return this.refuse(found.reason);
    try {
      await this.#begin(module, found.kind);
    } catch (thrown) {
      this.refuse(
        thrown instanceof FsError ? `its files cannot be read (${thrown.message})` : String(thrown),
      );
    }
  }

  async #begin(module: WebAssembly.Module, kind: "wasi" | "gojs"): Promise<void> {
    const { argv, env, cwd, system, preopens } = this.#options;
    let replica: Replica | undefined;
    if (kind === "wasi" && !this.#shared) {
      replica = await collectReplica(system, preopens, cwd);
      this.#journal = new JournalReader(system, replica);
    }
    if (this.#ended) return;
    const channel = this.#shared ? new Channel() : undefined;
    const server = channel && new ChannelServer(channel, system);
    const port = this.#host.take();
    this.#port = port;
    port.listen({
      message: (data) => this.#receive(port, data, server, kind),
      lost: (reason) => void this.#end({ code: 134, signal: "ABRT", error: reason }),
    });
    port.post({
      program: "start",
      module,
      kind,
      argv,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd,
      preopens,
      ...(channel === undefined ? {} : { memory: channel.memory }),
      ...(replica === undefined ? {} : { replica }),
    });
  }

  #receive(port: ProgramPort, data: unknown, server: ChannelServer | undefined, kind: string): void {
    if (this.#ended || !isFromProgram(data)) return;
    switch (data.program) {
      case "ring":
        server?.serve();
        return;
      case "call":
        void this.#answer(port, data);
        return;
      case "print":
        this.#hold(this.#print(data.fd, data.data));
        return;
      case "journal":
        this.#journal?.add(data);
        return;
      case "exit":
        void this.#exited(port, data.status, kind);
        return;
      default:
        data satisfies never;
    }
  }

  async #answer(port: ProgramPort, message: CallMessage): Promise<void> {
    const answered = answerCall(this.#options.system, message);
    // A program may end while a read waits; what it has written is waited for.
    if (message.call[0] === "write" || message.call[0] === "pwrite") this.#hold(answered);
    const answer = await answered;
    if (!this.#ended) port.post(answer);
  }

  async #print(fd: number, data: Uint8Array): Promise<void> {
    const { system } = this.#options;
    for (let at = 0; at < data.length;) at += await system.write(fd, data.subarray(at));
  }

  #hold(work: Promise<unknown>): void {
    // A reader that has gone takes nothing: that is no failure of the program's end.
    const held: Promise<unknown> = work.catch(() => undefined).finally(() => this.#pending.delete(held));
    this.#pending.add(held);
  }

  async #exited(port: ProgramPort, status: ExitStatus, kind: string): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    const failure = await this.#journal?.done();
    if (failure !== undefined)
      await this.#print(2, new TextEncoder().encode(`not everything was saved (${failure})\n`)).catch(
        () => undefined,
      );
    if (this.#ended) return;
    this.#port = undefined;
    // Go has had JavaScript in its hands: nobody else gets what it may have left behind.
    if (kind === "gojs") {
      port.end();
      this.#host.replace();
    } else this.#host.giveBack(port);
    await this.#end(status);
  }

  async #end(status: ExitStatus): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#port !== undefined) {
      this.#port.end();
      this.#host.replace();
    }
    await this.#options.system.end();
    this.#resolve(status);
  }
}
