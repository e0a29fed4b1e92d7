// Runs a Go program (GOOS=js GOARCH=wasm) in this thread: its memory at the start, its events, its end.

import { encodeUtf8 } from "#core/base/bytes.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import type { System } from "../system.ts";
import { goFileApi } from "./file-api.ts";
import { goGlobal } from "./global.ts";
import { GoMemory } from "./go-memory.ts";
import { goImports } from "./imports.ts";
import { References } from "./references.ts";

export interface GoProgram {
  readonly module: WebAssembly.Module;
  readonly argv: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly cwd: string;
  /** Every call gives a promise. */
  readonly system: System;
  readonly chdir: (path: string) => string;
  /** A line of the runtime's own (panics, println): in order with what `system` writes, and nothing waits for it. */
  readonly print: (fd: number, data: Uint8Array) => void;
}

/** Up to Go 1.20, and since. */
export const goModuleNames: readonly string[] = ["go", "gojs"];

/** Where Go looks for its arguments, and where its data begins: between the two they must fit. */
const argumentsStart = 4096;
const argumentsEnd = argumentsStart + 8192;

/** What Go calls an event is a call of one of its functions. */
interface PendingEvent {
  readonly id: number;
  readonly this: unknown;
  readonly args: unknown;
  result?: unknown;
}

interface GoExports {
  readonly run: (argc: number, argv: number) => void;
  readonly resume: () => void;
  readonly getsp: () => number;
  readonly mem: WebAssembly.Memory;
}

/** Rejects with what the program threw where it was no exit. */
export function runGo(program: GoProgram): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    new GoRun(program, resolve, reject).start().catch(reject);
  });
}

class GoRun {
  readonly #program: GoProgram;
  readonly #resolve: (status: ExitStatus) => void;
  readonly #reject: (thrown: unknown) => void;
  readonly #timers = new Map<number, unknown>();
  /** What Go sees of us: the names are its own. */
  readonly #runtime: { _pendingEvent: PendingEvent | null; _makeFuncWrapper: (id: number) => unknown };
  #exports: GoExports | undefined;
  #lastTimer = 0;
  /** Calls of files under way: with the timers, what can still wake the program. */
  #calls = 0;
  /** How deep JavaScript and Go have called each other. */
  #depth = 0;
  #exited = false;

  constructor(program: GoProgram, resolve: (status: ExitStatus) => void, reject: (thrown: unknown) => void) {
    this.#program = program;
    this.#resolve = resolve;
    this.#reject = reject;
    const handle = (event: PendingEvent): unknown => this.#handle(event);
    this.#runtime = {
      _pendingEvent: null,
      _makeFuncWrapper: (id) =>
        function (this: unknown, ...args: readonly unknown[]) {
          return handle({ id, this: this, args });
        },
    };
  }

  async start(): Promise<void> {
    const { module, argv, env, cwd, system, chdir, print } = this.#program;
    const files = goFileApi({
      system,
      cwd,
      chdir,
      began: () => this.#calls++,
      ended: () => this.#calls--,
    });
    const path = { resolve: (...parts: readonly string[]) => parts.join("/") };
    const global = goGlobal({ ...files, path });
    const references = new References(global, this.#runtime);
    const buffer = { buffer: new ArrayBuffer(0) as ArrayBufferLike };
    const memory = new GoMemory(buffer, references);
    const imports = goImports({
      memory,
      references,
      stack: () => this.#live().getsp() >>> 0,
      exit: (code) => this.#exit(code),
      print,
      setTimer: (milliseconds) => this.#setTimer(milliseconds),
      clearTimer: (id) => this.#clearTimer(id),
    });
    const given = Object.fromEntries(goModuleNames.map((name) => [name, imports]));
    const { exports } = await WebAssembly.instantiate(module, given);
    // Each Go program exports these, with these types.
    const live = exports as unknown as GoExports;
    this.#exports = live;
    Object.defineProperty(buffer, "buffer", { get: () => live.mem.buffer });
    const argumentsAt = writeArguments(memory, argv, env);
    this.#enter(() => live.run(argv.length, argumentsAt));
  }

  #live(): GoExports {
    if (this.#exports === undefined) throw new Error("invariant violation: Go has not started");
    return this.#exports;
  }

  #handle(event: PendingEvent): unknown {
    if (this.#exited) return undefined;
    this.#runtime._pendingEvent = event;
    this.#resume();
    return event.result;
  }

  #resume(): void {
    this.#enter(() => this.#live().resume());
  }

  /** Runs Go until nothing in it can go on. */
  #enter(go: () => void): void {
    if (this.#exited) return;
    this.#depth++;
    try {
      go();
    } catch (thrown) {
      this.#exited = true;
      this.#reject(thrown);
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0 && !this.#exited) this.#checkDeadlockLater();
  }

  /**
   * Nothing can wake the program any more: event 0 makes Go report its deadlock and exit. In a task of its own, after
   * every promise that the program may wait for.
   */
  #checkDeadlockLater(): void {
    const idle = (): boolean => !this.#exited && this.#depth === 0 && this.#calls + this.#timers.size === 0;
    if (!idle()) return;
    setTimeout(() => {
      if (idle()) this.#handle({ id: 0, this: undefined, args: [] });
    });
  }

  /** Go itself stops after this call. */
  #exit(code: number): void {
    this.#exited = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#resolve({ code: code & 0xff });
  }

  #setTimer(milliseconds: number): number {
    const id = ++this.#lastTimer;
    const timer = setTimeout(() => {
      this.#resume();
      // A timer that came too early: Go looks again, and takes it out when it has seen it.
      while (this.#timers.has(id) && !this.#exited) this.#resume();
    }, milliseconds);
    this.#timers.set(id, timer);
    return id;
  }

  #clearTimer(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}

/** Strings first, then the pointers to them: arguments, 0, environment, 0. Returns where the pointers are. */
function writeArguments(memory: GoMemory, argv: readonly string[], env: readonly string[]): number {
  const wordBytes = 8;
  const strings = [...argv, ...env].map((text) => encodeUtf8(`${text}\0`));
  const padded = (length: number): number => Math.ceil(length / wordBytes) * wordBytes;
  const bytes = strings.reduce((sum, { length }) => sum + padded(length), 0);
  const pointersBytes = (strings.length + 2) * wordBytes;
  if (argumentsStart + bytes + pointersBytes > argumentsEnd)
    throw new Error("arguments and environment are longer than a Go program takes (8 KiB)");
  let at = argumentsStart;
  const pointers = strings.map((text) => {
    const pointer = at;
    memory.bytes(at, text.length).set(text);
    at += padded(text.length);
    return pointer;
  });
  pointers.splice(argv.length, 0, 0);
  pointers.push(0);
  for (const [index, pointer] of pointers.entries()) memory.setUint32(at + index * wordBytes, pointer);
  return at;
}
