// Times that a program set to the nanosecond: a number of milliseconds holds a quarter of a microsecond.

import type { AttributeChange, Attributes } from "./fs.ts";

type Settable = "atime" | "mtime";

/** What the nanoseconds of the second were, and of which time: they count as long as that is the file's. */
export type FineTimes = {
  readonly [Name in Settable]?: { readonly of: number; readonly nanoseconds: number };
};

interface Timed {
  atime: number;
  mtime: number;
  fine?: FineTimes;
}

/** Takes up the times that are asked for. */
export function setTimes(inode: Timed, { atime, mtime, nanoseconds }: AttributeChange): void {
  if (atime !== undefined) inode.atime = atime;
  if (mtime !== undefined) inode.mtime = mtime;
  if (nanoseconds === undefined) return;
  const one = (name: Settable): FineTimes => {
    const set = nanoseconds[name];
    return set === undefined ? {} : { [name]: { of: inode[name], nanoseconds: set } };
  };
  inode.fine = { ...inode.fine, ...one("atime"), ...one("mtime") };
}

/** What of it still counts. */
export function nanosecondsOf({ fine, ...times }: Readonly<Timed>): Pick<Attributes, "nanoseconds"> {
  if (fine === undefined) return {};
  const one = (name: Settable): Attributes["nanoseconds"] =>
    fine[name]?.of === times[name] ? { [name]: fine[name].nanoseconds } : {};
  return { nanoseconds: { ...one("atime"), ...one("mtime") } };
}
