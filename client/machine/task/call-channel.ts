// System calls that a process of the guest performs for a WebAssembly program (SPEC EXEC-3, EXEC-4): requests to it,
// answers from it. Knows neither what is called nor for whom.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { errnoOfNumber, FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import { MessageQueue } from "./message-queue.ts";
import { signalNumber } from "./signals.ts";

/** A call: its number, six arguments, which of them are pointers, which of them the first call's result. */
const callBytes = 9 * 4;
const headerBytes = 5 * 4 + callBytes;
const helpNumber = 0xffffffff;
const wholeResult = 0xffffffff;

const callNumber = { write: 4, gettid: 224, tkill: 238, exitGroup: 252 } as const;

/** One of Linux' calls (i386). */
interface Call {
  readonly number: number;
  /** At most six; 32 bits each. */
  readonly args: readonly number[];
  /** Which arguments are offsets into the memory, as addresses; none where it is left out. */
  readonly pointers?: readonly number[];
}

interface FurtherCall extends Call {
  /** Which arguments are the first call's result. */
  readonly results: readonly number[];
}

export interface SystemCall extends Call {
  /** At most two, on the same memory, performed where this one succeeds. The first failure is the answer. */
  readonly further?: readonly FurtherCall[];
  /** What the memory holds before the call, from its start. */
  readonly data?: Uint8Array;
  /** Which part of the memory is wanted after it; `length` "result": as much as the call says. */
  readonly back?: { readonly offset: number; readonly length: number | "result" };
}

export interface CallAnswer {
  /** 0 or more. */
  readonly result: number;
  readonly data: Uint8Array;
}

interface Waiting {
  readonly resolve: (answer: CallAnswer) => void;
  readonly reject: (error: FsError) => void;
}

export class CallChannel {
  readonly #requests = new MessageQueue();
  readonly #waiting = new Map<number, Waiting>();
  /** Settles when the process has gone. */
  readonly closed: Promise<void>;
  readonly #resolveClosed: () => void;
  #lastId = 0;
  #closed = false;

  constructor() {
    let resolve = (): void => undefined;
    this.closed = new Promise((settle) => (resolve = settle));
    this.#resolveClosed = resolve;
  }

  /** Throws FsError with what the call failed with; EINTR when the process has gone. */
  perform(call: SystemCall): Promise<CallAnswer> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new FsError("EINTR", "the process has ended"));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#requests.send(printCall(id, call));
    });
  }

  /** A second process serves calls from now on, so that one that waits keeps no other. */
  help(): void {
    if (!this.#closed) this.#requests.send(printCall(0, { number: helpNumber, args: [] }));
  }

  /** The program has ended, and the process is to end as it did. Settles when it has gone. */
  async leave({ code, signal, error }: ExitStatus): Promise<void> {
    // One after the other: several threads of the process may serve, and the last call ends them all.
    const call = (given: SystemCall): Promise<unknown> => this.perform(given).catch(() => undefined);
    if (error !== undefined) {
      const data = encodeUtf8(`${error}\n`);
      await call({ number: callNumber.write, args: [2, 0, data.length], pointers: [1], data });
    }
    if (signal !== undefined) {
      // The thread sends it to itself, so that it answers only where the process ignores the signal.
      const kill = { number: callNumber.tkill, args: [0, signalNumber(signal)], results: [0] };
      await call({ number: callNumber.gettid, args: [], further: [kill] });
    }
    void call({ number: callNumber.exitGroup, args: [code] });
    await this.closed;
  }

  /** The process reads its next request. */
  read(count: number, interrupt: Interrupt): Awaitable<Uint8Array> {
    if (this.#closed) throw new FsError("EPIPE");
    return this.#requests.read(count, interrupt);
  }

  /** The process answers. */
  answer(bytes: Uint8Array): void {
    if (bytes.length < 8) throw new FsError("EINVAL");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const id = view.getUint32(0, true);
    const result = view.getInt32(4, true);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw new FsError("EINVAL");
    this.#waiting.delete(id);
    if (result < 0 && result > -4096) waiting.reject(new FsError(errnoOfNumber(-result)));
    // A copy: the frame that it came in is used again.
    else waiting.resolve({ result, data: bytes.slice(8) });
  }

  /** The process has gone, or nobody calls any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resolveClosed();
    this.#requests.clear();
    for (const { reject } of this.#waiting.values()) reject(new FsError("EINTR", "the process has ended"));
    this.#waiting.clear();
  }
}

function printCall(id: number, call: SystemCall): Uint8Array {
  const { further = [], data, back } = call;
  const bytes = new Uint8Array(headerBytes + further.length * callBytes + (data?.length ?? 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (value: number): void => {
    view.setUint32(at, value >>> 0, true);
    at += 4;
  };
  const putMask = (indices: readonly number[]): void =>
    put(indices.reduce((mask, index) => mask | (1 << index), 0));
  const putCall = ({ number, args, pointers = [] }: Call, results: readonly number[]): void => {
    put(number);
    for (let index = 0; index < 6; index++) put(args[index] ?? 0);
    putMask(pointers);
    putMask(results);
  };
  put(id);
  putCall(call, []);
  put(back?.offset ?? 0);
  put(back === undefined ? 0 : back.length === "result" ? wholeResult : back.length);
  put(further.length);
  put(data?.length ?? 0);
  for (const next of further) putCall(next, next.results);
  if (data !== undefined) bytes.set(data, at);
  return bytes;
}
