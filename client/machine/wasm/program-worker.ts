// A program's worker, whatever runtime it is in: takes one program after the other, runs it, tells how it ended.

import { encodeUtf8 } from "#core/base/bytes.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import type { SynchronousSystem } from "./calls/calls.ts";
import { Channel, connectChannel } from "./calls/channel.ts";
import { type AnswerMessage, PortCalls } from "./calls/port.ts";
import { runGo } from "./gojs/go.ts";
import type { FromProgram, ProgramStart, ToProgram } from "./program-messages.ts";
import { replicaSystem } from "./replica/replica-system.ts";
import { clock } from "./wasi/constants.ts";
import type { Sleep } from "./wasi/poll.ts";
import { now } from "./wasi/process.ts";
import { runWasi } from "./wasi/wasi.ts";

export interface WorkerPort {
  readonly post: (message: FromProgram) => void;
  readonly listen: (listener: (message: ToProgram) => void) => void;
}

/** As a shell shows SIGABRT: what other runtimes give for a trap. */
const trapStatus: ExitStatus = { code: 134, signal: "ABRT" };

export function serveProgram({ post, listen }: WorkerPort): void {
  let calls: PortCalls | undefined;
  const onStart = async (start: ProgramStart): Promise<void> => {
    let status: ExitStatus;
    try {
      if (start.kind === "gojs") {
        calls = new PortCalls(post);
        status = await runGo({ ...start, system: calls.system, chdir: chdirOf(start, post), print });
      } else status = await runWasi({ ...start, ...wasiWorld(start, post) });
    } catch (thrown) {
      const name = start.argv[0] ?? "program";
      print(2, encodeUtf8(`${name}: ${describe(thrown)}\n`));
      status = trapStatus;
    }
    post({ program: "exit", status });
  };
  const print = (fd: number, data: Uint8Array): void => post({ program: "print", fd, data });
  listen((message: ProgramStart | AnswerMessage) => {
    if (message.program === "start") void onStart(message);
    else calls?.receive(message);
  });
}

type Post = WorkerPort["post"];

function wasiWorld(
  start: ProgramStart,
  post: Post,
): {
  readonly system: SynchronousSystem;
  readonly sleep: Sleep;
  readonly preopens: ProgramStart["preopens"];
} {
  if (start.memory !== undefined)
    return { system: channelOf(start.memory, post), sleep: sleepShared, preopens: start.preopens };
  if (start.replica === undefined) throw new Error("invariant violation: a program without files");
  return {
    system: replicaSystem(start.replica, post),
    sleep: sleepBusily,
    preopens: start.replica.preopens,
  };
}

function channelOf(memory: SharedArrayBuffer, post: Post): SynchronousSystem {
  return connectChannel(new Channel(memory), () => post({ program: "ring" }));
}

/** Go asks for the working directory in the middle of its computation. Without shared memory only the path is known. */
function chdirOf({ memory, cwd }: ProgramStart, post: Post): (path: string) => string {
  if (memory !== undefined) return (path) => channelOf(memory, post).chdir(path);
  let current = cwd;
  return (path) => {
    const names: string[] = [];
    for (const name of `${path.startsWith("/") ? "" : `${current}/`}${path}`.split("/")) {
      if (name === "..") names.pop();
      else if (name !== "" && name !== ".") names.push(name);
    }
    current = `/${names.join("/")}`;
    post({ program: "call", id: 0, call: ["chdir", current] });
    return current;
  };
}

const nanosecondsPerMillisecond = 1_000_000;

const sleepShared: Sleep = (until) => {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let left = until - now(clock.monotonic); left > 0n; left = until - now(clock.monotonic))
    Atomics.wait(cell, 0, 0, Number(left) / nanosecondsPerMillisecond);
};

/** Without shared memory a thread cannot sleep in the middle of a computation. */
const sleepBusily: Sleep = (until) => {
  while (now(clock.monotonic) < until);
};

function describe(thrown: unknown): string {
  if (thrown instanceof WebAssembly.RuntimeError) return `trap: ${thrown.message}`;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}
