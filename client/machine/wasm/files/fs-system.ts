// System over a namespace of ours and three streams: for programs that no process of the guest stands behind.
// Synchronous wherever the Fs is: the same code serves a program that has its files in its own worker.

import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import { isDirectory, mayRead, mayWrite } from "#machine/fs/file-modes.ts";
import { type Awaitable, chain } from "#core/base/awaitable.ts";
import {
  type AttributeChange,
  type Attributes,
  fileType,
  type Fs,
  type Ino,
  type Interrupt,
} from "#machine/fs/fs.ts";
import { perform, type Steps, wait } from "../steps.ts";
import {
  atFdCwd,
  atFlag,
  changeableFlags,
  type Entry,
  type NewTime,
  type Opened,
  type PollRequest,
  type PollResult,
  seekFrom,
  type Stat,
  type System,
  systemFlag,
} from "../system.ts";
import { type Descriptor, Descriptors, type FileDescriptor } from "./open-descriptors.ts";
import { PolledSource, type StandardStreams } from "./stream.ts";
import { link, makeDirectory, makeSymlink, readSymlink, rename, unlink } from "./names.ts";
import { Places } from "./places.ts";
import { pollDescriptors } from "./polling.ts";
import { lastOf, type Trail } from "./walk.ts";

export interface FsSystemOptions {
  readonly fs: Fs;
  readonly streams: StandardStreams;
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly now?: () => number;
}

/** umask of a fresh login. */
const umask = 0o022;

export class FsSystem implements System {
  readonly #fs: Fs;
  readonly #streams: StandardStreams;
  readonly #now: () => number;
  readonly #open = new Descriptors();
  readonly #ended = new Emitter<void>();
  readonly #interrupt: Interrupt;
  readonly #places: Places;
  #hasEnded = false;

  constructor({ fs, streams, cwd, now }: FsSystemOptions) {
    this.#fs = fs;
    this.#streams = streams;
    this.#now = now ?? Date.now;
    const isEnded = (): boolean => this.#hasEnded;
    this.#interrupt = {
      get interrupted() {
        return isEnded();
      },
      on: (listener): Disposer => this.#ended.on(listener),
    };
    const source = new PolledSource(streams.input, this.#interrupt);
    this.#open.add({ kind: "source", source, flags: systemFlag.readOnly });
    this.#open.add({ kind: "sink", sink: streams.output, flags: systemFlag.writeOnly });
    this.#open.add({ kind: "sink", sink: streams.error, flags: systemFlag.writeOnly });
    this.#places = new Places(fs, this.#open, cwd);
  }

  openat(dir: number, path: string, flags: number, mode: number): Awaitable<Opened> {
    return perform(this.#openat(dir, path, flags, mode));
  }

  *#openat(dir: number, path: string, flags: number, mode: number): Steps<Opened> {
    this.#open.checkFree();
    const exclusive = (flags & systemFlag.create) !== 0 && (flags & systemFlag.exclusive) !== 0;
    const follow = (flags & systemFlag.noFollow) === 0 && !exclusive;
    for (;;) {
      const place = yield* this.#places.find(dir, path, follow);
      if (place.kind === "directory") return this.#openDirectory(place.trail, flags);
      const { found, name, trail } = place;
      if (found !== undefined) {
        if (exclusive) throw new FsError("EEXIST");
        if (isDirectory(found.mode)) return this.#openDirectory([...trail, found.ino], flags);
        if (place.directoryWanted || (flags & systemFlag.directory) !== 0) throw new FsError("ENOTDIR");
        const file = yield* wait(this.#fs.open(found.ino, openingFlags(flags)));
        // Linux empties a file also where it is opened for reading.
        if ((flags & systemFlag.truncate) !== 0 && !mayWrite(flags))
          yield* wait(this.#fs.setattr(found.ino, { size: 0 }));
        return { fd: this.#addFile(found.ino, file, flags), mode: found.mode };
      }
      if ((flags & systemFlag.create) === 0) throw new FsError("ENOENT");
      if (place.directoryWanted) throw new FsError("EISDIR");
      try {
        const made = yield* wait(
          this.#fs.create(lastOf(trail), name, openingFlags(flags), mode & 0o7777 & ~umask),
        );
        return { fd: this.#addFile(made.attributes.ino, made.file, flags), mode: made.attributes.mode };
      } catch (thrown) {
        // Somebody else has made it meanwhile.
        if (!exclusive && thrown instanceof FsError && thrown.code === "EEXIST") continue;
        throw thrown;
      }
    }
  }

  close(fd: number): Awaitable<void> {
    return closeDescriptor(this.#open.take(fd));
  }

  read(fd: number, count: number): Awaitable<Uint8Array> {
    const found = this.#open.get(fd);
    switch (found.kind) {
      case "file":
        if (!mayRead(found.flags)) throw new FsError("EBADF");
        return chain(found.file.read(found.offset, count, this.#interrupt), (data) => {
          found.offset += data.length;
          return data;
        });
      case "source":
        if ((found.flags & systemFlag.nonBlock) !== 0) return found.source.readNow(count);
        return found.source.read(count);
      case "sink":
        throw new FsError("EBADF");
      case "directory":
        throw new FsError("EISDIR");
      default:
        return found satisfies never;
    }
  }

  write(fd: number, data: Uint8Array): Awaitable<number> {
    const found = this.#open.get(fd);
    switch (found.kind) {
      case "file":
        return perform(this.#writeFile(found, data));
      case "sink":
        return data.length === 0 ? 0 : found.sink.write(data, this.#interrupt);
      case "source":
      case "directory":
        throw new FsError("EBADF");
      default:
        return found satisfies never;
    }
  }

  *#writeFile(found: FileDescriptor, data: Uint8Array): Steps<number> {
    if (!mayWrite(found.flags)) throw new FsError("EBADF");
    if (data.length === 0) return 0;
    const written = yield* wait(found.file.write(found.offset, data, this.#interrupt));
    if ((found.flags & systemFlag.append) === 0) found.offset += written;
    else found.offset = (yield* wait(this.#fs.getattr(found.ino))).size;
    yield* this.#settle(found);
    return written;
  }

  pread(fd: number, offset: number, count: number): Awaitable<Uint8Array> {
    const found = this.#open.file(fd);
    if (!mayRead(found.flags)) throw new FsError("EBADF");
    return found.file.read(offset, count, this.#interrupt);
  }

  pwrite(fd: number, offset: number, data: Uint8Array): Awaitable<number> {
    return perform(this.#pwrite(this.#open.file(fd), offset, data));
  }

  *#pwrite(found: FileDescriptor, offset: number, data: Uint8Array): Steps<number> {
    if (!mayWrite(found.flags)) throw new FsError("EBADF");
    if (data.length === 0) return 0;
    const written = yield* wait(found.file.write(offset, data, this.#interrupt));
    yield* this.#settle(found);
    return written;
  }

  /** O_DSYNC and O_SYNC: a write is on its way to the others before it returns. */
  *#settle(found: FileDescriptor): Steps<void> {
    if ((found.flags & systemFlag.sync) !== 0) yield* wait(found.file.fsync());
  }

  lseek(fd: number, offset: number, whence: number): Awaitable<number> {
    return perform(this.#lseek(this.#open.file(fd), offset, whence));
  }

  *#lseek(found: FileDescriptor, offset: number, whence: number): Steps<number> {
    let base = 0;
    if (whence === seekFrom.current) base = found.offset;
    else if (whence === seekFrom.end) base = (yield* wait(this.#fs.getattr(found.ino))).size;
    else if (whence !== seekFrom.start) throw new FsError("EINVAL");
    const next = base + offset;
    if (next < 0 || !Number.isSafeInteger(next)) throw new FsError("EINVAL");
    found.offset = next;
    return next;
  }

  ftruncate(fd: number, size: number): Awaitable<void> {
    const found = this.#open.get(fd);
    if (found.kind !== "file" || !mayWrite(found.flags)) throw new FsError("EINVAL");
    return chain(this.#fs.setattr(found.ino, { size }), () => undefined);
  }

  fsync(fd: number): Awaitable<void> {
    const found = this.#open.get(fd);
    if (found.kind === "file") return found.file.fsync();
    if (found.kind !== "directory") throw new FsError("EINVAL");
    return undefined;
  }

  getFlags(fd: number): number {
    return this.#open.get(fd).flags;
  }

  setFlags(fd: number, flags: number): Awaitable<void> {
    const found = this.#open.get(fd);
    const next = (found.flags & ~changeableFlags) | (flags & changeableFlags);
    const appendStays = ((found.flags ^ next) & systemFlag.append) === 0;
    if (found.kind !== "file" || appendStays) {
      found.flags = next;
      return undefined;
    }
    // Only the file itself can append without a gap between looking and writing: so it is opened anew.
    return chain(this.#fs.open(found.ino, reopeningFlags(next)), (file) => {
      const old = found.file;
      found.file = file;
      found.flags = next;
      return old.close();
    });
  }

  readdir(fd: number, cookie: number, max: number): Awaitable<readonly Entry[]> {
    const found = this.#open.get(fd);
    if (found.kind !== "directory") throw new FsError("ENOTDIR");
    return this.#fs.readdir(lastOf(found.trail), cookie, max);
  }

  fstatat(dir: number, path: string, flags: number): Awaitable<Stat> {
    return perform(this.#fstatat(dir, path, flags));
  }

  *#fstatat(dir: number, path: string, flags: number): Steps<Stat> {
    if (path === "" && dir !== atFdCwd) {
      const found = this.#open.get(dir);
      if (found.kind === "source" || found.kind === "sink") return this.#streamStat(dir);
    }
    const ino = yield* this.#places.inode(dir, path, (flags & atFlag.noFollow) === 0);
    return statOf(yield* wait(this.#fs.getattr(ino)));
  }

  utimensat(dir: number, path: string, atime: NewTime, mtime: NewTime, flags: number): Awaitable<void> {
    const now = this.#now();
    const change: AttributeChange = {
      ...(atime === "keep" ? {} : { atime: atime === "now" ? now : millisecondsOf(atime) }),
      ...(mtime === "keep" ? {} : { mtime: mtime === "now" ? now : millisecondsOf(mtime) }),
      nanoseconds: {
        ...(typeof atime === "bigint" ? { atime: withinSecond(atime) } : {}),
        ...(typeof mtime === "bigint" ? { mtime: withinSecond(mtime) } : {}),
      },
    };
    return perform(this.#change(dir, path, change, (flags & atFlag.noFollow) === 0));
  }

  fchmodat(dir: number, path: string, mode: number): Awaitable<void> {
    return perform(this.#change(dir, path, { mode: mode & 0o7777 }, true));
  }

  fchownat(dir: number, path: string, uid: number, gid: number, flags: number): Awaitable<void> {
    const change = { ...(uid === -1 ? {} : { uid }), ...(gid === -1 ? {} : { gid }) };
    return perform(this.#change(dir, path, change, (flags & atFlag.noFollow) === 0));
  }

  *#change(dir: number, path: string, change: AttributeChange, follow: boolean): Steps<void> {
    const ino = yield* this.#places.inode(dir, path, follow);
    yield* wait(this.#fs.setattr(ino, change));
  }

  mkdirat(dir: number, path: string, mode: number): Awaitable<void> {
    return perform(makeDirectory(this.#places, dir, path, mode & 0o7777 & ~umask));
  }

  unlinkat(dir: number, path: string, flags: number): Awaitable<void> {
    return perform(unlink(this.#places, dir, path, (flags & atFlag.removeDirectory) !== 0));
  }

  renameat(dir: number, path: string, newDir: number, newPath: string): Awaitable<void> {
    return perform(rename(this.#places, dir, path, newDir, newPath));
  }

  linkat(dir: number, path: string, newDir: number, newPath: string, flags: number): Awaitable<void> {
    const from = { dir, path, follow: (flags & atFlag.follow) !== 0 };
    return perform(link(this.#places, from, newDir, newPath));
  }

  symlinkat(target: string, dir: number, path: string): Awaitable<void> {
    return perform(makeSymlink(this.#places, target, dir, path));
  }

  readlinkat(dir: number, path: string): Awaitable<string> {
    return perform(readSymlink(this.#places, dir, path));
  }

  chdir(path: string): Awaitable<string> {
    return perform(this.#places.chdir(path));
  }

  poll(requests: readonly PollRequest[], timeout: bigint | undefined): Awaitable<readonly PollResult[]> {
    return pollDescriptors(this.#open, requests, timeout, this.#interrupt);
  }

  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#ended.emit();
    // One that does not close keeps no other open; who would hear of it has gone.
    await Promise.allSettled(this.#open.close().map(async (open) => closeDescriptor(open)));
  }

  #openDirectory(trail: Trail, flags: number): Opened {
    if (mayWrite(flags) || (flags & systemFlag.create) !== 0) throw new FsError("EISDIR");
    return { fd: this.#open.add({ kind: "directory", trail, flags }), mode: fileType.directory | 0o755 };
  }

  #addFile(ino: Ino, file: FileDescriptor["file"], flags: number): number {
    const kept = systemFlag.accessMode | systemFlag.sync | changeableFlags;
    return this.#open.add({ kind: "file", ino, file, flags: flags & kept, offset: 0 });
  }

  #streamStat(fd: number): Stat {
    const now = nanosecondsOf(this.#now());
    const type = this.#streams.terminal ? fileType.character : fileType.fifo;
    const fixed = { dev: 0, nlink: 1, uid: 0, gid: 0, rdev: 0, size: 0 };
    return { ...fixed, ino: fd + 1, mode: type | 0o600, atime: now, mtime: now, ctime: now };
  }
}

function closeDescriptor(closed: Descriptor): Awaitable<void> {
  return closed.kind === "file" ? closed.file.close() : undefined;
}

/** What an Fs understands. */
function openingFlags(flags: number): number {
  const { accessMode, create, exclusive, truncate, append } = systemFlag;
  return flags & (accessMode | create | exclusive | truncate | append);
}

function reopeningFlags(flags: number): number {
  return flags & (systemFlag.accessMode | systemFlag.append);
}

function statOf(found: Attributes): Stat {
  const { ino, mode, nlink, uid, gid, rdev, size, atime, mtime, ctime, nanoseconds } = found;
  return {
    dev: 1,
    ino,
    mode,
    nlink,
    uid,
    gid,
    rdev,
    size,
    atime: nanosecondsOf(atime, nanoseconds?.atime),
    mtime: nanosecondsOf(mtime, nanoseconds?.mtime),
    ctime: nanosecondsOf(ctime),
  };
}

/** To the microsecond, which is what a fraction of milliseconds holds, unless more is known. */
function nanosecondsOf(milliseconds: number, exact?: number): bigint {
  const microseconds = Math.round(milliseconds * 1000);
  if (exact === undefined) return BigInt(microseconds) * 1000n;
  return BigInt(Math.floor(microseconds / 1e6)) * nanosecondsPerSecond + BigInt(exact);
}

const nanosecondsPerSecond = 1_000_000_000n;

/** Never negative, before 1970 too. */
function withinSecond(nanoseconds: bigint): number {
  return Number(((nanoseconds % nanosecondsPerSecond) + nanosecondsPerSecond) % nanosecondsPerSecond);
}

function millisecondsOf(nanoseconds: bigint): number {
  return Number((nanoseconds - BigInt(withinSecond(nanoseconds) % 1000)) / 1000n) / 1000;
}
