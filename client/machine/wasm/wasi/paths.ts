// WASI's functions on paths: path_*. Every path is relative to a directory and stays beneath it: the System sees to
// that (SPEC SYS-2), and is never asked for anything else.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { isDirectory } from "#machine/fs/file-modes.ts";
import { atFlag, systemFlag } from "../system.ts";
import {
  directoryRights,
  fdFlag,
  fileRights,
  lookupFollow,
  openingFlag,
  right,
  streamRights,
  wasiType,
  wasiTypeOf,
  writeRights,
} from "./constants.ts";
import type { WasiContext, WasiFunction } from "./context.ts";
import { newTimes, writeFilestat } from "./filestat.ts";
import { systemFlagsOf } from "./table.ts";

/** rw-rw-rw- and rwxrwxrwx, less the umask. */
const newFileMode = 0o666;
const newDirectoryMode = 0o777;

export function pathFunctions({ system, table, memory }: WasiContext): Record<string, WasiFunction> {
  /** The System takes an empty path for the descriptor itself; WASI does not. */
  const pathOf = (at: number, length: number): string => {
    const path = memory.text(at, length);
    if (path === "") throw new FsError("ENOENT");
    if (path.includes("\0")) throw new FsError("EINVAL");
    return path;
  };
  const dirOf = (fd: number, needed: bigint): number => table.get(fd, needed).fd;

  return {
    path_create_directory: (fd: number, at: number, length: number) =>
      system.mkdirat(dirOf(fd, right.createDirectory), pathOf(at, length), newDirectoryMode),
    path_filestat_get: (fd: number, lookup: number, at: number, length: number, statAt: number) => {
      const dir = dirOf(fd, right.pathFilestat);
      writeFilestat(memory, statAt, system.fstatat(dir, pathOf(at, length), followFlag(lookup)));
    },
    path_filestat_set_times: (
      fd: number,
      lookup: number,
      at: number,
      length: number,
      atime: bigint,
      mtime: bigint,
      flags: number,
    ) => {
      const times = newTimes(atime, mtime, flags);
      const dir = dirOf(fd, right.pathSetTimes);
      system.utimensat(dir, pathOf(at, length), times.atime, times.mtime, followFlag(lookup));
    },
    path_link: (
      fd: number,
      lookup: number,
      at: number,
      length: number,
      newFd: number,
      newAt: number,
      newLength: number,
    ) => {
      const follow = (lookup & lookupFollow) === 0 ? 0 : atFlag.follow;
      const dir = dirOf(fd, right.linkSource);
      const newDir = dirOf(newFd, right.linkTarget);
      system.linkat(dir, pathOf(at, length), newDir, pathOf(newAt, newLength), follow);
    },
    path_open: (
      fd: number,
      lookup: number,
      at: number,
      length: number,
      opening: number,
      base: bigint,
      inheriting: bigint,
      flags: number,
      openedAt: number,
    ) => {
      const needed =
        right.open |
        ((opening & openingFlag.create) === 0 ? 0n : right.createFile) |
        ((opening & openingFlag.truncate) === 0 ? 0n : right.pathSetSize);
      const directory = table.get(fd, needed);
      if ((base & ~directory.inheriting) !== 0n || (inheriting & ~directory.inheriting) !== 0n)
        table.refuse();
      const opened = system.openat(
        directory.fd,
        pathOf(at, length),
        flagsOf(lookup, opening, base, flags),
        newFileMode,
      );
      const type = wasiTypeOf(opened.mode);
      const possible = isDirectory(opened.mode)
        ? directoryRights
        : type === wasiType.regular
          ? fileRights
          : streamRights;
      memory.setUint32(openedAt, table.add({ fd: opened.fd, type, base: base & possible, inheriting }));
    },
    path_readlink: (fd: number, at: number, length: number, target: number, room: number, usedAt: number) => {
      const text = system.readlinkat(dirOf(fd, right.readlink), pathOf(at, length));
      const bytes = encodeUtf8(text).subarray(0, room);
      memory.bytes(target, bytes.length).set(bytes);
      memory.setUint32(usedAt, bytes.length);
    },
    path_remove_directory: (fd: number, at: number, length: number) =>
      system.unlinkat(dirOf(fd, right.removeDirectory), pathOf(at, length), atFlag.removeDirectory),
    path_rename: (
      fd: number,
      at: number,
      length: number,
      newFd: number,
      newAt: number,
      newLength: number,
    ) => {
      const dir = dirOf(fd, right.renameSource);
      const newDir = dirOf(newFd, right.renameTarget);
      system.renameat(dir, pathOf(at, length), newDir, pathOf(newAt, newLength));
    },
    path_symlink: (targetAt: number, targetLength: number, fd: number, at: number, length: number) => {
      const target = pathOf(targetAt, targetLength);
      // Nothing here could ever follow it, and whoever else does would not know where it comes from.
      if (target.startsWith("/")) throw new FsError("EPERM");
      system.symlinkat(target, dirOf(fd, right.symlink), pathOf(at, length));
    },
    path_unlink_file: (fd: number, at: number, length: number) =>
      system.unlinkat(dirOf(fd, right.unlink), pathOf(at, length), 0),
  } satisfies Record<string, WasiFunction>;
}

function followFlag(lookup: number): number {
  return (lookup & lookupFollow) === 0 ? atFlag.noFollow : 0;
}

/** The access mode is what the rights ask for. Of a directory only the right to write counts, which it cannot have. */
function flagsOf(lookup: number, opening: number, rights: bigint, flags: number): number {
  const known = fdFlag.append | fdFlag.dataSync | fdFlag.nonBlock | fdFlag.readSync | fdFlag.sync;
  if ((flags & ~known) !== 0) throw new FsError("EINVAL");
  let result = systemFlagsOf(flags);
  const directory = (opening & openingFlag.directory) !== 0;
  const write = (rights & (directory ? right.write : writeRights)) !== 0n;
  const read = (rights & (right.read | right.readdir)) !== 0n;
  if (write) result |= read ? systemFlag.readWrite : systemFlag.writeOnly;
  if (directory) result |= systemFlag.directory;
  if ((opening & openingFlag.create) !== 0) result |= systemFlag.create;
  if ((opening & openingFlag.exclusive) !== 0) result |= systemFlag.exclusive;
  if ((opening & openingFlag.truncate) !== 0) result |= systemFlag.truncate;
  if ((lookup & lookupFollow) === 0) result |= systemFlag.noFollow;
  return result;
}
