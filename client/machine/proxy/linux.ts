// Linux' calls on i386 as a proxy process performs them: numbers, arguments, layouts of structures. Knows no policy.

import { concatBytes, decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { fileType } from "#machine/fs/fs.ts";
import type { CallAnswer, SystemCall } from "#machine/task/call-channel.ts";
import type { Entry, NewTime, PollRequest, PollResult, Stat } from "#machine/wasm/system.ts";

const number = {
  read: 3,
  write: 4,
  close: 6,
  chdir: 12,
  chmod: 15,
  fsync: 118,
  llseek: 140,
  poll: 168,
  pread64: 180,
  pwrite64: 181,
  getcwd: 183,
  ftruncate64: 194,
  getdents64: 220,
  fcntl64: 221,
  openat: 295,
  mkdirat: 296,
  fchownat: 298,
  unlinkat: 301,
  renameat: 302,
  linkat: 303,
  symlinkat: 304,
  readlinkat: 305,
  fchmodat: 306,
  statx: 383,
  utimensat: 412,
  openat2: 437,
} as const;

export const linuxFlag = {
  largeFile: 0o100000,
  closeOnExec: 0o2000000,
  /** A name only: nothing can be read of it. */
  path: 0o10000000,
} as const;

const emptyPath = 0x1000;
const resolveBeneath = 0x08;
const fcntlGet = 3;
const fcntlSet = 4;
const statxBasic = 0x7ff;
const statxBytes = 256;
const pathMaxBytes = 4096;
const listingBytes = 32 * 1024;
/** Where answers are put that come beside a path. */
const answerAt = 8192;

export type Perform = (call: SystemCall) => Promise<CallAnswer>;

/** Calls by name; failures are FsError. */
export class Linux {
  readonly #perform: Perform;

  constructor(perform: Perform) {
    this.#perform = perform;
  }

  /** The path must not lead out of the directory: EPERM. */
  async openBeneath(dir: number, path: string, flags: number, mode: number): Promise<number> {
    return (await this.#open(openBeneathCall(dir, path, flags, mode))).result;
  }

  /** Opens, and says what was opened. `beneath`: the path must not lead out of the directory. */
  async openStat(
    dir: number,
    path: string,
    flags: number,
    mode: number,
    beneath: boolean,
  ): Promise<{ readonly fd: number; readonly stat: Stat }> {
    const call = beneath ? openBeneathCall(dir, path, flags, mode) : openCall(dir, path, flags, mode);
    const { result, data } = await this.#open(withStat(call, []));
    return { fd: result, stat: readStatx(viewOf(data)) };
  }

  /** The path must not lead out of the directory. */
  async statBeneath(dir: number, path: string, flags: number): Promise<Stat> {
    const call = openBeneathCall(dir, path, linuxFlag.path | flags, 0);
    const { data } = await this.#open(withStat(call, [{ number: number.close, args: [0], results: [0] }]));
    return readStatx(viewOf(data));
  }

  async #open(call: SystemCall): Promise<CallAnswer> {
    try {
      return await this.#perform(call);
    } catch (thrown) {
      if (thrown instanceof FsError && thrown.code === "EXDEV") throw new FsError("EPERM");
      throw thrown;
    }
  }

  async close(fd: number): Promise<void> {
    await this.#perform({ number: number.close, args: [fd] });
  }

  async read(fd: number, count: number): Promise<Uint8Array> {
    return this.#bytes({ number: number.read, args: [fd, 0, count], pointers: [1] });
  }

  async write(fd: number, data: Uint8Array): Promise<number> {
    return this.#number({ number: number.write, args: [fd, 0, data.length], pointers: [1], data });
  }

  async pread(fd: number, offset: number, count: number): Promise<Uint8Array> {
    return this.#bytes({ number: number.pread64, args: [fd, 0, count, ...wide(offset)], pointers: [1] });
  }

  async pwrite(fd: number, offset: number, data: Uint8Array): Promise<number> {
    const args = [fd, 0, data.length, ...wide(offset)];
    return this.#number({ number: number.pwrite64, args, pointers: [1], data });
  }

  async lseek(fd: number, offset: number, whence: number): Promise<number> {
    const [low, high] = wide(offset);
    const { data } = await this.#perform({
      number: number.llseek,
      args: [fd, high, low, 0, whence],
      pointers: [3],
      back: { offset: 0, length: 8 },
    });
    return Number(viewOf(data).getBigInt64(0, true));
  }

  async ftruncate(fd: number, size: number): Promise<void> {
    await this.#perform({ number: number.ftruncate64, args: [fd, ...wide(size)] });
  }

  async fsync(fd: number): Promise<void> {
    await this.#perform({ number: number.fsync, args: [fd] });
  }

  async getFlags(fd: number): Promise<number> {
    const flags = await this.#number({ number: number.fcntl64, args: [fd, fcntlGet, 0] });
    return flags & ~linuxFlag.largeFile;
  }

  async setFlags(fd: number, flags: number): Promise<void> {
    await this.#perform({ number: number.fcntl64, args: [fd, fcntlSet, flags] });
  }

  /** What one call gives from where the directory stands, "." and ".." among it; empty at the end. */
  async getdents(fd: number): Promise<Entry[]> {
    const data = await this.#bytes({ number: number.getdents64, args: [fd, 0, listingBytes], pointers: [1] });
    const view = viewOf(data);
    const entries: Entry[] = [];
    for (let at = 0; at + 19 <= data.length; at += view.getUint16(at + 16, true)) {
      const end = data.indexOf(0, at + 19);
      const name = decodeUtf8(data.subarray(at + 19, end));
      // A name that is not UTF-8 cannot be said in WebAssembly's interfaces, and so not be opened.
      if (name === undefined) continue;
      entries.push({
        name,
        ino: Number(view.getBigUint64(at, true)),
        type: view.getUint8(at + 18) << 12,
        next: Number(view.getBigInt64(at + 8, true)),
      });
    }
    return entries;
  }

  async stat(dir: number, path: string, flags: number): Promise<Stat> {
    const { data } = await this.#perform({
      number: number.statx,
      args: [dir, 0, flags | (path === "" ? emptyPath : 0), statxBasic, answerAt],
      pointers: [1, 4],
      data: text(path),
      back: { offset: answerAt, length: statxBytes },
    });
    return readStatx(viewOf(data));
  }

  async utimensat(dir: number, path: string, atime: NewTime, mtime: NewTime, flags: number): Promise<void> {
    const times = new DataView(new ArrayBuffer(32));
    putTime(times, 0, atime);
    putTime(times, 16, mtime);
    await this.#perform({
      number: number.utimensat,
      args: [dir, 32, 0, flags | (path === "" ? emptyPath : 0)],
      pointers: [1, 2],
      data: concatBytes([new Uint8Array(times.buffer), text(path)]),
    });
  }

  async chmod(path: string, mode: number): Promise<void> {
    await this.#perform({ number: number.chmod, args: [0, mode], pointers: [0], data: text(path) });
  }

  async fchmodat(dir: number, path: string, mode: number): Promise<void> {
    await this.#perform({ number: number.fchmodat, args: [dir, 0, mode], pointers: [1], data: text(path) });
  }

  async fchownat(dir: number, path: string, uid: number, gid: number, flags: number): Promise<void> {
    const args = [dir, 0, uid, gid, flags | (path === "" ? emptyPath : 0)];
    await this.#perform({ number: number.fchownat, args, pointers: [1], data: text(path) });
  }

  async mkdirat(dir: number, path: string, mode: number): Promise<void> {
    await this.#perform({ number: number.mkdirat, args: [dir, 0, mode], pointers: [1], data: text(path) });
  }

  async unlinkat(dir: number, path: string, flags: number): Promise<void> {
    await this.#perform({ number: number.unlinkat, args: [dir, 0, flags], pointers: [1], data: text(path) });
  }

  async renameat(dir: number, path: string, newDir: number, newPath: string): Promise<void> {
    const [data, second] = two(path, newPath);
    await this.#perform({ number: number.renameat, args: [dir, 0, newDir, second], pointers: [1, 3], data });
  }

  async linkat(dir: number, path: string, newDir: number, newPath: string, flags: number): Promise<void> {
    const [data, second] = two(path, newPath);
    const args = [dir, 0, newDir, second, flags | (path === "" ? emptyPath : 0)];
    await this.#perform({ number: number.linkat, args, pointers: [1, 3], data });
  }

  async symlinkat(target: string, dir: number, path: string): Promise<void> {
    const [data, second] = two(target, path);
    await this.#perform({ number: number.symlinkat, args: [0, dir, second], pointers: [0, 2], data });
  }

  async readlinkat(dir: number, path: string): Promise<string> {
    const { data } = await this.#perform({
      number: number.readlinkat,
      args: [dir, 0, answerAt, pathMaxBytes],
      pointers: [1, 2],
      data: text(path),
      back: { offset: answerAt, length: "result" },
    });
    return asText(data);
  }

  async chdir(path: string): Promise<void> {
    await this.#perform({ number: number.chdir, args: [0], pointers: [0], data: text(path) });
  }

  async getcwd(): Promise<string> {
    const data = await this.#bytes({ number: number.getcwd, args: [0, pathMaxBytes], pointers: [0] });
    return asText(data.subarray(0, -1));
  }

  /** `timeout` in milliseconds, -1 for ever. */
  async poll(requests: readonly PollRequest[], timeout: number): Promise<PollResult[]> {
    const table = new DataView(new ArrayBuffer(requests.length * 8));
    for (const [index, { fd, events }] of requests.entries()) {
      table.setInt32(index * 8, fd, true);
      table.setUint16(index * 8 + 4, events, true);
    }
    const { data } = await this.#perform({
      number: number.poll,
      args: [0, requests.length, timeout],
      pointers: [0],
      data: new Uint8Array(table.buffer),
      back: { offset: 0, length: table.byteLength },
    });
    const view = viewOf(data);
    return requests.map((_, index) => ({ events: view.getUint16(index * 8 + 6, true), bytes: 0 }));
  }

  async #number(call: SystemCall): Promise<number> {
    return (await this.#perform(call)).result;
  }

  async #bytes(call: SystemCall): Promise<Uint8Array> {
    return (await this.#perform({ ...call, back: { offset: 0, length: "result" } })).data;
  }
}

/** A call that opens; its data ends with the path's NUL. */
interface OpenCall extends SystemCall {
  readonly data: Uint8Array;
}

function openCall(dir: number, path: string, flags: number, mode: number): OpenCall {
  const all = flags | linuxFlag.largeFile | linuxFlag.closeOnExec;
  return { number: number.openat, args: [dir, 0, all, mode], pointers: [1], data: text(path) };
}

function openBeneathCall(dir: number, path: string, flags: number, mode: number): OpenCall {
  const how = new DataView(new ArrayBuffer(24));
  // openat2 refuses what makes no sense for a name only.
  const large = (flags & linuxFlag.path) === 0 ? linuxFlag.largeFile : 0;
  how.setBigUint64(0, BigInt(flags | large | linuxFlag.closeOnExec), true);
  how.setBigUint64(8, BigInt(mode), true);
  how.setBigUint64(16, BigInt(resolveBeneath), true);
  const data = concatBytes([new Uint8Array(how.buffer), text(path)]);
  return { number: number.openat2, args: [dir, 24, 0, 24], pointers: [1, 2], data };
}

/** The answer brings the attributes of what was opened: one way to the process and back instead of two. */
function withStat(call: OpenCall, further: NonNullable<SystemCall["further"]>): SystemCall {
  const empty = call.data.length - 1;
  const stat = {
    number: number.statx,
    args: [0, empty, emptyPath, statxBasic, answerAt],
    pointers: [1, 4],
    results: [0],
  };
  return { ...call, further: [stat, ...further], back: { offset: answerAt, length: statxBytes } };
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}

function text(path: string): Uint8Array {
  if (path.includes("\0")) throw new FsError("EINVAL", "a path cannot hold NUL");
  const bytes = encodeUtf8(`${path}\0`);
  if (bytes.length > pathMaxBytes) throw new FsError("ENAMETOOLONG");
  return bytes;
}

/** Two paths, and where the second begins. */
function two(first: string, second: string): [Uint8Array, number] {
  const begin = text(first);
  return [concatBytes([begin, text(second)]), begin.length];
}

function asText(data: Uint8Array): string {
  const path = decodeUtf8(data);
  if (path === undefined) throw new FsError("EILSEQ");
  return path;
}

/** Low and high half of a number of 64 bits. */
function wide(value: number): [low: number, high: number] {
  const bits = BigInt.asUintN(64, BigInt(value));
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}

const billion = 1_000_000_000n;

/** UTIME_NOW and UTIME_OMIT. */
const specialTimes = { now: 0x3fffffffn, keep: 0x3ffffffen } as const;

function putTime(view: DataView, at: number, time: NewTime): void {
  const special = typeof time === "string" ? specialTimes[time] : undefined;
  const whole = typeof time === "string" ? 0n : time;
  const rest = ((whole % billion) + billion) % billion;
  view.setBigInt64(at, (whole - rest) / billion, true);
  view.setBigInt64(at + 8, special ?? rest, true);
}

function readStatx(view: DataView): Stat {
  const u32 = (at: number): number => view.getUint32(at, true);
  const u64 = (at: number): number => Number(view.getBigUint64(at, true));
  const time = (at: number): bigint =>
    view.getBigInt64(at, true) * billion + BigInt(view.getUint32(at + 8, true));
  return {
    dev: u32(136) * 256 + u32(140),
    ino: u64(32),
    mode: view.getUint16(28, true),
    nlink: u32(16),
    uid: u32(20),
    gid: u32(24),
    rdev: u32(128) * 256 + u32(132),
    size: u64(40),
    atime: time(64),
    mtime: time(112),
    ctime: time(96),
  };
}

/** Whether reading from it or writing to it may take as long as it likes. */
export function mayBlock(mode: number): boolean {
  const type = mode & fileType.mask;
  return type !== fileType.regular && type !== fileType.directory;
}
