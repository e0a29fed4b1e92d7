// A WASI program's own table of descriptors: what it may do with each, and which descriptor of the System is behind it.

import { FsError } from "#core/base/errno.ts";
import type { SynchronousSystem } from "../calls/calls.ts";
import type { Preopen } from "../preopen.ts";
import { atFdCwd, systemFlag } from "../system.ts";
import {
  allRights,
  directoryRights,
  fdFlag,
  fileRights,
  pathRights,
  right,
  streamRights,
  wasiType,
  wasiTypeOf,
  writeRights,
} from "./constants.ts";

export interface WasiDescriptor {
  /** The System's descriptor. */
  readonly fd: number;
  readonly type: number;
  base: bigint;
  inheriting: bigint;
  readonly preopen?: Preopen;
}

/** Opened when it is first used: most programs use few of what they are given. */
type Slot = WasiDescriptor | { readonly preopen: Preopen; readonly opened?: undefined };

/** The descriptor lacks a right: WASI's ENOTCAPABLE, which POSIX does not know. */
export class NotCapable extends Error {}

export class DescriptorTable {
  readonly #system: SynchronousSystem;
  readonly #slots = new Map<number, Slot>();
  readonly #preopens: ReadonlyMap<number, Preopen>;

  constructor(system: SynchronousSystem, preopens: readonly Preopen[]) {
    this.#system = system;
    const firstPreopen = 3;
    this.#preopens = new Map(preopens.map((preopen, index) => [firstPreopen + index, preopen]));
    for (const [fd, preopen] of this.#preopens) this.#slots.set(fd, { preopen });
    for (const fd of [0, 1, 2]) this.#slots.set(fd, this.#standard(fd));
  }

  /** EBADF; NotCapable where a right of `needed` is missing. */
  get(fd: number, needed = 0n): WasiDescriptor {
    const slot = this.#slots.get(fd);
    if (slot === undefined) throw new FsError("EBADF");
    const found = "fd" in slot ? slot : this.#openPreopen(fd, slot.preopen);
    if ((found.base & needed) === needed) return found;
    throw refusal(found, needed & ~found.base);
  }

  /** What is known without opening a directory that nobody has used yet. EBADF. */
  peek(fd: number): Omit<WasiDescriptor, "fd"> & { readonly fd: number | undefined } {
    const slot = this.#slots.get(fd);
    if (slot === undefined) throw new FsError("EBADF");
    return "fd" in slot ? slot : { ...preopenedDirectory(slot.preopen), fd: undefined };
  }

  /** More was asked for than the descriptor has. */
  refuse(): never {
    throw new NotCapable();
  }

  /** Of a descriptor that still is the preopened one. EBADF. */
  preopen(fd: number): Preopen {
    const preopen = this.#slots.get(fd)?.preopen;
    if (preopen === undefined) throw new FsError("EBADF");
    return preopen;
  }

  /** At the lowest free number. */
  add(descriptor: WasiDescriptor): number {
    let fd = 0;
    while (this.#slots.has(fd)) fd++;
    this.#slots.set(fd, descriptor);
    return fd;
  }

  close(fd: number): void {
    const slot = this.#slots.get(fd);
    if (slot === undefined) throw new FsError("EBADF");
    this.#slots.delete(fd);
    if ("fd" in slot) this.#system.close(slot.fd);
  }

  /** dup2 and close in one: `to` must be open, as WASI wants it. */
  renumber(from: number, to: number): void {
    const slot = this.#slots.get(from);
    if (slot === undefined || !this.#slots.has(to)) throw new FsError("EBADF");
    if (from === to) return;
    this.close(to);
    this.#slots.delete(from);
    this.#slots.set(to, slot);
  }

  #openPreopen(fd: number, preopen: Preopen): WasiDescriptor {
    const { fd: opened } = this.#system.openat(
      atFdCwd,
      preopen.path,
      systemFlag.readOnly | systemFlag.directory,
      0,
    );
    const found = { ...preopenedDirectory(preopen), fd: opened };
    this.#slots.set(fd, found);
    return found;
  }

  /** What is behind 0, 1 and 2 differs: a terminal, a pipe, a file that the shell opened. */
  #standard(fd: number): WasiDescriptor {
    const system = this.#system;
    const wanted = (mode: number): bigint =>
      wasiTypeOf(mode) === wasiType.regular ? fileRights : streamRights;
    let known: { readonly type: number; base: bigint } | undefined;
    const look = (): { readonly type: number; base: bigint } => {
      if (known === undefined) {
        const { mode } = system.fstatat(fd, "", 0);
        const direction = fd === 0 ? ~writeRights : ~right.read;
        known = { type: wasiTypeOf(mode), base: wanted(mode) & direction };
      }
      return known;
    };
    return {
      fd,
      get type() {
        return look().type;
      },
      get base() {
        return look().base;
      },
      set base(base) {
        look().base = base;
      },
      inheriting: 0n,
    };
  }
}

function preopenedDirectory(preopen: Preopen): Omit<WasiDescriptor, "fd"> {
  return { type: wasiType.directory, base: directoryRights, inheriting: allRights, preopen };
}

/** POSIX's error where it has one for what is missing. */
function refusal({ type }: WasiDescriptor, missing: bigint): Error {
  if (type === wasiType.directory) {
    if ((missing & right.read) !== 0n) return new FsError("EISDIR");
    return (missing & ~directoryRights) === 0n ? new NotCapable() : new FsError("EBADF");
  }
  if ((missing & pathRights) !== 0n) return new FsError("ENOTDIR");
  if (type !== wasiType.regular && (missing & (right.seek | right.tell)) !== 0n) return new FsError("ESPIPE");
  // It was not opened for that.
  if ((missing & (right.read | writeRights)) !== 0n) return new FsError("EBADF");
  return new NotCapable();
}

export function wasiFlagsOf(flags: number): number {
  let result = 0;
  if ((flags & systemFlag.append) !== 0) result |= fdFlag.append;
  if ((flags & systemFlag.nonBlock) !== 0) result |= fdFlag.nonBlock;
  if ((flags & systemFlag.sync) === systemFlag.sync) result |= fdFlag.sync;
  else if ((flags & systemFlag.dataSync) !== 0) result |= fdFlag.dataSync;
  return result;
}

export function systemFlagsOf(flags: number): number {
  let result = 0;
  if ((flags & fdFlag.append) !== 0) result |= systemFlag.append;
  if ((flags & fdFlag.nonBlock) !== 0) result |= systemFlag.nonBlock;
  if ((flags & fdFlag.dataSync) !== 0) result |= systemFlag.dataSync;
  if ((flags & (fdFlag.sync | fdFlag.readSync)) !== 0) result |= systemFlag.sync;
  return result;
}
