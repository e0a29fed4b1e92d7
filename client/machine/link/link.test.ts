// Both ends of the link over a real MessageChannel, with the real task table as the machine behind it:
// the test plays the guest's agent by writing the task's files.

import { afterEach, describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { createMachineClient, type MachineConnection } from "#machine/client.ts";
import { type Fs, openFlag } from "#machine/fs/fs.ts";
import type { Machine, MachineState, Task } from "#core/machine/machine.ts";
import { TaskTable } from "#machine/task/task-table.ts";
import { neverInterrupted } from "#test/contracts/fs.ts";
import { serveMachine } from "./serve-machine.ts";

/** A machine without Linux: everything but the guest is real. */
class BareMachine implements Machine {
  readonly tasks = new TaskTable();
  state: MachineState = { kind: "off" };
  stops = 0;
  readonly #listeners = new Set<(state: MachineState) => void>();

  onState(listener: (state: MachineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): Promise<void> {
    this.#set({ kind: "running" });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.stops++;
    this.tasks.stop("The machine was stopped.");
    this.#set({ kind: "off" });
    return Promise.resolve();
  }

  spawn(...[spec, events]: Parameters<Machine["spawn"]>): Promise<Task> {
    return this.tasks.spawn(spec, events);
  }

  runCell(): never {
    throw new FsError("ENOSYS", "no cells here");
  }

  restartSession(): Promise<void> {
    return Promise.resolve();
  }

  #set(state: MachineState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

interface Worker {
  readonly machine: BareMachine;
  lose: (reason: string) => void;
  closed: boolean;
}

const workers: Worker[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) if (!worker.closed) worker.lose("The test is over.");
});

function connect(): MachineConnection {
  const { port1, port2 } = new MessageChannel();
  const machine = new BareMachine();
  const stop = serveMachine(machine, port2);
  const worker: Worker = { machine, lose: () => undefined, closed: false };
  workers.push(worker);
  return {
    port: port1,
    onLost: (listener) => (worker.lose = listener),
    close: () => {
      worker.closed = true;
      stop();
      port1.close();
    },
  };
}

/** The agent's side: opens a file of the task's. */
async function open(fs: Fs, path: string, flags: number): Promise<Awaited<ReturnType<Fs["open"]>>> {
  let { ino } = await fs.getattr(fs.root);
  for (const name of path.split("/")) ({ ino } = await fs.lookup(ino, name));
  return fs.open(ino, flags);
}

async function write(fs: Fs, path: string, text: string): Promise<void> {
  const file = await open(fs, path, openFlag.writeOnly);
  await file.write(0, encodeUtf8(text), neverInterrupted);
  await file.close();
}

const nextWorker = (): Worker => {
  const worker = workers.at(-1);
  if (worker === undefined) throw new Error("no worker was made");
  return worker;
};

describe("a machine behind a link", () => {
  it("is off until it is started, and tells its states", async () => {
    const client = createMachineClient(connect);
    const states: string[] = [];
    client.onState(({ kind }) => void states.push(kind));
    expect(client.state.kind).toBe("off");
    expect(workers.length).toBe(0);
    await client.start();
    expect(client.state.kind).toBe("running");
    await client.stop();
    expect(states).toEqual(["off", "running", "off"]);
    expect(workers[0]).toMatchObject({ closed: true, machine: { stops: 1 } });
  });

  it("runs tasks: output, input and exit cross the link", async () => {
    const client = createMachineClient(connect);
    const printed: string[] = [];
    const task = await client.spawn(
      { argv: ["cat"] },
      { output: (fd, data) => void printed.push(`${fd}:${decodeUtf8(data)}`) },
    );
    const { fs } = nextWorker().machine.tasks;
    expect(task.id).toBe(1);
    const written = task.write(encodeUtf8("typed"));
    const stdin = await open(fs, "1/fd/0", openFlag.readOnly);
    expect(decodeUtf8(await stdin.read(0, 100, neverInterrupted))).toBe("typed");
    await written;
    await write(fs, "1/fd/1", "out");
    await write(fs, "1/fd/2", "err");
    await task.eof();
    expect((await stdin.read(0, 100, neverInterrupted)).length).toBe(0);
    await write(fs, "1/status", "exited 3\n");
    expect(await task.exit).toEqual({ code: 3 });
    expect(printed).toEqual(["1:out", "2:err"]);
  });

  it("holds the program back until the page has taken its output", async () => {
    const client = createMachineClient(connect);
    let take = (): void => undefined;
    const taken: string[] = [];
    await client.spawn(
      { argv: ["yes"] },
      {
        output: (_fd, data) => {
          taken.push(decodeUtf8(data) ?? "");
          return new Promise((resolve) => (take = resolve));
        },
      },
    );
    const { fs } = nextWorker().machine.tasks;
    let answered = 0;
    const first = write(fs, "1/fd/1", "one").then(() => answered++);
    const second = first.then(() => write(fs, "1/fd/1", "two")).then(() => answered++);
    while (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect({ taken, answered }).toEqual({ taken: ["one"], answered: 0 });
    take();
    await first;
    while (taken.length === 1) await new Promise((resolve) => setTimeout(resolve, 1));
    take();
    await second;
    expect({ taken, answered }).toEqual({ taken: ["one", "two"], answered: 2 });
  });

  it("keeps the code of an error", async () => {
    const client = createMachineClient(connect);
    await client.start();
    const cell = { kind: "sh", session: "n", source: "", tty: { cols: 80, rows: 24 } } as const;
    const failed = client.runCell(cell, { output: () => undefined });
    await expect(failed).rejects.toMatchObject({ code: "ENOSYS", message: "ENOSYS: no cells here" });
    const task = await client.spawn({ argv: ["true"] }, { output: () => undefined });
    await write(nextWorker().machine.tasks.fs, "1/status", "exited 0\n");
    await task.exit;
    await expect(task.write(encodeUtf8("late"))).rejects.toMatchObject({ code: "EPIPE" });
  });

  it("says what happened when the worker dies, and starts another", async () => {
    const client = createMachineClient(connect);
    const task = await client.spawn({ argv: ["sleep"] }, { output: () => undefined });
    const waiting = task.write(encodeUtf8("nobody reads this"));
    waiting.catch(() => undefined);
    nextWorker().lose("The worker died.");
    expect(client.state).toEqual({ kind: "failed", reason: "The worker died." });
    expect(await task.exit).toMatchObject({ code: 137, error: "The worker died." });
    await expect(waiting).rejects.toThrow("The worker died.");
    await expect(task.signal("INT")).rejects.toThrow("The worker died.");
    await client.start();
    expect(client.state.kind).toBe("running");
    expect(workers.length).toBe(2);
  });

  it("ends what runs when it is stopped", async () => {
    const client = createMachineClient(connect);
    const task = await client.spawn({ argv: ["sleep"] }, { output: () => undefined });
    await client.stop();
    expect((await task.exit).error).toBe("The machine was stopped.");
    await client.stop();
    expect(client.state.kind).toBe("off");
  });
});
