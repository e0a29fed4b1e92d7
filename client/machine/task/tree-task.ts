// One task of the tree: what it is to be, its life, its streams. Knows neither its files nor who carries it out.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { errno, FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type {
  ExitStatus,
  OutputFd,
  Task,
  TaskEvents,
  TaskKind,
  TerminalSize,
} from "#core/machine/machine.ts";
import { BytePipe } from "./byte-pipe.ts";
import type { Executor } from "./executor.ts";
import { OutputStream, type Sink } from "./output-stream.ts";
import { signalNumber } from "./signals.ts";
import { exitStatus, statusOf, type TaskStatus } from "./status.ts";
import { type DraftName, TaskDraft } from "./task-draft.ts";
import { clampSize, printSpec, type CompleteSpec } from "./task-spec.ts";
import type { TreeDirectory } from "./tree-fs.ts";

interface TreeTaskOptions {
  readonly id: number;
  readonly kind: TaskKind;
  readonly executor: Executor;
  /** /task/<id>. */
  readonly directory: TreeDirectory;
  /** Takes the output; without it, readers of `fd/1` and `fd/2` do. */
  readonly events?: TaskEvents;
  readonly onEnd: (task: TreeTask) => void;
  /** The program fetches the source of its next cell, in a call of its own. */
  readonly onCell: () => void;
}

/** As Linux' pipes: who reads one stream after the other must not keep the program waiting for that. */
const pipeBytes = 64 * 1024;

/** A hangup for those who want to tidy up, and the end for the others. */
const terminating = ["HUP", "KILL"] as const;

export class TreeTask implements Task {
  readonly id: number;
  readonly kind: TaskKind;
  readonly exit: Promise<ExitStatus>;
  readonly input = new BytePipe();
  /** Where readers of the tree find the output; undefined where the host takes it. */
  readonly pipes: Readonly<Record<OutputFd, BytePipe>> | undefined;
  readonly #outputs: Readonly<Record<OutputFd, Sink>>;
  readonly #executor: Executor;
  readonly #onEnd: (task: TreeTask) => void;
  readonly #onCell: () => void;
  readonly #resolveExit: (status: ExitStatus) => void;
  readonly #draft: TaskDraft;
  readonly #directory: TreeDirectory;
  #cells: TreeDirectory | undefined;
  #spec: CompleteSpec | undefined;
  #printed: Uint8Array | undefined;
  #size: TerminalSize | undefined;
  #status: TaskStatus = { kind: "new" };
  #end: ExitStatus | undefined;

  constructor({ id, kind, executor, directory, events, onEnd, onCell }: TreeTaskOptions) {
    this.id = id;
    this.kind = kind;
    this.#executor = executor;
    this.#directory = directory;
    this.#onEnd = onEnd;
    this.#onCell = onCell;
    this.#draft = new TaskDraft(kind);
    let resolve: (status: ExitStatus) => void = () => undefined;
    this.exit = new Promise((settle) => (resolve = settle));
    this.#resolveExit = resolve;
    if (events === undefined) {
      this.pipes = { 1: new BytePipe(pipeBytes), 2: new BytePipe(pipeBytes) };
      this.#outputs = { 1: sinkOf(this.pipes[1]), 2: sinkOf(this.pipes[2]) };
    } else {
      this.#outputs = {
        1: new OutputStream((data) => events.output(1, data)),
        2: new OutputStream((data) => events.output(2, data)),
      };
    }
  }

  get status(): TaskStatus {
    return this.#status;
  }

  get size(): TerminalSize | undefined {
    return this.#size;
  }

  get started(): boolean {
    return this.#spec !== undefined;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** What it runs; undefined before the start. */
  get spec(): CompleteSpec | undefined {
    return this.#spec;
  }

  /** The same for the agent (SPEC TASK-3). */
  get printed(): Uint8Array | undefined {
    return this.#printed;
  }

  /** To be written to until the start. EBUSY after it. */
  get draft(): TaskDraft {
    if (this.started) throw new FsError("EBUSY", "the task has started");
    if (this.ended) throw new FsError("EPIPE", "the task has ended");
    return this.#draft;
  }

  draftText(name: DraftName): Uint8Array {
    return this.#draft.read(name);
  }

  /** With this, or with what was written. What it throws is also the task's status. */
  start(given?: CompleteSpec): void {
    const { draft } = this;
    try {
      const spec = given ?? draft.complete();
      // Printed first: it throws where the spec is too long.
      this.#printed = printSpec(spec);
      this.#spec = spec;
      this.#size = spec.tty;
      this.#executor.start(this.#carried(spec));
    } catch (thrown) {
      if (!(thrown instanceof FsError)) throw thrown;
      const reason = thrown.message.replaceAll("\n", " ");
      this.setStatus({ kind: "failed", errno: errno[thrown.code], stage: "spec", reason });
      throw thrown;
    }
  }

  write(data: Uint8Array): Promise<void> {
    return this.input.write(data);
  }

  eof(): Promise<void> {
    this.input.end();
    return Promise.resolve();
  }

  async resize(size: TerminalSize): Promise<void> {
    if (this.#size === undefined || this.#spec === undefined)
      throw new FsError("EINVAL", "the task has no terminal");
    const next = clampSize(size);
    if (this.ended || (next.cols === this.#size.cols && next.rows === this.#size.rows)) return;
    this.#size = next;
    this.#executor.resize(this.#carried(this.#spec), next);
  }

  async signal(name: string): Promise<void> {
    this.signalNow(signalNumber(name));
  }

  signalNow(signal: number): void {
    if (this.#spec !== undefined && !this.ended) this.#executor.signal(this.#carried(this.#spec), signal);
  }

  /** Nobody wants it any more. */
  terminate(): void {
    if (this.#spec === undefined) {
      if (!this.ended) this.setStatus({ kind: "lost", reason: "The task was forgotten before it started." });
      return;
    }
    // Before the signals: a program that waits for a reader of its output must be able to end.
    this.pipes?.[1].close();
    this.pipes?.[2].close();
    for (const name of terminating) this.signalNow(signalNumber(name));
  }

  /** A control line (SPEC INBOX-4). */
  line(text: string): void {
    if (this.#spec?.control !== true) throw new FsError("EINVAL", "the task takes no control lines");
    if (!this.ended) this.#executor.line(this.#carried(this.#spec), text);
  }

  /** The source of a cell, which the guest reads as /task/<id>/cells/<n>. */
  putCell(cell: number, source: string): void {
    const bytes = encodeUtf8(source);
    this.#cells ??= this.#directory.directory("cells");
    const content = (): Uint8Array => {
      this.#onCell();
      return bytes;
    };
    this.#cells.file(String(cell), { content });
  }

  removeCell(cell: number): void {
    this.#cells?.remove(String(cell));
  }

  writeOutput(fd: OutputFd, data: Uint8Array, interrupt: Interrupt): Awaitable<number> {
    return this.#outputs[fd].write(data, interrupt);
  }

  setStatus(status: TaskStatus): void {
    if (this.#end !== undefined) throw new FsError("EPIPE");
    this.#status = status;
    const end = exitStatus(status, this.#spec?.argv[0] ?? "", this.#spec?.cwd ?? "");
    if (end === undefined) return;
    this.#end = end;
    this.input.close();
    this.#outputs[1].close();
    this.#outputs[2].close();
    if (this.#spec !== undefined) this.#executor.forget(this.#carried(this.#spec));
    this.#onEnd(this);
    this.#resolveExit(end);
  }

  #carried(spec: CompleteSpec): Parameters<Executor["start"]>[0] {
    return {
      id: this.id,
      spec,
      readInput: (count, interrupt) => this.input.read(count, interrupt),
      writeOutput: (fd, data, interrupt) => this.writeOutput(fd, data, interrupt),
      finish: (exit) => {
        // The machine may have gone meanwhile.
        if (!this.ended) this.setStatus(statusOf(exit));
      },
    };
  }
}

function sinkOf(pipe: BytePipe): Sink {
  return {
    write: async (data, interrupt) => {
      await pipe.write(data, interrupt);
      return data.length;
    },
    // What was written can still be read.
    close: () => pipe.end(),
  };
}
