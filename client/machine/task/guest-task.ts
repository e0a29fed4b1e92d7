// One task: its state, its streams and its files under /task/<id>. Knows the inbox only as a function.

import { decodeUtf8Lossy, emptyBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { ExitStatus, OutputFd, Task, TaskEvents, TerminalSize } from "#machine/machine.ts";
import type { AgentRequest } from "./inbox.ts";
import { InputQueue } from "./input-queue.ts";
import { OutputStream } from "./output-stream.ts";
import { signalNumber } from "./signals.ts";
import { exitStatus, parseStatus, printStatus, type TaskStatus } from "./status.ts";
import {
  clampSize,
  nulTerminated,
  printEnvironment,
  printSize,
  printSpec,
  type CompleteSpec,
} from "./task-spec.ts";
import type { TreeDirectory } from "./tree-fs.ts";

export interface GuestTaskOptions {
  readonly id: number;
  readonly spec: CompleteSpec;
  readonly events: TaskEvents;
  readonly directory: TreeDirectory;
  readonly send: (request: AgentRequest) => void;
  readonly onEnd: (task: GuestTask) => void;
}

export class GuestTask implements Task {
  readonly id: number;
  readonly exit: Promise<ExitStatus>;
  readonly #spec: CompleteSpec;
  readonly #send: (request: AgentRequest) => void;
  readonly #onEnd: (task: GuestTask) => void;
  readonly #input = new InputQueue();
  readonly #outputs: Readonly<Record<OutputFd, OutputStream>>;
  readonly #cells: TreeDirectory | undefined;
  readonly #resolveExit: (status: ExitStatus) => void;
  #size: TerminalSize | undefined;
  #status: TaskStatus = { kind: "new" };
  #end: ExitStatus | undefined;

  constructor(options: GuestTaskOptions) {
    const { spec, events, directory } = options;
    this.id = options.id;
    this.#spec = spec;
    this.#size = spec.tty;
    this.#send = options.send;
    this.#onEnd = options.onEnd;
    let resolve: (status: ExitStatus) => void = () => undefined;
    this.exit = new Promise((settle) => (resolve = settle));
    this.#resolveExit = resolve;
    this.#outputs = {
      1: new OutputStream((data) => events.output(1, data)),
      2: new OutputStream((data) => events.output(2, data)),
    };
    // Printed first: it throws where the spec is too long.
    const printed = printSpec(spec);
    directory.file("spec", { content: () => printed });
    this.#addFiles(directory);
    this.#cells = spec.control ? directory.directory("cells") : undefined;
  }

  get status(): TaskStatus {
    return this.#status;
  }

  get size(): TerminalSize | undefined {
    return this.#size;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  write(data: Uint8Array): Promise<void> {
    return this.#input.write(data);
  }

  eof(): Promise<void> {
    this.#input.end();
    return Promise.resolve();
  }

  async resize(size: TerminalSize): Promise<void> {
    if (this.#size === undefined) throw new FsError("EINVAL", "the task has no terminal");
    const next = clampSize(size);
    if (this.ended || (next.cols === this.#size.cols && next.rows === this.#size.rows)) return;
    this.#size = next;
    this.#send({ kind: "winch", task: this.id, size: next });
  }

  async signal(name: string): Promise<void> {
    const signal = signalNumber(name);
    if (!this.ended) this.#send({ kind: "signal", task: this.id, signal });
  }

  /** A control line (SPEC INBOX-4). */
  line(text: string): void {
    if (!this.#spec.control) throw new FsError("EINVAL", "the task takes no control lines");
    if (!this.ended) this.#send({ kind: "line", task: this.id, text });
  }

  /** The source of a cell, which the guest reads as /task/<id>/cells/<n>. */
  putCell(cell: number, source: string): void {
    const bytes = encodeUtf8(source);
    this.#cells?.file(String(cell), { content: () => bytes });
  }

  removeCell(cell: number): void {
    this.#cells?.remove(String(cell));
  }

  /** The machine has gone. */
  lose(reason: string): void {
    this.#setStatus({ kind: "lost", reason });
  }

  #setStatus(status: TaskStatus): void {
    if (this.#end !== undefined) throw new FsError("EPIPE");
    this.#status = status;
    const end = exitStatus(status, this.#spec.argv[0], this.#spec.cwd);
    if (end === undefined) return;
    this.#end = end;
    this.#input.close();
    this.#outputs[1].close();
    this.#outputs[2].close();
    this.#onEnd(this);
    this.#resolveExit(end);
  }

  #addFiles(directory: TreeDirectory): void {
    const { argv, cwd, env } = this.#spec;
    const text = (content: () => string): { content: () => Uint8Array } => ({
      content: () => encodeUtf8(content()),
    });
    directory.file("argv", { content: () => nulTerminated(argv) });
    directory.file(
      "dir",
      text(() => `${cwd}\n`),
    );
    directory.file("env", { content: () => nulTerminated(printEnvironment(env)) });
    directory.file(
      "tty",
      text(() => (this.#size === undefined ? "" : `${printSize(this.#size)}\n`)),
    );
    directory.file("status", {
      ...text(() => printStatus(this.#status)),
      write: (data) => {
        this.#setStatus(parseStatus(decodeUtf8Lossy(data)));
        return data.length;
      },
    });
    directory.file("exit", { read: (offset, count, interrupt) => this.#readExit(offset, count, interrupt) });
    directory.file("ctl", {
      write: (data) => {
        this.#control(decodeUtf8Lossy(data));
        return data.length;
      },
    });
    const fds = directory.directory("fd");
    fds.file("0", {
      read: (_offset, count, interrupt) => this.#input.read(count, interrupt),
      write: async (data, interrupt) => {
        await this.#input.write(data, interrupt);
        return data.length;
      },
    });
    for (const fd of [1, 2] as const)
      fds.file(String(fd), { write: (data, interrupt) => this.#outputs[fd].write(data, interrupt) });
  }

  #readExit(offset: number, count: number, interrupt: Interrupt): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const off = interrupt.on(() => reject(new FsError("EINTR")));
      void this.exit.then(({ code }) => {
        off();
        const bytes = encodeUtf8(`${code}\n`);
        resolve(offset < bytes.length ? bytes.subarray(offset, offset + count) : emptyBytes);
      });
    });
  }

  /** SPEC TASK-8: all of a write or nothing. */
  #control(text: string): void {
    const actions = text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => this.#verb(line.trim()));
    if (this.#end !== undefined) throw new FsError("EPIPE");
    for (const act of actions) act();
  }

  #verb(line: string): () => void {
    const [verb, ...rest] = line.split(" ");
    if (verb === "eof" && rest.length === 0) return () => this.#input.end();
    if (verb === "signal" && rest.length === 1) {
      const signal = signalNumber(rest[0] ?? "");
      return () => this.#send({ kind: "signal", task: this.id, signal });
    }
    if (verb === "winch" && /^\d{1,4} \d{1,4}$/.test(rest.join(" ")) && this.#size !== undefined) {
      const [cols, rows] = rest.map(Number);
      return () => void this.resize({ cols: cols ?? 1, rows: rows ?? 1 });
    }
    throw new FsError("EINVAL", `not a verb of ctl: ${JSON.stringify(line.slice(0, 60))}`);
  }
}
