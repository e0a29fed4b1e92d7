// Attributes of files as 9P carries them: Rgetattr out of what a file system says, a change out of Tsetattr.

import { type AttributeChange, type Attributes, fileType } from "#machine/fs/fs.ts";
import { qidOf } from "./fids.ts";
import { getattrBasic, type MessageOf, type Reply, setattrValid } from "./messages.ts";

/** What programs see as st_blksize: stdio and Python take it as buffer size, so not the whole msize. */
const preferredIoBytes = 32 * 1024;

/** `lease` is the file system's when the attributes were true. */
export function getattrReply(found: Attributes, lease: number): Reply {
  return {
    kind: "Rgetattr",
    valid: getattrBasic,
    qid: qidOf({ ...found, type: found.mode & fileType.mask }),
    mode: found.mode,
    uid: found.uid,
    gid: found.gid,
    nlink: found.nlink,
    rdev: found.rdev,
    size: found.size,
    blockSize: preferredIoBytes,
    blocks: Math.ceil(found.size / 512),
    ...timeFields("atime", found.atime, found.nanoseconds?.atime),
    ...timeFields("mtime", found.mtime, found.nanoseconds?.mtime),
    ...timeFields("ctime", found.ctime, undefined),
    btimeSeconds: 0,
    btimeNanoseconds: 0,
    generation: 0,
    dataVersion: found.leased === true ? lease : 0,
  };
}

export function setattrChange(request: MessageOf<"Tsetattr">, now: () => number): AttributeChange {
  const { valid, mode, uid, gid, size } = request;
  const asked = (bit: number): boolean => (valid & bit) !== 0;
  const atime = asked(setattrValid.atimeSet)
    ? milliseconds(request.atimeSeconds, request.atimeNanoseconds)
    : now();
  const mtime = asked(setattrValid.mtimeSet)
    ? milliseconds(request.mtimeSeconds, request.mtimeNanoseconds)
    : now();
  return {
    ...(asked(setattrValid.mode) ? { mode } : {}),
    ...(asked(setattrValid.uid) ? { uid } : {}),
    ...(asked(setattrValid.gid) ? { gid } : {}),
    ...(asked(setattrValid.size) ? { size } : {}),
    ...(asked(setattrValid.atime) ? { atime } : {}),
    ...(asked(setattrValid.mtime) ? { mtime } : {}),
    nanoseconds: {
      ...(asked(setattrValid.atimeSet) ? { atime: request.atimeNanoseconds } : {}),
      ...(asked(setattrValid.mtimeSet) ? { mtime: request.mtimeNanoseconds } : {}),
    },
  };
}

function milliseconds(seconds: number, nanoseconds: number): number {
  return seconds * 1000 + Math.floor(nanoseconds / 1000) / 1000;
}

type TimeName = "atime" | "mtime" | "ctime";
type TimeFields<N extends TimeName> = { readonly [K in `${N}Seconds` | `${N}Nanoseconds`]: number };

/** To the microsecond, which is what a fraction of milliseconds holds, unless more is known. */
function timeFields<N extends TimeName>(name: N, time: number, exact: number | undefined): TimeFields<N> {
  const microseconds = Math.round(time * 1000);
  const seconds = Math.floor(microseconds / 1e6);
  const nanoseconds = exact ?? (microseconds - seconds * 1e6) * 1000;
  // Both keys are there by construction; TypeScript widens computed ones.
  return { [`${name}Seconds`]: seconds, [`${name}Nanoseconds`]: nanoseconds } as TimeFields<N>;
}
