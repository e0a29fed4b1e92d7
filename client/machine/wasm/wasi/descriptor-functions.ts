// WASI's functions on descriptors: fd_*.

import { FsError } from "#core/base/errno.ts";
import type { SynchronousSystem } from "../calls/calls.ts";
import { changeableFlags, seekFrom, systemFlag, systemLimits } from "../system.ts";
import { allRights, fdFlag, right, wasiType } from "./constants.ts";
import type { WasiContext, WasiFunction } from "./context.ts";
import { DirectoryLists } from "./directory-lists.ts";
import { newTimes, writeFilestat } from "./filestat.ts";
import { systemFlagsOf, wasiFlagsOf } from "./table.ts";

const lastAdvice = 5;

/** filesize and filedelta are 64 bits wide; what no file can have is no offset. */
function toOffset(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FsError("EINVAL");
  return Number(value);
}

export function descriptorFunctions({ system, table, memory }: WasiContext): Record<string, WasiFunction> {
  const lists = new DirectoryLists(system);
  return {
    fd_advise: (fd: number, offset: bigint, length: bigint, advice: number) => {
      if (table.get(fd, right.advise).type !== wasiType.regular) throw new FsError("ESPIPE");
      if (advice > lastAdvice || offset < 0n || length < 0n) throw new FsError("EINVAL");
    },
    fd_allocate: (fd: number, offset: bigint, length: bigint) => {
      const { fd: file } = table.get(fd, right.allocate);
      const end = toOffset(offset) + toOffset(length);
      if (length === 0n) throw new FsError("EINVAL");
      if (system.fstatat(file, "", 0).size < end) system.ftruncate(file, end);
    },
    fd_close: (fd: number) => {
      lists.forget(fd);
      table.close(fd);
    },
    fd_datasync: (fd: number) => system.fsync(table.get(fd, right.dataSync).fd),
    fd_sync: (fd: number) => system.fsync(table.get(fd, right.sync).fd),
    fd_fdstat_get: (fd: number, at: number) => {
      const { fd: file, type, base, inheriting } = table.peek(fd);
      const flags = file === undefined ? 0 : wasiFlagsOf(system.getFlags(file));
      const { view } = memory;
      view.setUint8(at, type);
      view.setUint8(at + 1, 0);
      view.setUint16(at + 2, flags, true);
      view.setUint32(at + 4, 0, true);
      view.setBigUint64(at + 8, base, true);
      view.setBigUint64(at + 16, inheriting, true);
    },
    fd_fdstat_set_flags: (fd: number, flags: number) => {
      const { fd: file } = table.get(fd, right.setFlags);
      const wanted = systemFlagsOf(flags);
      const fixed = systemFlag.sync;
      // Linux cannot change these either.
      if ((wanted & fixed) !== 0 && (wanted & fixed) !== (system.getFlags(file) & fixed))
        throw new FsError("EINVAL");
      if (
        (flags & ~(fdFlag.append | fdFlag.nonBlock | fdFlag.dataSync | fdFlag.readSync | fdFlag.sync)) !==
        0
      )
        throw new FsError("EINVAL");
      system.setFlags(file, wanted & changeableFlags);
    },
    fd_fdstat_set_rights: (fd: number, base: bigint, inheriting: bigint) => {
      const found = table.get(fd);
      const wanted = { base: base & allRights, inheriting: inheriting & allRights };
      if ((wanted.base & ~found.base) !== 0n || (wanted.inheriting & ~found.inheriting) !== 0n)
        table.refuse();
      found.base = wanted.base;
      found.inheriting = wanted.inheriting;
    },
    fd_filestat_get: (fd: number, at: number) =>
      writeFilestat(memory, at, system.fstatat(table.get(fd, right.filestat).fd, "", 0)),
    fd_filestat_set_size: (fd: number, size: bigint) =>
      system.ftruncate(table.get(fd, right.setSize).fd, toOffset(size)),
    fd_filestat_set_times: (fd: number, atime: bigint, mtime: bigint, flags: number) => {
      const times = newTimes(atime, mtime, flags);
      system.utimensat(table.get(fd, right.setTimes).fd, "", times.atime, times.mtime, 0);
    },
    fd_pread: (fd: number, pieces: number, count: number, offset: bigint, at: number) => {
      const { fd: file } = table.get(fd, right.read | right.seek);
      let position = toOffset(offset);
      const read = readPieces(memory.pieces(pieces, count), (wanted) => {
        const data = system.pread(file, position, wanted);
        position += data.length;
        return data;
      });
      memory.setUint32(at, read);
    },
    fd_prestat_get: (fd: number, at: number) => {
      const { name } = table.preopen(fd);
      memory.view.setUint8(at, 0);
      memory.setUint32(at + 4, new TextEncoder().encode(name).length);
    },
    fd_prestat_dir_name: (fd: number, at: number, length: number) => {
      const name = new TextEncoder().encode(table.preopen(fd).name);
      if (length < name.length) throw new FsError("ENAMETOOLONG");
      memory.bytes(at, name.length).set(name);
    },
    fd_pwrite: (fd: number, pieces: number, count: number, offset: bigint, at: number) => {
      const { fd: file } = table.get(fd, right.write | right.seek);
      let position = toOffset(offset);
      const written = writePieces(memory.pieces(pieces, count), (data) => {
        const taken = system.pwrite(file, position, data);
        position += taken;
        return taken;
      });
      memory.setUint32(at, written);
    },
    fd_read: (fd: number, pieces: number, count: number, at: number) => {
      const { fd: file } = table.get(fd, right.read);
      memory.setUint32(
        at,
        readPieces(memory.pieces(pieces, count), (wanted) => system.read(file, wanted)),
      );
    },
    fd_readdir: (fd: number, at: number, length: number, cookie: bigint, usedAt: number) => {
      const { fd: directory } = table.get(fd, right.readdir);
      memory.setUint32(usedAt, lists.write(memory.bytes(at, length), fd, directory, toOffset(cookie)));
    },
    fd_renumber: (from: number, to: number) => {
      lists.forget(from);
      lists.forget(to);
      table.renumber(from, to);
    },
    fd_seek: (fd: number, offset: bigint, whence: number, at: number) => {
      const asked = offset === 0n && whence === seekFrom.current ? right.tell : right.seek | right.tell;
      memory.setUint64(at, seek(system, table.get(fd, asked).fd, offset, whence));
    },
    fd_tell: (fd: number, at: number) =>
      memory.setUint64(at, seek(system, table.get(fd, right.tell).fd, 0n, seekFrom.current)),
    fd_write: (fd: number, pieces: number, count: number, at: number) => {
      const { fd: file } = table.get(fd, right.write);
      memory.setUint32(
        at,
        writePieces(memory.pieces(pieces, count), (data) => system.write(file, data)),
      );
    },
  } satisfies Record<string, WasiFunction>;
}

function seek(system: SynchronousSystem, fd: number, offset: bigint, whence: number): bigint {
  if (offset > BigInt(Number.MAX_SAFE_INTEGER) || offset < BigInt(Number.MIN_SAFE_INTEGER))
    throw new FsError("EINVAL");
  return BigInt(system.lseek(fd, Number(offset), whence));
}

/** One call for what many pieces ask for; more only where a call cannot carry it and the file goes on. */
function readPieces(pieces: readonly Uint8Array[], read: (wanted: number) => Uint8Array): number {
  let wanted = pieces.reduce((sum, { length }) => sum + length, 0);
  const target = scatter(pieces);
  let done = 0;
  while (wanted > 0) {
    const asked = Math.min(wanted, systemLimits.dataBytes);
    let data: Uint8Array;
    try {
      data = read(asked);
    } catch (thrown) {
      // What was read is not lost: the next call finds the failure again.
      if (done > 0 && thrown instanceof FsError) return done;
      throw thrown;
    }
    target(data);
    done += data.length;
    wanted -= data.length;
    // Less than asked: the end, or all that a stream has just now.
    if (data.length < systemLimits.dataBytes) break;
  }
  return done;
}

function scatter(pieces: readonly Uint8Array[]): (data: Uint8Array) => void {
  let index = 0;
  let filled = 0;
  return (data) => {
    for (let at = 0; at < data.length;) {
      const piece = pieces[index];
      if (piece === undefined) throw new Error("invariant violation: more was read than asked for");
      const part = data.subarray(at, at + piece.length - filled);
      piece.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled === piece.length) {
        index++;
        filled = 0;
      }
    }
  };
}

function writePieces(pieces: readonly Uint8Array[], write: (data: Uint8Array) => number): number {
  let done = 0;
  for (const data of gathered(pieces)) {
    let taken: number;
    try {
      taken = write(data);
    } catch (thrown) {
      if (done > 0 && thrown instanceof FsError) return done;
      throw thrown;
    }
    done += taken;
    if (taken < data.length) break;
  }
  return done;
}

/** The pieces joined or cut to what one call carries: small ones cost one call together. */
function* gathered(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  const limit = systemLimits.dataBytes;
  let joined: Uint8Array[] = [];
  let length = 0;
  const join = (): Uint8Array => {
    const [only] = joined;
    if (only !== undefined && joined.length === 1) {
      joined = [];
      length = 0;
      return only;
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of joined.splice(0)) {
      whole.set(piece, at);
      at += piece.length;
    }
    length = 0;
    return whole;
  };
  for (const piece of pieces)
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + limit - length);
      joined.push(part);
      length += part.length;
      at += part.length;
      if (length === limit) yield join();
    }
  // Nothing at all is a write, too: it tells whether the descriptor can be written to.
  if (length > 0 || pieces.length === 0) yield join();
}
