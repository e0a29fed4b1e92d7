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
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
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
  EILSEQ: 84,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  ESTALE: 116,
  EDQUOT: 122,
  ECANCELED: 125,
} as const;

export type Errno = keyof typeof errno;

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
