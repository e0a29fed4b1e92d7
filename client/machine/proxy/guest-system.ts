// System of a program that has a proxy process in the guest: that process's descriptors, and the guest's view of files.
// Paths that are plainly in /project are served from the namespace that the guest mounts, without asking it.

import { concatBytes } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { ProxyProcess } from "#machine/task/program-runner.ts";
import {
  atFdCwd,
  atFlag,
  type Entry,
  type NewTime,
  type Opened,
  pollEvent,
  type PollRequest,
  type PollResult,
  type Stat,
  type System,
  systemFlag,
  systemLimits,
} from "#machine/wasm/system.ts";
import { Beneath } from "./beneath.ts";
import { type Descriptor, Descriptors } from "./program-descriptors.ts";
import { Linux, mayBlock } from "./linux.ts";
import { Routes } from "./routes.ts";
import { ServerThreads } from "./server-threads.ts";

export interface GuestSystemOptions {
  readonly proxy: ProxyProcess;
  /** The namespace that the guest mounts, as a System of its own. */
  readonly files: System;
  /** The process's working directory. */
  readonly cwd: string;
}

export class GuestSystem implements System {
  readonly #proxy: ProxyProcess;
  readonly #files: System;
  readonly #threads: ServerThreads;
  readonly #linux: Linux;
  readonly #beneath: Beneath;
  readonly #open = new Descriptors();
  readonly #routes: Routes;

  constructor({ proxy, files, cwd }: GuestSystemOptions) {
    this.#proxy = proxy;
    this.#files = files;
    this.#threads = new ServerThreads(proxy.calls);
    this.#linux = new Linux((call) => this.#threads.perform(call));
    this.#beneath = new Beneath(this.#linux);
    this.#routes = new Routes(files, (fd) => this.#open.get(fd), cwd);
    for (const fd of [0, 1, 2]) this.#open.add({ kind: "guest", fd, blocks: true, position: 0 });
  }

  /** The whole file of the program. */
  async readProgram(): Promise<Uint8Array> {
    const { program } = this.#proxy;
    const path = await this.#linux.readlinkat(atFdCwd, `/proc/self/fd/${program}`);
    const bytes = await this.#routes
      .follow<Uint8Array | undefined>(
        atFdCwd,
        path,
        (folder, rest) => this.#readDirect(folder, rest),
        () => Promise.resolve(undefined),
      )
      // It was renamed or removed meanwhile: the process still has it open.
      .catch(() => undefined);
    const whole = bytes ?? (await readAll((offset, count) => this.#linux.pread(program, offset, count)));
    await this.#linux.close(program);
    return whole;
  }

  async #readDirect(folder: number, path: string): Promise<Uint8Array> {
    const { fd } = await this.#files.openat(folder, path, systemFlag.readOnly, 0);
    const bytes = await readAll((offset, count) => this.#files.pread(fd, offset, count));
    await this.#files.close(fd);
    return bytes;
  }

  openat(dir: number, path: string, flags: number, mode: number): Promise<Opened> {
    return this.#routes.follow<Opened>(
      dir,
      path,
      async (folder, rest) => {
        const opened = await this.#files.openat(folder, rest, flags, mode);
        return { ...opened, fd: this.#open.add({ kind: "direct", fd: opened.fd }) };
      },
      async (located) => {
        const { fd, stat } = await this.#beneath.open(located, flags, mode);
        const absolute = this.#routes.absolute(dir, path);
        const where = absolute === undefined ? {} : { path: absolute };
        const blocks = mayBlock(stat.mode);
        return { fd: this.#open.add({ kind: "guest", fd, blocks, position: 0, ...where }), mode: stat.mode };
      },
    );
  }

  close(fd: number): Awaitable<void> {
    const taken = this.#open.take(fd);
    return taken.kind === "direct" ? this.#files.close(taken.fd) : this.#linux.close(taken.fd);
  }

  read(fd: number, count: number): Awaitable<Uint8Array> {
    const found = this.#open.get(fd);
    if (found.kind === "direct") return this.#files.read(found.fd, count);
    return this.#waiting(found, () => this.#linux.read(found.fd, Math.min(count, systemLimits.dataBytes)));
  }

  write(fd: number, data: Uint8Array): Awaitable<number> {
    const found = this.#open.get(fd);
    if (found.kind === "direct") return this.#files.write(found.fd, data);
    return this.#waiting(found, () => this.#linux.write(found.fd, data.subarray(0, systemLimits.dataBytes)));
  }

  pread(fd: number, offset: number, count: number): Awaitable<Uint8Array> {
    const found = this.#open.get(fd);
    if (found.kind === "direct") return this.#files.pread(found.fd, offset, count);
    return this.#linux.pread(found.fd, offset, Math.min(count, systemLimits.dataBytes));
  }

  pwrite(fd: number, offset: number, data: Uint8Array): Awaitable<number> {
    const found = this.#open.get(fd);
    if (found.kind === "direct") return this.#files.pwrite(found.fd, offset, data);
    return this.#linux.pwrite(found.fd, offset, data.subarray(0, systemLimits.dataBytes));
  }

  lseek(fd: number, offset: number, whence: number): Awaitable<number> {
    const [system, own] = this.#owner(fd);
    return system.lseek(own, offset, whence);
  }

  ftruncate(fd: number, size: number): Awaitable<void> {
    const [system, own] = this.#owner(fd);
    return system.ftruncate(own, size);
  }

  fsync(fd: number): Awaitable<void> {
    const [system, own] = this.#owner(fd);
    return system.fsync(own);
  }

  getFlags(fd: number): Awaitable<number> {
    const [system, own] = this.#owner(fd);
    return system.getFlags(own);
  }

  setFlags(fd: number, flags: number): Awaitable<void> {
    const [system, own] = this.#owner(fd);
    return system.setFlags(own, flags);
  }

  async readdir(fd: number, cookie: number, max: number): Promise<readonly Entry[]> {
    const found = this.#open.get(fd);
    if (found.kind === "direct") return this.#files.readdir(found.fd, cookie, max);
    if (found.position !== cookie) await this.#linux.lseek(found.fd, cookie, 0);
    for (;;) {
      const all = await this.#linux.getdents(found.fd);
      const entries = all.filter(({ name }) => name !== "." && name !== "..").slice(0, max);
      found.position = all.at(-1)?.next ?? cookie;
      if (entries.length > 0 || all.length === 0) return entries;
    }
  }

  fstatat(dir: number, path: string, flags: number): Awaitable<Stat> {
    const direct = (folder: number, rest: string): Awaitable<Stat> =>
      this.#files.fstatat(folder, rest, flags);
    if (path === "" && dir !== atFdCwd) {
      const found = this.#open.get(dir);
      return found.kind === "direct" ? direct(found.fd, "") : this.#linux.stat(found.fd, "", 0);
    }
    return this.#routes.follow(dir, path, direct, (located) =>
      this.#beneath.stat(located, (flags & atFlag.noFollow) === 0),
    );
  }

  utimensat(dir: number, path: string, atime: NewTime, mtime: NewTime, flags: number): Awaitable<void> {
    return this.#attribute(
      [dir, path, flags],
      (folder, rest) => this.#files.utimensat(folder, rest, atime, mtime, flags),
      (at, name, more) => this.#linux.utimensat(at, name, atime, mtime, more),
    );
  }

  fchmodat(dir: number, path: string, mode: number): Awaitable<void> {
    return this.#attribute(
      [dir, path, 0],
      (folder, rest) => this.#files.fchmodat(folder, rest, mode),
      (at, name) =>
        // fchmodat(2) knows no empty path.
        name === "" ? this.#linux.chmod(`/proc/self/fd/${at}`, mode) : this.#linux.fchmodat(at, name, mode),
    );
  }

  fchownat(dir: number, path: string, uid: number, gid: number, flags: number): Awaitable<void> {
    return this.#attribute(
      [dir, path, flags],
      (folder, rest) => this.#files.fchownat(folder, rest, uid, gid, flags),
      (at, name, more) => this.#linux.fchownat(at, name, uid, gid, more),
    );
  }

  mkdirat(dir: number, path: string, mode: number): Promise<void> {
    return this.#routes.follow(
      dir,
      path,
      (folder, rest) => this.#files.mkdirat(folder, rest, mode),
      (located) => this.#beneath.withName(located, (at, name) => this.#linux.mkdirat(at, name, mode)),
    );
  }

  unlinkat(dir: number, path: string, flags: number): Promise<void> {
    return this.#routes.follow(
      dir,
      path,
      (folder, rest) => this.#files.unlinkat(folder, rest, flags),
      (located) => this.#beneath.withName(located, (at, name) => this.#linux.unlinkat(at, name, flags)),
    );
  }

  symlinkat(target: string, dir: number, path: string): Promise<void> {
    return this.#routes.follow(
      dir,
      path,
      (folder, rest) => this.#files.symlinkat(target, folder, rest),
      (located) => this.#beneath.withName(located, (at, name) => this.#linux.symlinkat(target, at, name)),
    );
  }

  readlinkat(dir: number, path: string): Promise<string> {
    return this.#routes.follow(
      dir,
      path,
      (folder, rest) => this.#files.readlinkat(folder, rest),
      (located) => this.#beneath.withName(located, (at, name) => this.#linux.readlinkat(at, name)),
    );
  }

  renameat(dir: number, path: string, newDir: number, newPath: string): Promise<void> {
    return this.#both("renameat", [dir, path], [newDir, newPath], 0);
  }

  linkat(dir: number, path: string, newDir: number, newPath: string, flags: number): Promise<void> {
    return this.#both("linkat", [dir, path], [newDir, newPath], flags);
  }

  async chdir(path: string): Promise<string> {
    await this.#linux.chdir(path);
    this.#routes.cwd = await this.#linux.getcwd();
    return this.#routes.cwd;
  }

  async poll(requests: readonly PollRequest[], timeout: bigint | undefined): Promise<readonly PollResult[]> {
    const results: PollResult[] = requests.map(() => ({ events: 0, bytes: 0 }));
    const asked: { readonly index: number; readonly fd: number; readonly events: number }[] = [];
    for (const [index, { fd, events }] of requests.entries()) {
      const found = this.#open.find(fd);
      if (found === undefined) results[index] = { events: pollEvent.invalid, bytes: 0 };
      else if (found.kind === "guest") asked.push({ index, fd: found.fd, events });
      // A file is always ready.
      else results[index] = (await this.#files.poll([{ fd: found.fd, events }], 0n))[0] ?? nothing;
    }
    const wait = results.every(({ events }) => events === 0) ? timeout : 0n;
    const answers = await this.#threads.mayWait(() => this.#linux.poll(asked, millisecondsOf(wait)));
    for (const [at, { index }] of asked.entries()) results[index] = answers[at] ?? nothing;
    return results;
  }

  /** The process itself is made to end by whoever started the program. */
  async end(): Promise<void> {
    this.#threads.end();
    this.#open.clear();
    await this.#files.end();
  }

  #owner(fd: number): [Pick<System, "lseek" | "ftruncate" | "fsync" | "getFlags" | "setFlags">, number] {
    const found = this.#open.get(fd);
    return [found.kind === "direct" ? this.#files : this.#linux, found.fd];
  }

  #waiting<T>(descriptor: Descriptor & { readonly kind: "guest" }, call: () => Promise<T>): Promise<T> {
    return descriptor.blocks ? this.#threads.mayWait(call) : call();
  }

  /** SPEC SYS-3: an empty path is the descriptor itself. */
  #attribute<T>(
    [dir, path, flags]: readonly [dir: number, path: string, flags: number],
    direct: (folder: number, path: string) => Awaitable<T>,
    guest: (dir: number, name: string, flags: number) => Promise<T>,
  ): Awaitable<T> {
    if (path === "" && dir !== atFdCwd) {
      const found = this.#open.get(dir);
      return found.kind === "direct" ? direct(found.fd, "") : guest(found.fd, "", 0);
    }
    return this.#routes.follow(dir, path, direct, (located) =>
      this.#beneath.withFile(located, (flags & atFlag.noFollow) === 0, guest),
    );
  }

  async #both(
    operation: "renameat" | "linkat",
    [dir, path]: readonly [number, string],
    [newDir, newPath]: readonly [number, string],
    flags: number,
  ): Promise<void> {
    const [from, to] = [await this.#routes.find(dir, path), await this.#routes.find(newDir, newPath)];
    if (from.kind === "direct" && to.kind === "direct")
      return this.#files[operation](from.folder, from.path, to.folder, to.path, flags);
    // As Linux says of two file systems.
    if (from.kind === "direct" || to.kind === "direct") throw new FsError("EXDEV");
    return this.#beneath.withName(from.located, (at, name) =>
      this.#beneath.withName(to.located, (newAt, newName) =>
        this.#linux[operation](at, name, newAt, newName, flags),
      ),
    );
  }
}

async function readAll(read: (offset: number, count: number) => Awaitable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const piece = await read(offset, systemLimits.dataBytes);
    if (piece.length === 0) return concatBytes(pieces);
    // A copy: what an Fs gives may be its own.
    pieces.push(piece.slice());
    offset += piece.length;
  }
}

const nothing: PollResult = { events: 0, bytes: 0 };

/** As poll(2) takes it: whole ones, -1 for ever. */
function millisecondsOf(nanoseconds: bigint | undefined): number {
  if (nanoseconds === undefined) return -1;
  return Math.min(Number((nanoseconds + 999_999n) / 1_000_000n), 0x7fffffff);
}
