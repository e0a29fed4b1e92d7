// A shell that waits for the next terminal, at its prompt: a person who opens one does not wait for bash to start.
// The first of a machine comes from its snapshot; this makes the others.

import type { TaskEvents, TaskSpec } from "#core/machine/machine.ts";
import { defaultDirectory } from "#machine/task/environment.ts";
import { terminalSpec } from "./programs.ts";
import type { SessionTask, SessionTasks } from "./session-tasks.ts";

/** Long enough that what the person is doing now goes first. */
const replenishDelayMilliseconds = 3000;

/** What a shell says until it is taken: its prompt, and hardly more. */
const keptMaxBytes = 16 * 1024;

const waitingSize = { cols: 80, rows: 24 } as const;

interface Spare {
  readonly task: SessionTask;
  readonly said: Uint8Array[];
  /** Who has taken it. */
  events: TaskEvents | undefined;
}

export class SpareTerminal {
  readonly #tasks: SessionTasks;
  #spare: Promise<Spare | undefined> | undefined;
  #timer: unknown;

  constructor(tasks: SessionTasks) {
    this.#tasks = tasks;
  }

  /** A task for this spec: the shell that waits where that is what is asked for, else a fresh one. */
  async spawn(spec: TaskSpec, events: TaskEvents): Promise<SessionTask> {
    if (!isTerminal(spec)) return this.#tasks.spawn(spec, events);
    const waiting = this.#spare;
    this.#spare = undefined;
    this.#replenishLater();
    const spare = await waiting;
    if (spare === undefined || spare.task.ended) return this.#tasks.spawn(spec, events);
    for (const piece of spare.said.splice(0)) await events.output(1, piece);
    spare.events = events;
    if (spec.tty !== undefined) await spare.task.resize(spec.tty);
    return spare.task;
  }

  /** The machine stops, and what waits with it. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #replenishLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#spare ??= this.#start();
    }, replenishDelayMilliseconds);
  }

  async #start(): Promise<Spare | undefined> {
    const said: Uint8Array[] = [];
    let kept = 0;
    let spare: Spare | undefined;
    const output = (fd: 1 | 2, data: Uint8Array): void | Promise<void> => {
      if (spare?.events !== undefined) return spare.events.output(fd, data);
      kept += data.length;
      if (kept <= keptMaxBytes) said.push(data.slice());
      return undefined;
    };
    try {
      const task = await this.#tasks.spawn(terminalSpec(waitingSize), { output });
      spare = { task, said, events: undefined };
      return spare;
    } catch {
      // The machine is stopping: nobody will open a terminal any more.
      return undefined;
    }
  }
}

function isTerminal({ kind = "guest", argv, cwd = defaultDirectory, env, tty }: TaskSpec): boolean {
  const { argv: shell } = terminalSpec(waitingSize);
  const same = argv.length === shell.length && argv.every((word, index) => word === shell[index]);
  return kind === "guest" && same && cwd === defaultDirectory && env === undefined && tty !== undefined;
}
