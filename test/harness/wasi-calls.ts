// WASI's functions called as a program calls them, without a program: over files in memory and a memory of its own.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import type { SynchronousSystem } from "#machine/wasm/calls/calls.ts";
import { FsSystem } from "#machine/wasm/files/fs-system.ts";
import { noStreams } from "#machine/wasm/files/read-file.ts";
import type { StandardStreams } from "#machine/wasm/files/stream.ts";
import { allRights, lookupFollow } from "#machine/wasm/wasi/constants.ts";
import type { Preopen } from "#machine/wasm/preopen.ts";
import { wasiFunctions } from "#machine/wasm/wasi/wasi.ts";

type Call = (...values: readonly (number | bigint)[]) => number;

export interface OpenOptions {
  readonly follow?: boolean;
  readonly opening?: number;
  readonly rights?: bigint;
  readonly inheriting?: bigint;
  readonly flags?: number;
}

/** Where results go, and where what is passed in lies. */
const resultAt = 64;
const firstFree = 1024;
const memoryBytes = 65_536;

export class WasiCalls {
  readonly fs = new MemFs();
  readonly memory = new Uint8Array(memoryBytes);
  readonly view = new DataView(this.memory.buffer);
  readonly #functions: Readonly<Record<string, unknown>>;
  #free = firstFree;

  /** `preopens`: names and the paths that they have in the files. */
  constructor(
    streams: StandardStreams = noStreams,
    preopens: readonly Preopen[] = [
      { name: ".", path: "." },
      { name: "/other", path: "/other" },
    ],
  ) {
    const { fs } = this;
    fs.mkdir(fs.root, "work", 0o755);
    fs.mkdir(fs.root, "other", 0o755);
    // Files in memory never wait: every call gives its result itself.
    const system = new FsSystem({ fs, streams, cwd: "/work" }) as unknown as SynchronousSystem;
    this.#functions = wasiFunctions({
      system,
      memory: this.memory,
      argv: ["prog", "é"],
      env: ["A=1"],
      preopens,
      sleep: () => undefined,
    });
  }

  /** The errno. */
  call(name: string, ...values: readonly (number | bigint | string)[]): number {
    const given = values.flatMap((value) => (typeof value === "string" ? this.text(value) : [value]));
    const call = this.#functions[name];
    if (typeof call !== "function") throw new Error(`there is no ${name}`);
    return (call as Call)(...given);
  }

  /** Address and length. */
  text(text: string): [number, number] {
    return this.bytes(encodeUtf8(text));
  }

  bytes(bytes: Uint8Array): [number, number] {
    const at = this.#free;
    this.memory.set(bytes, at);
    this.#free = Math.ceil((at + bytes.length) / 8) * 8;
    return [at, bytes.length];
  }

  space(length: number): number {
    const [at] = this.bytes(new Uint8Array(length));
    return at;
  }

  /** Address and number of an array of pieces. */
  pieces(...pieces: readonly (readonly [number, number])[]): [number, number] {
    const at = this.space(pieces.length * 8);
    for (const [index, [address, length]] of pieces.entries()) {
      this.view.setUint32(at + index * 8, address, true);
      this.view.setUint32(at + index * 8 + 4, length, true);
    }
    return [at, pieces.length];
  }

  get result(): number {
    return this.view.getUint32(resultAt, true);
  }

  get result64(): bigint {
    return this.view.getBigUint64(resultAt, true);
  }

  static readonly resultAt = resultAt;

  /** The descriptor, or the errno negated. */
  open(dir: number, path: string, options: OpenOptions = {}): number {
    const { follow = true, opening = 0, rights = allRights, inheriting = allRights, flags = 0 } = options;
    const lookup = follow ? lookupFollow : 0;
    const error = this.call("path_open", dir, lookup, path, opening, rights, inheriting, flags, resultAt);
    return error === 0 ? this.result : -error;
  }

  write(fd: number, text: string): number {
    return this.call("fd_write", fd, ...this.pieces(this.text(text)), resultAt);
  }

  read(fd: number, count = 1000): string {
    const at = this.space(count);
    const error = this.call("fd_read", fd, ...this.pieces([at, count]), resultAt);
    if (error !== 0) throw new Error(`errno ${error}`);
    return decodeUtf8Lossy(this.memory.slice(at, at + this.result));
  }
}
