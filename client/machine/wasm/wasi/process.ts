// WASI's functions that touch no file: arguments, environment, clocks, randomness, the end, and sockets (there are none).

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { signalName } from "#machine/task/signals.ts";
import { clock, wasiType } from "./constants.ts";
import { ProgramExit, type WasiContext, type WasiFunction } from "./context.ts";

const nanosecondsPerMillisecond = 1_000_000;

/** What performance.now tells in an isolated page. */
const resolution = 5_000n;

/** WASI has Linux's signals but for STKFLT, which is 16 there. */
const firstMovedSignal = 16;
const lastSignal = 30;

/** crypto.getRandomValues takes at most this much. */
const randomBytesAtOnce = 65_536;

export function now(id: number): bigint {
  switch (id) {
    case clock.realtime:
      return BigInt(Math.round(Date.now() * nanosecondsPerMillisecond));
    case clock.monotonic:
    // The program has a thread of its own: its time is the thread's, and nearly the processor's.
    case clock.process:
    case clock.thread:
      return BigInt(Math.round(performance.now() * nanosecondsPerMillisecond));
    default:
      throw new FsError("EINVAL");
  }
}

export function processFunctions({ memory, argv, env, table }: WasiContext): Record<string, WasiFunction> {
  const lists = { args: argv.map(nulTerminated), environ: env.map(nulTerminated) };
  const sizes = (list: readonly Uint8Array[], countAt: number, bytesAt: number): void => {
    memory.setUint32(countAt, list.length);
    memory.setUint32(
      bytesAt,
      list.reduce((sum, { length }) => sum + length, 0),
    );
  };
  const get = (list: readonly Uint8Array[], pointersAt: number, bytesAt: number): void => {
    let at = bytesAt;
    for (const [index, bytes] of list.entries()) {
      memory.setUint32(pointersAt + index * 4, at);
      memory.bytes(at, bytes.length).set(bytes);
      at += bytes.length;
    }
  };
  /** A descriptor may be a socket that the program was started with: but there are no calls for it here. */
  const noSocket = (fd: number): never => {
    const { type } = table.peek(fd);
    const isSocket = type === wasiType.socketStream || type === wasiType.socketDatagram;
    throw new FsError(isSocket ? "EOPNOTSUPP" : "ENOTSOCK");
  };
  return {
    args_get: (pointers: number, bytes: number) => get(lists.args, pointers, bytes),
    args_sizes_get: (count: number, bytes: number) => sizes(lists.args, count, bytes),
    environ_get: (pointers: number, bytes: number) => get(lists.environ, pointers, bytes),
    environ_sizes_get: (count: number, bytes: number) => sizes(lists.environ, count, bytes),
    clock_res_get: (id: number, at: number) => {
      now(id);
      memory.setUint64(at, id === clock.realtime ? BigInt(nanosecondsPerMillisecond) : resolution);
    },
    clock_time_get: (id: number, _precision: bigint, at: number) => memory.setUint64(at, now(id)),
    random_get: (at: number, length: number) => {
      const target = memory.bytes(at, length);
      const random = new Uint8Array(Math.min(length, randomBytesAtOnce));
      for (let done = 0; done < length; done += random.length)
        target.set(crypto.getRandomValues(random).subarray(0, length - done), done);
    },
    proc_exit: (code: number) => {
      throw new ProgramExit({ code: code & 0xff });
    },
    proc_raise: (signal: number) => {
      if (signal === 0) return;
      if (signal > lastSignal) throw new FsError("EINVAL");
      const number = signal < firstMovedSignal ? signal : signal + 1;
      throw new ProgramExit({ code: 128 + number, signal: signalName(number) });
    },
    sched_yield: () => undefined,
    sock_accept: noSocket,
    sock_recv: noSocket,
    sock_send: noSocket,
    sock_shutdown: noSocket,
  } satisfies Record<string, WasiFunction>;
}

function nulTerminated(text: string): Uint8Array {
  return encodeUtf8(`${text.replace(/\0.*$/s, "")}\0`);
}
