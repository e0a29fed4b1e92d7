// The errors of files: POSIX names, Linux numbers, and one exception that carries them.

/** Linux numbers of the errors that Conch uses (include/uapi/asm-generic/errno*.h). */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOLCK: 37,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENODATA: 61,
  EPROTO: 71,
  EOVERFLOW: 75,
  EILSEQ: 84,
  ENOTSOCK: 88,
  EOPNOTSUPP: 95,
  ENETUNREACH: 101,
  ETIMEDOUT: 110,
  ESTALE: 116,
  EDQUOT: 122,
  ECANCELED: 125,
} as const;

export type Errno = keyof typeof errno;

const names: ReadonlyMap<number, Errno> = new Map(
  Object.entries(errno).map(([name, number]) => [number, name as Errno]),
);

/** The name of a Linux number; EIO for one that Conch has no name for. */
export function errnoOfNumber(number: number): Errno {
  return names.get(number) ?? "EIO";
}

/** An expected failure of a file operation. */
export class FsError extends Error {
  readonly code: Errno;

  constructor(code: Errno, detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = "FsError";
    this.code = code;
  }

  /** The Linux number, as 9P's Rlerror carries it. */
  get number(): number {
    return errno[this.code];
  }
}

/** The errno of anything that was thrown: what is no FsError is an I/O error. */
export function errnoOf(thrown: unknown): Errno {
  return thrown instanceof FsError ? thrown.code : "EIO";
}
