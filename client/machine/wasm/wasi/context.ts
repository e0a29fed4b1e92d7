// What the functions of WASI share, and how their failures become numbers.

import { FsError } from "#core/base/errno.ts";
import type { SynchronousSystem } from "../calls/calls.ts";
import { wasiErrno } from "./constants.ts";
import type { ProgramMemory } from "../program-memory.ts";
import { type DescriptorTable, NotCapable } from "./table.ts";

export interface WasiContext {
  readonly system: SynchronousSystem;
  readonly table: DescriptorTable;
  /** Of the running program: there from its first call on. */
  readonly memory: ProgramMemory;
  readonly argv: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
}

/** Addresses and 32-bit numbers come as numbers, 64-bit ones as bigints. */
export type WasiFunction = (...values: never[]) => void;

/** Ends the program in the middle of its computation. */
export class ProgramExit extends Error {
  readonly status: { readonly code: number; readonly signal?: string };

  constructor(status: { readonly code: number; readonly signal?: string }) {
    super(`the program ended with ${status.code}`);
    this.status = status;
  }
}

/** The function as a program calls it: gives an errno. What is no failure of a call ends the program. */
export function answering(perform: WasiFunction): (...values: never[]) => number {
  // i32 comes signed; WASI's are addresses, lengths and flags.
  const unsigned = (value: unknown): unknown => (typeof value === "number" ? value >>> 0 : value);
  return (...values) => {
    try {
      perform(...(values.map(unsigned) as never[]));
      return wasiErrno.success;
    } catch (thrown) {
      if (thrown instanceof FsError) return wasiErrno[thrown.code];
      if (thrown instanceof NotCapable) return wasiErrno.notCapable;
      if (thrown instanceof RangeError) return wasiErrno.EFAULT;
      throw thrown;
    }
  };
}
