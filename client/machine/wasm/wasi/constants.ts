// Numbers of WASI preview 1 (wasi_snapshot_preview1): what its functions take and give.

import type { Errno } from "#core/base/errno.ts";
import { fileType } from "#machine/fs/fs.ts";

/** WASI's numbers by the names of errors. Only what no FsError names has a name of its own here. */
export const wasiErrno: { readonly [Name in Errno]: number } & {
  readonly success: 0;
  readonly notCapable: 76;
} = {
  success: 0,
  notCapable: 76,
  E2BIG: 1,
  EACCES: 2,
  EAGAIN: 6,
  EBADF: 8,
  EBUSY: 10,
  ECANCELED: 11,
  ECHILD: 12,
  EDQUOT: 19,
  EEXIST: 20,
  EFAULT: 21,
  EFBIG: 22,
  EILSEQ: 25,
  EINTR: 27,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  ENAMETOOLONG: 37,
  // WASI has no such error: the nearest.
  ENODATA: 29,
  ENETUNREACH: 40,
  ENFILE: 41,
  ENODEV: 43,
  ENOENT: 44,
  ENOEXEC: 45,
  ENOLCK: 46,
  ENOMEM: 48,
  ENOSPC: 51,
  ENOSYS: 52,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENOTSOCK: 57,
  EOPNOTSUPP: 58,
  ENOTTY: 59,
  ENXIO: 60,
  EOVERFLOW: 61,
  EPERM: 63,
  EPIPE: 64,
  EPROTO: 65,
  ERANGE: 68,
  EROFS: 69,
  ESPIPE: 70,
  ESRCH: 71,
  ESTALE: 72,
  ETIMEDOUT: 73,
  ETXTBSY: 74,
  EXDEV: 75,
};

export const wasiType = {
  unknown: 0,
  block: 1,
  character: 2,
  directory: 3,
  regular: 4,
  socketDatagram: 5,
  socketStream: 6,
  symlink: 7,
} as const;

/** A pipe has no type in WASI. */
export function wasiTypeOf(mode: number): number {
  switch (mode & fileType.mask) {
    case fileType.block:
      return wasiType.block;
    case fileType.character:
      return wasiType.character;
    case fileType.directory:
      return wasiType.directory;
    case fileType.regular:
      return wasiType.regular;
    case fileType.socket:
      return wasiType.socketStream;
    case fileType.symlink:
      return wasiType.symlink;
    default:
      return wasiType.unknown;
  }
}

export const right = {
  dataSync: 1n << 0n,
  read: 1n << 1n,
  seek: 1n << 2n,
  setFlags: 1n << 3n,
  sync: 1n << 4n,
  tell: 1n << 5n,
  write: 1n << 6n,
  advise: 1n << 7n,
  allocate: 1n << 8n,
  createDirectory: 1n << 9n,
  createFile: 1n << 10n,
  linkSource: 1n << 11n,
  linkTarget: 1n << 12n,
  open: 1n << 13n,
  readdir: 1n << 14n,
  readlink: 1n << 15n,
  renameSource: 1n << 16n,
  renameTarget: 1n << 17n,
  pathFilestat: 1n << 18n,
  pathSetSize: 1n << 19n,
  pathSetTimes: 1n << 20n,
  filestat: 1n << 21n,
  setSize: 1n << 22n,
  setTimes: 1n << 23n,
  symlink: 1n << 24n,
  removeDirectory: 1n << 25n,
  unlink: 1n << 26n,
  poll: 1n << 27n,
} as const;

export const allRights = (1n << 28n) - 1n;

/** What only a directory can be used for. */
export const pathRights =
  right.createDirectory |
  right.createFile |
  right.linkSource |
  right.linkTarget |
  right.open |
  right.readdir |
  right.readlink |
  right.renameSource |
  right.renameTarget |
  right.pathFilestat |
  right.pathSetSize |
  right.pathSetTimes |
  right.symlink |
  right.removeDirectory |
  right.unlink;

export const directoryRights =
  pathRights | right.dataSync | right.sync | right.setFlags | right.filestat | right.setTimes;

export const fileRights = allRights & ~pathRights;

/** What has no offset: a terminal is recognised by the two that are missing. */
export const streamRights = fileRights & ~(right.seek | right.tell | right.allocate | right.setSize);

/** What only makes sense where the descriptor was opened for writing. */
export const writeRights = right.write | right.allocate | right.setSize;

export const fdFlag = { append: 1, dataSync: 2, nonBlock: 4, readSync: 8, sync: 16 } as const;

export const openingFlag = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

export const lookupFollow = 1;

export const timeFlag = { atime: 1, atimeNow: 2, mtime: 4, mtimeNow: 8 } as const;

export const clock = { realtime: 0, monotonic: 1, process: 2, thread: 3 } as const;

export const eventKind = { clock: 0, read: 1, write: 2 } as const;

/** subclockflags: the timeout is a point in time. */
export const clockAbsolute = 1;

/** eventrwflags */
export const readHangUp = 1;
