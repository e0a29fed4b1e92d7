// globalThis.fs and globalThis.process as Go's package syscall uses them under GOOS=js: callbacks with Node's
// error codes, over a System whose calls are answered later.

import { errnoOf, FsError } from "#core/base/errno.ts";
import { fileType } from "#machine/fs/fs.ts";
import type { ProgramSystem } from "../calls/calls.ts";
import { atFdCwd, atFlag, type Stat, systemFlag, systemLimits } from "../system.ts";

type Callback = (error: Error | null, result?: unknown) => void;

export interface FileApiOptions {
  readonly system: ProgramSystem;
  readonly cwd: string;
  /** chdir in the middle of a computation: where that cannot be, only the path itself is known. */
  readonly chdir: (path: string) => string;
  /** Called around each call: a program that waits for one has no deadlock. */
  readonly began: () => void;
  readonly ended: () => void;
}

const nanosecondsPerMillisecond = 1_000_000;

/** Who looks at these: every program is alone, and root. */
const ownProcess = { pid: 2, ppid: 1, uid: 0, gid: 0 } as const;

function goError(thrown: unknown): Error {
  const code = errnoOf(thrown);
  // Go finds the errno by this code, and knows ENOTSUP by that name alone.
  return Object.assign(new Error(code), { code: code === "EOPNOTSUPP" ? "ENOTSUP" : code });
}

export function goFileApi(options: FileApiOptions): { readonly fs: object; readonly process: object } {
  const { system } = options;

  const answer = (callback: Callback, work: () => Promise<unknown>): void => {
    options.began();
    void work().then(
      (result) => {
        options.ended();
        callback(null, result);
      },
      (thrown: unknown) => {
        options.ended();
        callback(goError(thrown));
      },
    );
  };

  const at = atFdCwd;
  const fs = {
    constants: {
      O_WRONLY: systemFlag.writeOnly,
      O_RDWR: systemFlag.readWrite,
      O_CREAT: systemFlag.create,
      O_TRUNC: systemFlag.truncate,
      O_APPEND: systemFlag.append,
      O_EXCL: systemFlag.exclusive,
      O_DIRECTORY: systemFlag.directory,
    },
    open: (path: string, flags: number, mode: number, done: Callback) =>
      answer(done, async () => (await system.openat(at, path, flags, mode)).fd),
    close: (fd: number, done: Callback) => answer(done, async () => system.close(fd)),
    read: (
      fd: number,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
      done: Callback,
    ) =>
      answer(done, async () => {
        const count = Math.min(length, systemLimits.dataBytes);
        const data = await (position === null ? system.read(fd, count) : system.pread(fd, position, count));
        buffer.set(data, offset);
        return data.length;
      }),
    write: (
      fd: number,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
      done: Callback,
    ) =>
      answer(done, async () => {
        const data = buffer.slice(offset, offset + Math.min(length, systemLimits.dataBytes));
        return position === null ? system.write(fd, data) : system.pwrite(fd, position, data);
      }),
    fsync: (fd: number, done: Callback) => answer(done, async () => system.fsync(fd)),
    ftruncate: (fd: number, size: number, done: Callback) =>
      answer(done, async () => system.ftruncate(fd, size)),
    truncate: (path: string, size: number, done: Callback) =>
      answer(done, async () => {
        const { fd } = await system.openat(at, path, systemFlag.writeOnly, 0);
        try {
          await system.ftruncate(fd, size);
        } finally {
          await system.close(fd);
        }
      }),
    stat: (path: string, done: Callback) =>
      answer(done, async () => goStat(await system.fstatat(at, notEmpty(path), 0))),
    lstat: (path: string, done: Callback) =>
      answer(done, async () => goStat(await system.fstatat(at, notEmpty(path), atFlag.noFollow))),
    fstat: (fd: number, done: Callback) => answer(done, async () => goStat(await system.fstatat(fd, "", 0))),
    readdir: (path: string, done: Callback) => answer(done, () => listNames(system, path)),
    mkdir: (path: string, mode: number, done: Callback) =>
      answer(done, async () => system.mkdirat(at, path, mode)),
    rmdir: (path: string, done: Callback) =>
      answer(done, async () => system.unlinkat(at, path, atFlag.removeDirectory)),
    unlink: (path: string, done: Callback) => answer(done, async () => system.unlinkat(at, path, 0)),
    rename: (from: string, to: string, done: Callback) =>
      answer(done, async () => system.renameat(at, from, at, to)),
    link: (path: string, link: string, done: Callback) =>
      answer(done, async () => system.linkat(at, path, at, link, 0)),
    symlink: (target: string, link: string, done: Callback) =>
      answer(done, async () => system.symlinkat(target, at, link)),
    readlink: (path: string, done: Callback) => answer(done, async () => system.readlinkat(at, path)),
    utimes: (path: string, atime: number, mtime: number, done: Callback) =>
      answer(done, async () =>
        system.utimensat(at, notEmpty(path), secondsToTime(atime), secondsToTime(mtime), 0),
      ),
    chmod: (path: string, mode: number, done: Callback) =>
      answer(done, async () => system.fchmodat(at, notEmpty(path), mode)),
    fchmod: (fd: number, mode: number, done: Callback) =>
      answer(done, async () => system.fchmodat(fd, "", mode)),
    chown: (path: string, uid: number, gid: number, done: Callback) =>
      answer(done, async () => system.fchownat(at, notEmpty(path), uid | 0, gid | 0, 0)),
    lchown: (path: string, uid: number, gid: number, done: Callback) =>
      answer(done, async () => system.fchownat(at, notEmpty(path), uid | 0, gid | 0, atFlag.noFollow)),
    fchown: (fd: number, uid: number, gid: number, done: Callback) =>
      answer(done, async () => system.fchownat(fd, "", uid | 0, gid | 0, 0)),
  };

  let { cwd } = options;
  const process = {
    pid: ownProcess.pid,
    ppid: ownProcess.ppid,
    getuid: () => ownProcess.uid,
    geteuid: () => ownProcess.uid,
    getgid: () => ownProcess.gid,
    getegid: () => ownProcess.gid,
    getgroups: () => [ownProcess.gid],
    umask: () => 0o022,
    cwd: () => cwd,
    chdir: (path: string) => {
      try {
        cwd = options.chdir(path);
      } catch (thrown) {
        throw goError(thrown);
      }
    },
  };
  return { fs, process };
}

async function listNames(system: ProgramSystem, path: string): Promise<string[]> {
  const { fd } = await system.openat(atFdCwd, path, systemFlag.readOnly | systemFlag.directory, 0);
  try {
    const names: string[] = [];
    for (let cookie = 0; ;) {
      const entries = await system.readdir(fd, cookie, systemLimits.entries);
      const last = entries.at(-1);
      if (last === undefined) return names;
      cookie = last.next;
      for (const { name } of entries) names.push(name);
    }
  } finally {
    await system.close(fd);
  }
}

/** For the System an empty path means something. */
function notEmpty(path: string): string {
  if (path === "") throw new FsError("ENOENT");
  return path;
}

function secondsToTime(seconds: number): bigint {
  const nanosecondsPerMicrosecond = 1000n;
  return BigInt(Math.round(seconds * 1e6)) * nanosecondsPerMicrosecond;
}

function goStat(stat: Stat): object {
  const blockBytes = 512;
  const milliseconds = (time: bigint): number => Number(time) / nanosecondsPerMillisecond;
  return {
    dev: stat.dev,
    ino: stat.ino,
    mode: stat.mode,
    nlink: stat.nlink,
    uid: stat.uid,
    gid: stat.gid,
    rdev: stat.rdev,
    size: stat.size,
    blksize: 4096,
    blocks: Math.ceil(stat.size / blockBytes),
    atimeMs: milliseconds(stat.atime),
    mtimeMs: milliseconds(stat.mtime),
    ctimeMs: milliseconds(stat.ctime),
    isDirectory: () => (stat.mode & fileType.mask) === fileType.directory,
  };
}
