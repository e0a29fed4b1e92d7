// The calls of System by name, as they travel between a program's worker and the machine.

import { type Errno, errno, FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { System } from "../system.ts";
import type { Value } from "./values.ts";

/** What a program can call; it ends by ending. */
export type SystemCall = Exclude<keyof System, "end">;

/** System as a program sees it whose every call waits in the middle of its own computation. */
export type SynchronousSystem = {
  readonly [Name in SystemCall]: System[Name] extends (...values: infer Values) => Awaitable<infer Result>
    ? (...values: Values) => Awaited<Result>
    : never;
};

const callNames: { readonly [Name in SystemCall]: true } = {
  openat: true,
  close: true,
  read: true,
  write: true,
  pread: true,
  pwrite: true,
  lseek: true,
  ftruncate: true,
  fsync: true,
  getFlags: true,
  setFlags: true,
  readdir: true,
  fstatat: true,
  utimensat: true,
  fchmodat: true,
  fchownat: true,
  mkdirat: true,
  unlinkat: true,
  renameat: true,
  linkat: true,
  symlinkat: true,
  readlinkat: true,
  chdir: true,
  poll: true,
};

export const systemCalls = Object.keys(callNames) as readonly SystemCall[];

/** What came over the border, checked. EPROTO. */
function parseCall(call: unknown): { readonly name: SystemCall; readonly values: readonly unknown[] } {
  if (!Array.isArray(call)) throw new FsError("EPROTO", "a call is a list");
  const [name, ...values] = call as readonly unknown[];
  if (typeof name !== "string" || !Object.hasOwn(callNames, name))
    throw new FsError("EPROTO", "there is no such call");
  return { name: name as SystemCall, values };
}

/** May throw, as the call does. */
export function performCall(system: System, call: unknown): Awaitable<Value> {
  const { name, values } = parseCall(call);
  // Each implementation checks what it is given: a wrong value is an FsError or EIO there, and concerns its program alone.
  const method = system[name] as (...values: readonly unknown[]) => Awaitable<Value>;
  return method.apply(system, [...values]);
}

/** How an answer says that the call failed. */
export function failureOf(thrown: unknown): Errno {
  return thrown instanceof FsError ? thrown.code : "EIO";
}

export function errorOf(code: unknown): FsError {
  return new FsError(typeof code === "string" && Object.hasOwn(errno, code) ? (code as Errno) : "EIO");
}
