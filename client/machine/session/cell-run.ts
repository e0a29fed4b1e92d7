// One run of a cell, as whoever started it sees it: a Task whose signals and input go to the session while it runs.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { CellSpec, ExitStatus, Task, TaskEvents, TerminalSize } from "#core/machine/machine.ts";
import { clampSize } from "#machine/task/task-spec.ts";

/** `sent`: the session has its number, but has not said `start`. */
type RunState =
  | { readonly kind: "queued" }
  | { readonly kind: "sent" | "running"; readonly task: Task }
  | { readonly kind: "ended" };

const interrupted: ExitStatus = { code: 130, signal: "INT" };

/** Ctrl-D: on a terminal that others will use after this cell, the end of input is a character. */
const endOfInput = encodeUtf8("\x04");

export class CellRun implements Task {
  readonly id: number;
  readonly spec: CellSpec;
  readonly exit: Promise<ExitStatus>;
  readonly #events: TaskEvents;
  readonly #resolveExit: (status: ExitStatus) => void;
  readonly #started: Promise<Task | undefined>;
  readonly #resolveStarted: (task: Task | undefined) => void;
  #state: RunState = { kind: "queued" };
  #size: TerminalSize;
  #interruptAtStart = false;

  constructor(id: number, spec: CellSpec, events: TaskEvents) {
    this.id = id;
    this.spec = spec;
    this.#events = events;
    this.#size = clampSize(spec.tty);
    let resolveExit: (status: ExitStatus) => void = () => undefined;
    this.exit = new Promise((resolve) => (resolveExit = resolve));
    this.#resolveExit = resolveExit;
    let resolveStarted: (task: Task | undefined) => void = () => undefined;
    this.#started = new Promise((resolve) => (resolveStarted = resolve));
    this.#resolveStarted = resolveStarted;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get running(): boolean {
    return this.#state.kind === "running";
  }

  get ended(): boolean {
    return this.#state.kind === "ended";
  }

  /** Waits until the cell has started, so that the session's program does not take what is meant for the cell. */
  async write(data: Uint8Array): Promise<void> {
    const task = this.#state.kind === "running" ? this.#state.task : await this.#started;
    if (task === undefined || this.ended) throw new FsError("EPIPE");
    await task.write(data);
  }

  eof(): Promise<void> {
    return this.write(endOfInput);
  }

  async resize(size: TerminalSize): Promise<void> {
    this.#size = clampSize(size);
    if (this.#state.kind === "sent" || this.#state.kind === "running")
      await this.#state.task.resize(this.#size);
  }

  async signal(name: string): Promise<void> {
    switch (this.#state.kind) {
      case "queued":
        this.end(interrupted);
        return;
      case "sent":
        // Before `start` the program itself would be hit, and the cell would run all the same.
        if (name === "INT" || name === "SIGINT") this.#interruptAtStart = true;
        else await this.#state.task.signal(name);
        return;
      case "running":
        await this.#state.task.signal(name);
        return;
      case "ended":
        return;
      default:
        this.#state satisfies never;
    }
  }

  // What the session tells.

  sentTo(task: Task): void {
    this.#state = { kind: "sent", task };
  }

  begin(): void {
    if (this.#state.kind !== "sent") return;
    const { task } = this.#state;
    this.#state = { kind: "running", task };
    this.#resolveStarted(task);
    if (this.#interruptAtStart) void task.signal("INT");
  }

  output(data: Uint8Array): void | Promise<void> {
    return this.#events.output(1, data);
  }

  end(status: ExitStatus): void {
    if (this.#state.kind === "ended") return;
    this.#state = { kind: "ended" };
    this.#resolveStarted(undefined);
    this.#resolveExit(status);
  }
}
