// The file system interface that everything a guest can reach implements.
// Knows neither 9P nor v86: inodes are numbers, times are milliseconds, failures are FsError.

import type { Awaitable } from "#core/base/awaitable.ts";
import type { Disposer } from "#core/base/disposable.ts";
import type { Caller } from "./caller.ts";

/** An inode number, unique in its file system, stable while the file system lives, 1 ≤ ino < 2^28 (the mount table adds the rest). */
export type Ino = number;

/** File type bits of a mode (stat.h S_IFMT and its values). */
export const fileType = {
  mask: 0o170000,
  socket: 0o140000,
  symlink: 0o120000,
  regular: 0o100000,
  block: 0o060000,
  directory: 0o040000,
  character: 0o020000,
  fifo: 0o010000,
} as const;

/** What stat(2) tells. Times are milliseconds since the epoch and may have fractions down to a microsecond. */
export interface Attributes {
  readonly ino: Ino;
  /** File type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly rdev: number;
  /** Bytes; of a symlink, the length of its target. */
  readonly size: number;
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
  /** Within the second, of those times of which the file system knows more than the numbers above can hold. */
  readonly nanoseconds?: Nanoseconds;
  /**
   * Whether others than this guest may change the file: then its 9P qid.version is 0 and the kernel never caches it.
   * A file is shared or not for life, and a shared directory makes shared children.
   */
  readonly shared: boolean;
  /**
   * Of a shared file: what was told of its name and attributes is true as long as `Fs.lease` says the same, but for
   * what this guest changes itself. For life, too.
   */
  readonly leased?: boolean;
}

interface Nanoseconds {
  readonly atime?: number;
  readonly mtime?: number;
}

/** The part of setattr(2) that is asked for. */
export interface AttributeChange {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  /** To the microsecond. */
  readonly atime?: number;
  readonly mtime?: number;
  /** Within the second, of times that are set exactly: for who can keep them. */
  readonly nanoseconds?: Nanoseconds;
}

/** open(2) flags, Linux i386 numbers. */
export const openFlag = {
  accessMode: 0o3,
  readOnly: 0o0,
  writeOnly: 0o1,
  readWrite: 0o2,
  create: 0o100,
  exclusive: 0o200,
  truncate: 0o1000,
  append: 0o2000,
} as const;

/** Tells a waiting operation that its caller has gone (Tflush): the operation then fails with EINTR. */
export interface Interrupt {
  readonly interrupted: boolean;
  on(listener: () => void): Disposer;
}

/** An open file. Every method may also throw FsError. */
export interface OpenFile {
  /** At most `count` bytes from `offset`; empty at the end of the file. A stream ignores `offset` and may wait. */
  read(offset: number, count: number, interrupt: Interrupt): Awaitable<Uint8Array>;
  /** The bytes taken, at least one. With O_APPEND the offset is ignored. A stream may wait. */
  write(offset: number, data: Uint8Array, interrupt: Interrupt): Awaitable<number>;
  fsync(): Awaitable<void>;
  /**
   * Of a file whose bytes are fetched: settles when all of them are at hand, and they stay so until it is closed.
   * Without it a program that maps the file would learn in the middle of its work, by a signal, that they are not.
   */
  ready?(): Awaitable<void>;
  /** Called exactly once. */
  close(): Awaitable<void>;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly ino: Ino;
  /** File type bits of the mode. */
  readonly type: number;
  readonly shared: boolean;
  /** Where the next readdir goes on: opaque, greater than 0, stable while the directory changes. */
  readonly next: number;
}

export interface FsStatus {
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly files: number;
  readonly filesFree: number;
}

/** What every file system does. "." and ".." never reach it. Read-only ones throw EROFS. */
export interface Fs {
  readonly root: Ino;
  /** ENOENT, ENOTDIR. */
  lookup(directory: Ino, name: string): Awaitable<Attributes>;
  /** ESTALE or ENOENT where the inode is gone. */
  getattr(ino: Ino): Awaitable<Attributes>;
  setattr(ino: Ino, change: AttributeChange): Awaitable<Attributes>;
  open(ino: Ino, flags: number): Awaitable<OpenFile>;
  /** Makes a regular file and opens it. EEXIST. */
  create(
    directory: Ino,
    name: string,
    flags: number,
    mode: number,
  ): Awaitable<{ attributes: Attributes; file: OpenFile }>;
  mkdir(directory: Ino, name: string, mode: number): Awaitable<Attributes>;
  /** Removes a name: EISDIR for a directory unless `directoryWanted`, then ENOTDIR and ENOTEMPTY. Open files go on working. */
  unlink(directory: Ino, name: string, directoryWanted: boolean): Awaitable<void>;
  /** As rename(2): replaces what is there. */
  rename(from: Ino, name: string, to: Ino, newName: string): Awaitable<void>;
  /** Entries after `offset` (0 = from the start), at most `limit`; no "." and "..". */
  readdir(directory: Ino, offset: number, limit: number): Awaitable<readonly DirectoryEntry[]>;
  /** Of the file system that holds `ino`; one that is not made of several ignores it. */
  statfs(ino?: Ino): Awaitable<FsStatus>;

  // Optional capabilities: the 9P server answers EOPNOTSUPP (or EPERM for link) where they are missing.
  symlink?(directory: Ino, name: string, target: string): Awaitable<Attributes>;
  readlink?(ino: Ino): Awaitable<string>;
  link?(directory: Ino, name: string, ino: Ino): Awaitable<Attributes>;
  mknod?(directory: Ino, name: string, mode: number, rdev: number): Awaitable<Attributes>;
  getxattr?(ino: Ino, name: string): Awaitable<Uint8Array>;
  listxattr?(ino: Ino): Awaitable<readonly string[]>;
  setxattr?(ino: Ino, name: string, value: Uint8Array): Awaitable<void>;
  removexattr?(ino: Ino, name: string): Awaitable<void>;
  /** Another number, from 1 to 2^32 - 2, after every change of a leased file that the guest cannot know of by itself. */
  lease?(): number;
  /**
   * Runs what the guest itself asks for: what it changes in this very call ends no lease, as it knows of it. Without a
   * caller its kernel asks for itself.
   */
  leaseholder?<T>(work: () => T, caller?: Caller): T;
  /** Runs what a program beside the guest asks for: what it changes ends leases, as the guest's kernel knows nothing of it. */
  onBehalfOf?<T>(caller: Caller | undefined, work: () => T): T;
  /** The inode of a directory's parent: for "..". The root is its own parent. */
  parent?(directory: Ino): Awaitable<Ino>;
}
