// The functions that a Go program imports: its runtime's clock, randomness and output, and package syscall/js.
// Each takes the address of its stack frame. The offsets are Go's calling convention, the same from 1.18 on.

import type { GoMemory } from "./go-memory.ts";
import type { References } from "./references.ts";

export interface GoHost {
  readonly memory: GoMemory;
  readonly references: References;
  /** The stack pointer: a call into JavaScript may have run Go again, which may have moved the stack. */
  readonly stack: () => number;
  readonly exit: (code: number) => void;
  readonly print: (fd: number, data: Uint8Array) => void;
  readonly setTimer: (milliseconds: number) => number;
  readonly clearTimer: (id: number) => void;
}

const nanosecondsPerMillisecond = 1_000_000;
const millisecondsPerSecond = 1000;

/** crypto.getRandomValues takes at most this much. */
const randomBytesAtOnce = 65_536;

type GoFunction = (frame: number) => void;

export function goImports(host: GoHost): Record<string, GoFunction> {
  const functions = { ...runtimeFunctions(host), ...valueFunctions(host), ...callFunctions(host) };
  return Object.fromEntries(
    // An address comes signed.
    Object.entries(functions).map(([name, perform]) => [name, (frame: number) => perform(frame >>> 0)]),
  );
}

function runtimeFunctions({ memory, ...host }: GoHost): Record<string, GoFunction> {
  const wallClock: GoFunction = (frame) => {
    const milliseconds = Date.now();
    memory.setInt64(frame + 8, milliseconds / millisecondsPerSecond);
    memory.setInt32(frame + 16, (milliseconds % millisecondsPerSecond) * nanosecondsPerMillisecond);
  };
  return {
    "runtime.wasmExit": (frame) => host.exit(memory.view.getInt32(frame + 8, true)),
    "runtime.wasmWrite": (frame) => {
      const length = memory.view.getInt32(frame + 24, true);
      host.print(memory.int64(frame + 8), memory.bytes(memory.int64(frame + 16), length).slice());
    },
    // The memory may have grown: ours looks for itself.
    "runtime.resetMemoryDataView": () => undefined,
    "runtime.nanotime1": (frame) => memory.setInt64(frame + 8, performance.now() * nanosecondsPerMillisecond),
    "runtime.walltime": wallClock,
    "runtime.scheduleTimeoutEvent": (frame) =>
      memory.setInt32(frame + 16, host.setTimer(memory.int64(frame + 8))),
    "runtime.clearTimeoutEvent": (frame) => host.clearTimer(memory.view.getInt32(frame + 8, true)),
    "runtime.getRandomData": (frame) => {
      const target = memory.slice(frame + 8);
      for (let at = 0; at < target.length; at += randomBytesAtOnce)
        target.set(
          crypto.getRandomValues(new Uint8Array(Math.min(randomBytesAtOnce, target.length - at))),
          at,
        );
    },
    debug: () => undefined,
  };
}

function valueFunctions({ memory, references, stack }: GoHost): Record<string, GoFunction> {
  return {
    "syscall/js.finalizeRef": (frame) => references.release(memory.view.getUint32(frame + 8, true)),
    "syscall/js.stringVal": (frame) => memory.setValue(frame + 24, memory.string(frame + 8)),
    "syscall/js.valueGet": (frame) => {
      const result: unknown = Reflect.get(target(memory, frame + 8), memory.string(frame + 16));
      // A getter may have run Go.
      memory.setValue(stack() + 32, result);
    },
    "syscall/js.valueSet": (frame) =>
      void Reflect.set(target(memory, frame + 8), memory.string(frame + 16), memory.value(frame + 32)),
    "syscall/js.valueDelete": (frame) =>
      void Reflect.deleteProperty(target(memory, frame + 8), memory.string(frame + 16)),
    "syscall/js.valueIndex": (frame) =>
      memory.setValue(frame + 24, Reflect.get(target(memory, frame + 8), String(memory.int64(frame + 16)))),
    "syscall/js.valueSetIndex": (frame) =>
      void Reflect.set(target(memory, frame + 8), String(memory.int64(frame + 16)), memory.value(frame + 24)),
    "syscall/js.valueLength": (frame) =>
      memory.setInt64(frame + 16, Number(Reflect.get(target(memory, frame + 8), "length"))),
    "syscall/js.valuePrepareString": (frame) => {
      const bytes = new TextEncoder().encode(String(memory.value(frame + 8)));
      memory.setValue(frame + 16, bytes);
      memory.setInt64(frame + 24, bytes.length);
    },
    "syscall/js.valueLoadString": (frame) => {
      const bytes = memory.value(frame + 8);
      if (bytes instanceof Uint8Array) memory.slice(frame + 16).set(bytes);
    },
    "syscall/js.valueInstanceOf": (frame) => {
      const constructor = memory.value(frame + 16);
      memory.setBoolean(
        frame + 24,
        typeof constructor === "function" && memory.value(frame + 8) instanceof constructor,
      );
    },
    "syscall/js.copyBytesToGo": (frame) =>
      copyBytes(memory, frame + 40, memory.slice(frame + 8), memory.value(frame + 32)),
    "syscall/js.copyBytesToJS": (frame) =>
      copyBytes(memory, frame + 40, memory.value(frame + 8), memory.slice(frame + 16)),
  };
}

function callFunctions({ memory, stack }: GoHost): Record<string, GoFunction> {
  /** Go gets the result, or what was thrown, and which of the two it is. */
  const result = (offset: number, call: () => unknown): void => {
    let value: unknown;
    let done = true;
    try {
      value = call();
    } catch (thrown) {
      value = thrown;
      done = false;
    }
    const frame = stack();
    memory.setValue(frame + offset, value);
    memory.setBoolean(frame + offset + 8, done);
  };
  return {
    "syscall/js.valueCall": (frame) =>
      result(56, () => {
        const object = target(memory, frame + 8);
        const method: unknown = Reflect.get(object, memory.string(frame + 16));
        return Reflect.apply(callable(method), object, memory.values(frame + 32));
      }),
    "syscall/js.valueInvoke": (frame) =>
      result(40, () =>
        Reflect.apply(callable(memory.value(frame + 8)), undefined, memory.values(frame + 16)),
      ),
    "syscall/js.valueNew": (frame) =>
      result(40, () => {
        const made: unknown = Reflect.construct(callable(memory.value(frame + 8)), memory.values(frame + 16));
        return made;
      }),
  };
}

/** Strings and numbers have properties, too. */
function target(memory: GoMemory, at: number): object {
  return Object(memory.value(at)) as object;
}

type AnyFunction = (...values: readonly unknown[]) => unknown;

function callable(value: unknown): AnyFunction {
  if (typeof value !== "function") throw new TypeError("the value is no function");
  return value as AnyFunction;
}

/** Tells how many bytes were copied, and whether they could be. */
function copyBytes(memory: GoMemory, at: number, to: unknown, from: unknown): void {
  if (!isBytes(to) || !isBytes(from)) {
    memory.setBoolean(at + 8, false);
    return;
  }
  const part = from.subarray(0, to.length);
  to.set(part);
  memory.setInt64(at, part.length);
  memory.setBoolean(at + 8, true);
}

function isBytes(value: unknown): value is Uint8Array | Uint8ClampedArray {
  return value instanceof Uint8Array || value instanceof Uint8ClampedArray;
}
