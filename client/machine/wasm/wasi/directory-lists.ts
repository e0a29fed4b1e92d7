// fd_readdir: entries into a buffer that may cut the last one, from a cookie on. "." and ".." are WASI's to list.

import { encodeUtf8 } from "#core/base/bytes.ts";
import type { SynchronousSystem } from "../calls/calls.ts";
import { type Entry, systemLimits } from "../system.ts";
import { wasiType, wasiTypeOf } from "./constants.ts";

const entryHeaderBytes = 24;

/** Cookies 1 and 2 are behind "." and ".."; those of the System are moved up by as many. */
const ownEntries = 2;

interface Listed {
  readonly cookie: number;
  readonly entries: readonly Entry[];
}

export class DirectoryLists {
  readonly #system: SynchronousSystem;
  /** The last piece of each directory: who reads with a small buffer asks for its rest next. */
  readonly #last = new Map<number, Listed>();

  constructor(system: SynchronousSystem) {
    this.#system = system;
  }

  forget(fd: number): void {
    this.#last.delete(fd);
  }

  /** The bytes used: all of `target` where there is more. `fd` is the program's number, `directory` the System's. */
  write(target: Uint8Array, fd: number, directory: number, cookie: number): number {
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    const header = new Uint8Array(entryHeaderBytes);
    const headerView = new DataView(header.buffer);
    let used = 0;
    for (const { name, ino, type, next } of this.#entries(fd, directory, cookie)) {
      const bytes = encodeUtf8(name);
      headerView.setBigUint64(0, BigInt(next), true);
      headerView.setBigUint64(8, BigInt(ino), true);
      headerView.setUint32(16, bytes.length, true);
      headerView.setUint32(20, type, true);
      used += put(target, used, header);
      used += put(target, used, bytes);
      if (used === view.byteLength) break;
    }
    return used;
  }

  *#entries(fd: number, directory: number, cookie: number): Generator<Entry> {
    if (cookie === 0) {
      this.#last.delete(fd);
      const { ino } = this.#system.fstatat(directory, "", 0);
      yield { name: ".", ino, type: wasiType.directory, next: 1 };
    }
    // The number of the parent is nobody's business: it may be outside.
    if (cookie < ownEntries) yield { name: "..", ino: 0, type: wasiType.directory, next: ownEntries };
    for (let at = Math.max(0, cookie - ownEntries); ;) {
      const entries = this.#after(fd, directory, at);
      if (entries.length === 0) return;
      for (const { name, ino, type, next } of entries) {
        at = next;
        yield { name, ino, type: wasiTypeOf(type), next: next + ownEntries };
      }
    }
  }

  #after(fd: number, directory: number, cookie: number): readonly Entry[] {
    const last = this.#last.get(fd);
    if (last !== undefined) {
      if (last.cookie === cookie && last.entries.length > 0) return last.entries;
      const index = last.entries.findIndex(({ next }) => next === cookie);
      if (index !== -1 && index + 1 < last.entries.length) return last.entries.slice(index + 1);
    }
    const entries = this.#system.readdir(directory, cookie, systemLimits.entries);
    this.#last.set(fd, { cookie, entries });
    return entries;
  }
}

/** As much as there is room for. */
function put(target: Uint8Array, at: number, bytes: Uint8Array): number {
  const part = bytes.subarray(0, target.length - at);
  target.set(part, at);
  return part.length;
}
