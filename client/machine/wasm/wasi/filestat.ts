// filestat as WASI lays it out, and the times that programs set.

import { FsError } from "#core/base/errno.ts";
import type { NewTime, Stat } from "../system.ts";
import { timeFlag, wasiTypeOf } from "./constants.ts";
import type { ProgramMemory } from "../program-memory.ts";

export function writeFilestat(memory: ProgramMemory, at: number, stat: Stat): void {
  memory.setUint64(at, BigInt(stat.dev));
  memory.setUint64(at + 8, BigInt(stat.ino));
  memory.setUint64(at + 16, BigInt(wasiTypeOf(stat.mode)));
  memory.setUint64(at + 24, BigInt(stat.nlink));
  memory.setUint64(at + 32, BigInt(stat.size));
  memory.setUint64(at + 40, stat.atime);
  memory.setUint64(at + 48, stat.mtime);
  memory.setUint64(at + 56, stat.ctime);
}

/** EINVAL where a time is set and made the present at once. */
export function newTimes(
  atime: bigint,
  mtime: bigint,
  flags: number,
): { readonly atime: NewTime; readonly mtime: NewTime } {
  const one = (time: bigint, set: number, present: number): NewTime => {
    if ((flags & set) !== 0 && (flags & present) !== 0) throw new FsError("EINVAL");
    if ((flags & present) !== 0) return "now";
    return (flags & set) !== 0 ? BigInt.asIntN(64, time) : "keep";
  };
  return {
    atime: one(atime, timeFlag.atime, timeFlag.atimeNow),
    mtime: one(mtime, timeFlag.mtime, timeFlag.mtimeNow),
  };
}
