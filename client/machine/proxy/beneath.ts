// Paths that must not lead out of a directory (SPEC SYS-2), with the calls that Linux has for that: openat2 alone knows
// of bounds, so every other call is made relative to what it has opened.

import { FsError } from "#core/base/errno.ts";
import { type Stat, systemFlag } from "#machine/wasm/system.ts";
import { type Linux, linuxFlag } from "./linux.ts";

/** A path as the process has it. */
export interface Located {
  /** The process's descriptor, or atFdCwd. */
  readonly dir: number;
  readonly path: string;
  readonly bound: boolean;
}

const noFollow = 0x100;

export class Beneath {
  readonly #linux: Linux;

  constructor(linux: Linux) {
    this.#linux = linux;
  }

  open(
    { dir, path, bound }: Located,
    flags: number,
    mode: number,
  ): Promise<{ readonly fd: number; readonly stat: Stat }> {
    // openat2 wants none where nothing is made.
    const given = bound && (flags & systemFlag.create) === 0 ? 0 : mode;
    return this.#linux.openStat(dir, path, flags, given, bound);
  }

  stat({ dir, path, bound }: Located, follow: boolean): Promise<Stat> {
    return bound
      ? this.#linux.statBeneath(dir, path, follow ? 0 : systemFlag.noFollow)
      : this.#linux.stat(dir, path, follow ? 0 : noFollow);
  }

  /** For calls on what the path means: `use` gets a name ("" for the descriptor itself) and flags. */
  async withFile<T>(
    located: Located,
    follow: boolean,
    use: (dir: number, name: string, flags: number) => Promise<T>,
  ): Promise<T> {
    if (!located.bound) return use(located.dir, located.path, follow ? 0 : noFollow);
    const flags = linuxFlag.path | (follow ? 0 : systemFlag.noFollow);
    const fd = await this.#linux.openBeneath(located.dir, located.path, flags, 0);
    return this.#closing(fd, use(fd, "", 0));
  }

  /** For calls on the name itself. */
  async withName<T>(located: Located, use: (dir: number, name: string) => Promise<T>): Promise<T> {
    const { dir, path, bound } = located;
    // A slash at the end belongs to the name.
    const match = /^(.*\/)?([^/]+\/*)$/s.exec(path);
    if (!bound || match === null) return use(dir, path);
    const [, folder, name = ""] = match;
    if (/^\.\.?\/*$/.test(name)) throw new FsError(name.startsWith("..") ? "EPERM" : "EINVAL");
    if (folder === undefined) return use(dir, name);
    const fd = await this.#linux.openBeneath(dir, folder, linuxFlag.path | systemFlag.directory, 0);
    return this.#closing(fd, use(fd, name));
  }

  async #closing<T>(fd: number, result: Promise<T>): Promise<T> {
    try {
      return await result;
    } finally {
      await this.#linux.close(fd);
    }
  }
}
