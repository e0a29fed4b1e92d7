// The worker's end of the link: does what the page calls for, sends states, output and exits. Knows any Machine.

import type { Disposer } from "#core/base/disposable.ts";
import { FsError } from "#core/base/errno.ts";
import type { Machine, Task, TaskEvents } from "#core/machine/machine.ts";
import { type Call, type FromMachine, isToMachine, type LinkPort } from "./protocol.ts";

export function serveMachine(machine: Machine, port: LinkPort): Disposer {
  const tasks = new Map<number, Task>();
  /** Pieces of output that the page has not taken yet. */
  const pieces = new Map<number, () => void>();
  let lastPiece = 0;

  const post = (message: FromMachine, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);

  const eventsOf = (task: number): TaskEvents => ({
    output: (fd, data) =>
      new Promise((resolve) => {
        const piece = ++lastPiece;
        pieces.set(piece, resolve);
        // A copy: the bytes may be part of a frame that others still read.
        const copy = data.slice();
        post({ machine: "output", task, piece, fd, data: copy }, [copy.buffer]);
      }),
  });

  const started = (id: number, task: Task): number => {
    tasks.set(id, task);
    void task.exit.then((status) => {
      tasks.delete(id);
      post({ machine: "exit", task: id, status });
    });
    return task.id;
  };

  const taskOf = (id: number): Task => {
    const task = tasks.get(id);
    if (task === undefined) throw new FsError("EPIPE", "the task has ended");
    return task;
  };

  /** The task's own number where one was started. */
  const perform = async (id: number, call: Call): Promise<number | undefined> => {
    if (call.method === "spawn") return started(id, await machine.spawn(call.spec, eventsOf(id)));
    if (call.method === "runCell") return started(id, await machine.runCell(call.spec, eventsOf(id)));
    await performSilent(call);
    return undefined;
  };

  const performSilent = (call: Exclude<Call, { method: "spawn" | "runCell" }>): Promise<void> => {
    switch (call.method) {
      case "start":
        return machine.start();
      case "stop":
        return machine.stop();
      case "restartSession":
        return machine.restartSession(call.kind, call.session);
      case "write":
        return taskOf(call.task).write(call.data);
      case "eof":
        return taskOf(call.task).eof();
      case "resize":
        return taskOf(call.task).resize(call.size);
      case "signal":
        return taskOf(call.task).signal(call.name);
      default:
        return call satisfies never;
    }
  };

  const onMessage = ({ data }: { readonly data: unknown }): void => {
    if (!isToMachine(data)) return;
    if (data.machine === "taken") {
      pieces.get(data.piece)?.();
      pieces.delete(data.piece);
      return;
    }
    const { id, call } = data;
    perform(id, call).then(
      (task) => post({ machine: "done", id, ...(task === undefined ? {} : { task }) }),
      (thrown: unknown) => {
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        post({ machine: "failed", id, message, ...(thrown instanceof FsError ? { code: thrown.code } : {}) });
      },
    );
  };

  const stopStates = machine.onState((state) => post({ machine: "state", state }));
  port.addEventListener("message", onMessage);
  port.start?.();
  post({ machine: "state", state: machine.state });
  return () => {
    port.removeEventListener("message", onMessage);
    stopStates();
    for (const resolve of pieces.values()) resolve();
    pieces.clear();
  };
}
