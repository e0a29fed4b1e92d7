// Small rules that every file system in memory shares: what open flags allow, what a rename may replace.

import { FsError } from "#core/base/errno.ts";
import { type Attributes, fileType, openFlag } from "./fs.ts";

export function isDirectory(mode: number): boolean {
  return (mode & fileType.mask) === fileType.directory;
}

/** Pipes, sockets and devices: what they are is in the guest's kernel, and their bytes never come here. */
export function isSpecial(mode: number): boolean {
  const type = mode & fileType.mask;
  return type !== 0 && type !== fileType.regular && type !== fileType.directory && type !== fileType.symlink;
}

export function mayRead(flags: number): boolean {
  return (flags & openFlag.accessMode) !== openFlag.writeOnly;
}

export function mayWrite(flags: number): boolean {
  return (flags & openFlag.accessMode) !== openFlag.readOnly;
}

/** Throws unless a file of this mode can be opened for reading and writing bytes. */
export function checkOpen(mode: number, flags: number): void {
  const type = mode & fileType.mask;
  if (type === fileType.directory) throw new FsError("EISDIR");
  if (type === fileType.symlink) throw new FsError("ELOOP");
  if (isSpecial(mode)) throw new FsError("ENXIO");
  if ((flags & openFlag.accessMode) === openFlag.accessMode)
    throw new FsError("EINVAL", "no such access mode");
}

/** Throws unless rename(2) may put `source` where `target` is; whether a directory is empty is left to the caller. */
export function checkReplace(source: Pick<Attributes, "mode">, target: Pick<Attributes, "mode">): void {
  if (isDirectory(source.mode) && !isDirectory(target.mode)) throw new FsError("ENOTDIR");
  if (!isDirectory(source.mode) && isDirectory(target.mode)) throw new FsError("EISDIR");
}
