// Extended attributes as 9P carries them: read as a file, written as a file, stored when that closes.

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { type Awaitable, chain } from "#core/base/awaitable.ts";
import type { Fs, Ino } from "#machine/fs/fs.ts";
import type { FidUse } from "./fids.ts";
import { xattrFlag } from "./messages.ts";

/** XATTR_SIZE_MAX of Linux. */
const maxXattrBytes = 64 * 1024;

type XattrWrite = Extract<FidUse, { readonly kind: "xattr-write" }>;

/** A value, or for the empty name the list of names, each with a NUL. */
export function readXattr(fs: Fs, ino: Ino, name: string): Awaitable<Uint8Array> {
  if (fs.getxattr === undefined || fs.listxattr === undefined) throw new FsError("EOPNOTSUPP");
  if (name !== "") return fs.getxattr(ino, name);
  return chain(fs.listxattr(ino), (names) => encodeUtf8(names.map((each) => `${each}\0`).join("")));
}

export function beginXattr(fs: Fs, name: string, size: number, flags: number): XattrWrite {
  if (fs.setxattr === undefined) throw new FsError("EOPNOTSUPP");
  if (size > maxXattrBytes) throw new FsError("E2BIG");
  return { kind: "xattr-write", name, flags, value: new Uint8Array(size), written: 0 };
}

/** Pieces come in order. */
export function writeXattr(use: XattrWrite, offset: number, data: Uint8Array): number {
  if (offset !== use.written || offset + data.length > use.value.length) throw new FsError("ERANGE");
  use.value.set(data, offset);
  use.written += data.length;
  return data.length;
}

export function storeXattr(fs: Fs, ino: Ino, { name, flags, value, written }: XattrWrite): Awaitable<void> {
  if (written !== value.length) throw new FsError("EIO", "the value was not written in full");
  // Linux asks for a removal as the replacement by nothing.
  if (value.length === 0 && flags === xattrFlag.replace) return fs.removexattr?.(ino, name);
  if (flags === 0) return fs.setxattr?.(ino, name, value);
  return chain(fs.listxattr?.(ino) ?? [], (names) => {
    if (flags === xattrFlag.create && names.includes(name)) throw new FsError("EEXIST");
    if (flags === xattrFlag.replace && !names.includes(name)) throw new FsError("ENODATA");
    return fs.setxattr?.(ino, name, value);
  });
}
