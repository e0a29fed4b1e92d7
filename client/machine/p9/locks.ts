// Byte-range locks of the open files of one guest, as fcntl(2) and flock(2) ask for them over 9P.
// The guest's kernel has already settled conflicts among its own processes, so what is kept here is what others may ask.

import { type Body, lockKind } from "./messages.ts";

export interface LockRange {
  /** Of `lockKind`. */
  readonly lock: number;
  readonly start: number;
  /** Exclusive; Infinity to the end of the file. */
  readonly end: number;
  readonly fid: number;
  /** Process and client: one owner may hold a range through several fids. */
  readonly owner: string;
  readonly process: number;
  readonly client: string;
}

type Asked = Pick<Body<"Tlock">, "lock" | "start" | "length" | "process" | "client">;

export function lockRange(fid: number, asked: Asked): LockRange {
  const { lock, start, length, process, client } = asked;
  return {
    lock,
    start,
    end: length === 0 ? Infinity : start + length,
    fid,
    owner: `${process} ${client}`,
    process,
    client,
  };
}

export class LockTable {
  readonly #ranges = new Map<number, LockRange[]>();

  /** The lock of another owner that is in the way, if any. */
  conflict(ino: number, asked: LockRange): LockRange | undefined {
    return this.#ranges
      .get(ino)
      ?.find(
        (held) =>
          overlap(held, asked) &&
          !sameOwner(held, asked) &&
          (held.lock === lockKind.write || asked.lock === lockKind.write),
      );
  }

  /** Sets or lifts a range; what the same owner held there before is replaced. False where another's lock is in the way. */
  apply(ino: number, asked: LockRange): boolean {
    if (asked.lock !== lockKind.unlock && this.conflict(ino, asked) !== undefined) return false;
    const kept: LockRange[] = [];
    for (const held of this.#ranges.get(ino) ?? []) {
      if (!sameOwner(held, asked) || !overlap(held, asked)) {
        kept.push(held);
        continue;
      }
      if (held.start < asked.start) kept.push({ ...held, end: asked.start });
      if (held.end > asked.end) kept.push({ ...held, start: asked.end });
    }
    if (asked.lock !== lockKind.unlock) kept.push(asked);
    if (kept.length === 0) this.#ranges.delete(ino);
    else this.#ranges.set(ino, kept);
    return true;
  }

  /** Lifts what was locked through a fid that closes. */
  release(ino: number, fid: number): void {
    const held = this.#ranges.get(ino);
    if (held === undefined) return;
    const kept = held.filter((range) => range.fid !== fid);
    if (kept.length === 0) this.#ranges.delete(ino);
    else this.#ranges.set(ino, kept);
  }

  clear(): void {
    this.#ranges.clear();
  }
}

function overlap(a: LockRange, b: LockRange): boolean {
  return a.start < b.end && b.start < a.end;
}

/** flock(2) belongs to the open file (the fid), fcntl(2) to the process: either makes the two one owner. */
function sameOwner(a: LockRange, b: LockRange): boolean {
  return a.fid === b.fid || a.owner === b.owner;
}
