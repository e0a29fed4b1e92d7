// The files of a WASI program where threads share no memory: they are sent along, and what it changes is sent back.
// This is what travels, and how the machine collects it; replica-system.ts is the program's side.

import { emptyBytes, concatBytes } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { fileType } from "#machine/fs/fs.ts";
import { atFdCwd, atFlag, type System, systemFlag, systemLimits } from "../system.ts";
import { failureOf, performCall } from "../calls/calls.ts";
import type { Preopen } from "../preopen.ts";

type ReplicaEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly data: Uint8Array }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string };

export interface Replica {
  /** Tree number N is the program's `/N`. */
  readonly trees: readonly ReplicaTree[];
  /** With paths in the replica. */
  readonly preopens: readonly Preopen[];
  /** Standard input, to its end. */
  readonly input: Uint8Array;
  readonly terminal: boolean;
}

interface ReplicaTree {
  /** The System's path of it: absolute. */
  readonly path: string;
  /** Parents before children. */
  readonly entries: readonly ReplicaEntry[];
}

/** A call that changed something in the replica; `fd` is what openat gave there. */
export interface JournalMessage {
  readonly program: "journal";
  readonly call: readonly unknown[];
  readonly fd?: number;
}

/** What one program takes along: copies, made before it starts. */
const maxBytes = 64 * 1024 * 1024;
const maxEntries = 20_000;

/** EFBIG where it is too much. */
export async function collectReplica(
  system: System,
  preopens: readonly Preopen[],
  cwd: string,
): Promise<Replica> {
  const budget = { bytes: maxBytes, entries: maxEntries };
  const portable = preopens
    .filter((each) => each.portable === true)
    .map(({ name, path }) => ({ name, path: path === "." ? cwd : path }));
  const roots = rootsOf(portable.map(({ path }) => path));
  const trees: ReplicaTree[] = [];
  for (const path of roots) {
    const entries: ReplicaEntry[] = [];
    const { fd } = await system.openat(atFdCwd, path, systemFlag.readOnly | systemFlag.directory, 0);
    await collect(system, fd, "", entries, budget);
    await system.close(fd);
    trees.push({ path, entries });
  }
  const { mode } = await system.fstatat(0, "", 0);
  const terminal = (mode & fileType.mask) === fileType.character;
  return {
    trees,
    preopens: portable.map(({ name, path }) => {
      const index = roots.findIndex((root) => isWithin(path, root));
      return { name, path: `/${index}${path.slice(roots[index]?.length)}` };
    }),
    // Most programs on a terminal never read: nobody is to end their input before they start.
    input: terminal ? emptyBytes : await readAll(system, 0, budget),
    terminal,
  };
}

/** Those that lie in no other: a file is sent along once, whatever its names are. */
function rootsOf(paths: readonly string[]): string[] {
  const roots: string[] = [];
  for (const path of paths.toSorted((a, b) => a.length - b.length))
    if (!roots.some((root) => isWithin(path, root))) roots.push(path);
  return roots;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

interface Budget {
  bytes: number;
  entries: number;
}

async function collect(
  system: System,
  root: number,
  prefix: string,
  entries: ReplicaEntry[],
  budget: Budget,
): Promise<void> {
  const flags = systemFlag.readOnly | systemFlag.directory;
  const fd = prefix === "" ? root : (await system.openat(root, prefix, flags, 0)).fd;
  for (let cookie = 0; ;) {
    const listed = await system.readdir(fd, cookie, systemLimits.entries);
    const last = listed.at(-1);
    if (last === undefined) break;
    cookie = last.next;
    for (const { name } of listed) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      if (--budget.entries < 0) throw new FsError("EFBIG", "too many files");
      const { mode } = await system.fstatat(root, path, atFlag.noFollow);
      const type = mode & fileType.mask;
      if (type === fileType.directory) {
        entries.push({ kind: "directory", path, mode });
        await collect(system, root, path, entries, budget);
      } else if (type === fileType.symlink)
        entries.push({ kind: "symlink", path, target: await system.readlinkat(root, path) });
      else if (type === fileType.regular) {
        const file = await system.openat(root, path, systemFlag.readOnly | systemFlag.noFollow, 0);
        entries.push({ kind: "file", path, mode, data: await readAll(system, file.fd, budget) });
        await system.close(file.fd);
      }
    }
  }
  if (prefix !== "") await system.close(fd);
}

async function readAll(system: System, fd: number, budget: Budget): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const data = await system.read(fd, systemLimits.dataBytes);
    if (data.length === 0) return parts.length === 0 ? emptyBytes : concatBytes(parts);
    budget.bytes -= data.length;
    if (budget.bytes < 0) throw new FsError("EFBIG", "too much data");
    parts.push(data.slice());
  }
}

/** The machine's end of the journal: does again what the program did, in order. */
export class JournalReader {
  readonly #system: System;
  readonly #trees: readonly ReplicaTree[];
  /** The program's descriptors and the System's. */
  readonly #fds = new Map<number, number>([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  #last: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  constructor(system: System, { trees }: Replica) {
    this.#system = system;
    this.#trees = trees;
  }

  add(message: JournalMessage): void {
    this.#last = this.#last.then(() => this.#perform(message));
  }

  /** When all of it was done: a sentence where something could not be. */
  async done(): Promise<string | undefined> {
    await this.#last;
    return this.#failure;
  }

  async #perform({ call: [name, ...values], fd }: JournalMessage): Promise<void> {
    try {
      const call = this.#translate(String(name), values);
      const result = await performCall(this.#system, call);
      if (name === "close" && typeof values[0] === "number") this.#fds.delete(values[0]);
      if (fd !== undefined && typeof result === "object" && result !== null && "fd" in result)
        this.#fds.set(fd, Number(result["fd"]));
    } catch (thrown) {
      this.#failure ??= `${String(name)}: ${failureOf(thrown)}`;
    }
  }

  /** Which values of a call are descriptors is said by their places. */
  #translate(name: string, values: readonly unknown[]): readonly unknown[] {
    const places = descriptorPlaces[name] ?? [0];
    const translated = values.map((value, index) =>
      places.includes(index) && value !== atFdCwd ? (this.#fds.get(Number(value)) ?? -1) : value,
    );
    // The only paths without a directory are those of the preopened ones: `/N` and what may follow.
    if (name === "openat" && values[0] === atFdCwd) {
      const [, index, rest] = /^\/(\d+)(.*)$/s.exec(String(values[1])) ?? [];
      translated[1] = `${this.#trees[Number(index)]?.path ?? ""}${rest ?? ""}`;
    }
    return [name, ...translated];
  }
}

const descriptorPlaces: Readonly<Record<string, readonly number[]>> = {
  renameat: [0, 2],
  linkat: [0, 2],
  symlinkat: [1],
};
