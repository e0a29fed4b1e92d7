// What a WebAssembly program may ask of the world around it: POSIX's calls by name, with Linux's numbers and errors.
// The interface only, and its rules (SPEC SYS-…): it knows no WASI, no Go, and not where the files are.

import type { Awaitable } from "#core/base/awaitable.ts";
import { openFlag } from "#machine/fs/fs.ts";

/** In place of a directory: the working directory. */
export const atFdCwd = -100;

/** What openat(2) takes, Linux numbers (asm-generic). */
export const systemFlag = {
  ...openFlag,
  nonBlock: 0o4000,
  dataSync: 0o10000,
  directory: 0o200000,
  noFollow: 0o400000,
  sync: 0o4010000,
} as const;

/** Those of an open file that setFlags changes; the others are fixed when it is opened. */
export const changeableFlags = systemFlag.append | systemFlag.nonBlock;

/** The last argument of the calls that end in "at". */
export const atFlag = {
  /** A symbolic link at the end of the path is meant itself. */
  noFollow: 0x100,
  /** unlinkat: removes a directory (rmdir). */
  removeDirectory: 0x200,
  /** linkat: follows a symbolic link at the end of the first path. */
  follow: 0x400,
} as const;

export const seekFrom = { start: 0, current: 1, end: 2 } as const;

/** What poll(2) takes and gives. */
export const pollEvent = { input: 0x1, output: 0x4, error: 0x8, hangUp: 0x10, invalid: 0x20 } as const;

/** The longest path, and the most that one call reads, writes or lists: callers split what is larger. */
export const systemLimits = { pathBytes: 4096, dataBytes: 128 * 1024, entries: 256 } as const;

export interface Stat {
  readonly dev: number;
  readonly ino: number;
  /** File type and permission bits. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly atime: bigint;
  readonly mtime: bigint;
  readonly ctime: bigint;
}

export interface Opened {
  readonly fd: number;
  /** As stat(2) tells: saves who must know the type a second call. */
  readonly mode: number;
}

export interface Entry {
  readonly name: string;
  readonly ino: number;
  /** File type bits of the mode. */
  readonly type: number;
  /** The cookie behind this entry: opaque, greater than 0, stable while the directory changes. */
  readonly next: number;
}

export interface PollRequest {
  readonly fd: number;
  readonly events: number;
}

/** At the same place as its request; `events` is 0 where nothing has happened. */
export interface PollResult {
  readonly events: number;
  /** Bytes that can be read at once, where that is known. */
  readonly bytes: number;
}

/** A time for utimensat: nanoseconds since the epoch, the present, or as it is. */
export type NewTime = bigint | "now" | "keep";

/**
 * Failures are FsError. The rules, with SPEC's numbers:
 * [SYS-1] Descriptors 0, 1 and 2 exist from the start; openat gives the lowest free number.
 * [SYS-2] A path relative to a directory's descriptor stays beneath it: an absolute path, a `..` that goes above it and a
 * symbolic link that leads out (an absolute one always does) fail with EPERM, whatever is there. A path relative to
 * `atFdCwd` is resolved as Linux does: that is for programs without a sandbox.
 * [SYS-3] An empty path means the file of the descriptor itself (AT_EMPTY_PATH), in fstatat, utimensat, fchmodat, fchownat.
 * [SYS-4] A read gives at most what was asked for, empty bytes at the end; a write tells how much it took. Both may wait.
 * [SYS-5] After `end`, every waiting call fails with EINTR, every descriptor is closed, and every further call fails with EBADF.
 */
export interface System {
  openat(dir: number, path: string, flags: number, mode: number): Awaitable<Opened>;
  close(fd: number): Awaitable<void>;

  read(fd: number, count: number): Awaitable<Uint8Array>;
  write(fd: number, data: Uint8Array): Awaitable<number>;
  /** ESPIPE for what has no offset. */
  pread(fd: number, offset: number, count: number): Awaitable<Uint8Array>;
  /** With O_APPEND the offset is ignored, as Linux does. */
  pwrite(fd: number, offset: number, data: Uint8Array): Awaitable<number>;
  /** The new offset. */
  lseek(fd: number, offset: number, whence: number): Awaitable<number>;
  ftruncate(fd: number, size: number): Awaitable<void>;
  fsync(fd: number): Awaitable<void>;
  /** fcntl(F_GETFL): access mode and status flags. */
  getFlags(fd: number): Awaitable<number>;
  /** fcntl(F_SETFL): see `changeableFlags`. */
  setFlags(fd: number, flags: number): Awaitable<void>;

  /** Entries after `cookie` (0 = from the start), at most `max`, empty at the end; no "." and "..". */
  readdir(fd: number, cookie: number, max: number): Awaitable<readonly Entry[]>;

  fstatat(dir: number, path: string, flags: number): Awaitable<Stat>;
  utimensat(dir: number, path: string, atime: NewTime, mtime: NewTime, flags: number): Awaitable<void>;
  fchmodat(dir: number, path: string, mode: number): Awaitable<void>;
  /** -1 leaves an owner as it is. */
  fchownat(dir: number, path: string, uid: number, gid: number, flags: number): Awaitable<void>;

  mkdirat(dir: number, path: string, mode: number): Awaitable<void>;
  unlinkat(dir: number, path: string, flags: number): Awaitable<void>;
  renameat(dir: number, path: string, newDir: number, newPath: string): Awaitable<void>;
  linkat(dir: number, path: string, newDir: number, newPath: string, flags: number): Awaitable<void>;
  symlinkat(target: string, dir: number, path: string): Awaitable<void>;
  readlinkat(dir: number, path: string): Awaitable<string>;

  /** Changes what `atFdCwd` means; gives its absolute path. */
  chdir(path: string): Awaitable<string>;

  /** Waits until something has happened or `timeout` nanoseconds are over (undefined: for ever). */
  poll(requests: readonly PollRequest[], timeout: bigint | undefined): Awaitable<readonly PollResult[]>;

  /** The program has ended. */
  end(): Awaitable<void>;
}
