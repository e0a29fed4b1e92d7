// Runs a WASI preview 1 program in this thread, to its end, over a System whose calls wait.

import type { ExitStatus } from "#core/machine/machine.ts";
import type { SynchronousSystem } from "../calls/calls.ts";
import { answering, ProgramExit, type WasiContext } from "./context.ts";
import { descriptorFunctions } from "./descriptor-functions.ts";
import { ProgramMemory } from "../program-memory.ts";
import { pathFunctions } from "./paths.ts";
import { pollFunctions, type Sleep } from "./poll.ts";
import { processFunctions } from "./process.ts";
import type { Preopen } from "../preopen.ts";
import { DescriptorTable } from "./table.ts";

export interface WasiProgram {
  readonly module: WebAssembly.Module;
  readonly argv: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly preopens: readonly Preopen[];
  readonly system: SynchronousSystem;
  readonly sleep: Sleep;
}

export const wasiModuleName = "wasi_snapshot_preview1";

export interface WasiWorld extends Omit<WasiProgram, "module"> {
  readonly memory: { readonly buffer: ArrayBufferLike };
}

/** What a program imports. */
export function wasiFunctions({ memory, preopens, sleep, ...world }: WasiWorld): Record<string, unknown> {
  const { system } = world;
  const context: WasiContext = {
    ...world,
    table: new DescriptorTable(system, preopens),
    memory: new ProgramMemory(memory),
  };
  const functions: Record<string, unknown> = {};
  const groups = [descriptorFunctions, pathFunctions, processFunctions];
  for (const group of [...groups, (given: WasiContext) => pollFunctions(given, sleep)])
    for (const [name, perform] of Object.entries(group(context))) functions[name] = answering(perform);
  return functions;
}

/** Rejects with what the program threw where it was no exit: a trap. */
export async function runWasi(program: WasiProgram): Promise<ExitStatus> {
  // The memory comes with the instance, which needs the functions first.
  const memory: { buffer: ArrayBufferLike } = { buffer: new ArrayBuffer(0) };
  const functions = wasiFunctions({ ...program, memory });
  const { exports } = await WebAssembly.instantiate(program.module, { [wasiModuleName]: functions });
  if (exports["memory"] instanceof WebAssembly.Memory) {
    const real = exports["memory"];
    Object.defineProperty(memory, "buffer", { get: () => real.buffer });
  }
  const start = exports["_start"];
  if (typeof start !== "function") throw new Error("invariant violation: the module has no _start");
  try {
    // A module's exports take and give what its own types say: _start takes and gives nothing.
    (start as () => void)();
    return { code: 0 };
  } catch (thrown) {
    if (thrown instanceof ProgramExit) return thrown.status;
    throw thrown;
  }
}
