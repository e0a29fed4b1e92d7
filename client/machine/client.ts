// A machine that runs in a worker, as the page sees it. The worker is made at the first start and ends with `stop`,
// so that its memory is really given back. Knows neither how workers are made nor what runs in them.

import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import {
  type Call,
  type FromMachine,
  isFromMachine,
  type LinkPort,
  type ToMachine,
} from "./link/protocol.ts";
import type {
  CellSpec,
  ExitStatus,
  Machine,
  MachineState,
  SessionKind,
  Task,
  TaskEvents,
  TaskSpec,
} from "#core/machine/machine.ts";

/** A fresh worker and what belongs to it. */
export interface MachineConnection {
  readonly port: LinkPort;
  /** Called once when the worker dies of itself; `reason` is a sentence. */
  readonly onLost: (listener: (reason: string) => void) => void;
  /** Ends the worker at once. */
  readonly close: () => void;
}

/** A worker that has not stopped its machine by then is ended all the same. */
const stopLimitMilliseconds = 3000;

/** As a shell shows a program that was killed. */
const lostExitCode = 137;

export function createMachineClient(connect: () => MachineConnection): Machine {
  return new MachineClient(connect);
}

class MachineClient implements Machine {
  readonly #connect: () => MachineConnection;
  readonly #changes = new Emitter<MachineState>();
  #state: MachineState = { kind: "off" };
  #link: WorkerLink | undefined;

  constructor(connect: () => MachineConnection) {
    this.#connect = connect;
  }

  get state(): MachineState {
    return this.#state;
  }

  onState(listener: (state: MachineState) => void): Disposer {
    return this.#changes.on(listener);
  }

  async start(): Promise<void> {
    await this.#running().call({ method: "start" });
  }

  async stop(): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    let timer: unknown;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, stopLimitMilliseconds)));
    // The worker stops in order, so that what the guest has written reaches the project.
    await Promise.race([link.call({ method: "stop" }).catch(() => undefined), limit]);
    clearTimeout(timer);
    link.end("The machine was stopped.");
    if (this.#link === undefined) this.#setState({ kind: "off" });
  }

  spawn(spec: TaskSpec, events: TaskEvents): Promise<Task> {
    return this.#running().startTask({ method: "spawn", spec }, events);
  }

  runCell(spec: CellSpec, events: TaskEvents): Promise<Task> {
    return this.#running().startTask({ method: "runCell", spec }, events);
  }

  async restartSession(kind: SessionKind, session: string): Promise<void> {
    await this.#link?.call({ method: "restartSession", kind, session });
  }

  #running(): WorkerLink {
    if (this.#link !== undefined) return this.#link;
    const link: WorkerLink = new WorkerLink(this.#connect(), {
      state: (state) => {
        if (this.#link === link) this.#setState(state);
      },
      lost: (reason) => {
        if (this.#link !== link) return;
        this.#link = undefined;
        this.#setState({ kind: "failed", reason });
      },
    });
    this.#link = link;
    return link;
  }

  #setState(state: MachineState): void {
    this.#state = state;
    this.#changes.emit(state);
  }
}

interface Waiting {
  readonly resolve: (task: number | undefined) => void;
  readonly reject: (error: Error) => void;
}

interface StartedTask {
  readonly events: TaskEvents;
  readonly exit: (status: ExitStatus) => void;
}

interface LinkListener {
  readonly state: (state: MachineState) => void;
  readonly lost: (reason: string) => void;
}

/** One worker's life: the calls and tasks in flight. */
class WorkerLink {
  readonly #connection: MachineConnection;
  readonly #listener: LinkListener;
  readonly #waiting = new Map<number, Waiting>();
  readonly #tasks = new Map<number, StartedTask>();
  readonly #onMessage = ({ data }: { readonly data: unknown }): void => {
    if (isFromMachine(data)) this.#receive(data);
  };
  #lastId = 0;
  #ended: string | undefined;

  constructor(connection: MachineConnection, listener: LinkListener) {
    this.#connection = connection;
    this.#listener = listener;
    connection.port.addEventListener("message", this.#onMessage);
    connection.port.start?.();
    connection.onLost((reason) => {
      if (this.#ended !== undefined) return;
      this.end(reason);
      listener.lost(reason);
    });
  }

  call(call: Call): Promise<number | undefined> {
    return this.#send(++this.#lastId, call);
  }

  async startTask(call: Call, events: TaskEvents): Promise<Task> {
    const key = ++this.#lastId;
    let settle = (_status: ExitStatus): void => undefined;
    const exit = new Promise<ExitStatus>((resolve) => (settle = resolve));
    // Before the call: output may come before its answer.
    this.#tasks.set(key, { events, exit: settle });
    try {
      const id = (await this.#send(key, call)) ?? key;
      const perform = async (verb: Call): Promise<void> => void (await this.call(verb));
      return {
        id,
        exit,
        write: (data) => perform({ method: "write", task: key, data }),
        eof: () => perform({ method: "eof", task: key }),
        resize: (size) => perform({ method: "resize", task: key, size }),
        signal: (name) => perform({ method: "signal", task: key, name }),
      };
    } catch (error) {
      this.#tasks.delete(key);
      throw error;
    }
  }

  /** Ends the worker; everything in flight learns the reason. */
  end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#connection.port.removeEventListener("message", this.#onMessage);
    this.#connection.close();
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
    for (const { exit } of this.#tasks.values()) exit({ code: lostExitCode, signal: "KILL", error: reason });
    this.#tasks.clear();
  }

  #send(id: number, call: Call): Promise<number | undefined> {
    if (this.#ended !== undefined) return Promise.reject(new Error(this.#ended));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ machine: "call", id, call });
    });
  }

  #post(message: ToMachine): void {
    this.#connection.port.postMessage(message, []);
  }

  #receive(message: FromMachine): void {
    switch (message.machine) {
      case "state":
        return this.#listener.state(message.state);
      case "done":
        return this.#take(message.id)?.resolve(message.task);
      case "failed": {
        const { code, message: text } = message;
        const error = code === undefined ? new Error(text) : new FsError(code, text.replace(`${code}: `, ""));
        return this.#take(message.id)?.reject(error);
      }
      case "output":
        return void this.#deliver(message);
      case "exit": {
        const task = this.#tasks.get(message.task);
        this.#tasks.delete(message.task);
        return task?.exit(message.status);
      }
      default:
        return message satisfies never;
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  async #deliver({ task, fd, data, piece }: Extract<FromMachine, { machine: "output" }>): Promise<void> {
    try {
      await this.#tasks.get(task)?.events.output(fd, data);
    } finally {
      if (this.#ended === undefined) this.#post({ machine: "taken", piece });
    }
  }
}
