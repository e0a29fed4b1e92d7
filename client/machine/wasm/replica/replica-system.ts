// The program's side of a replica: a file system in its own memory, and a note of each change to the machine.

import { emptyBytes } from "#core/base/bytes.ts";
import { isPromise } from "#core/base/awaitable.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import { type SystemCall, systemCalls, type SynchronousSystem } from "../calls/calls.ts";
import { FsSystem } from "../files/fs-system.ts";
import { noStreams } from "../files/read-file.ts";
import { atFdCwd, seekFrom, systemFlag, type System } from "../system.ts";
import type { JournalMessage, Replica } from "./replica.ts";

const silent: ReadonlySet<SystemCall> = new Set([
  "read",
  "pread",
  "lseek",
  "readdir",
  "fstatat",
  "readlinkat",
  "getFlags",
  "chdir",
  "poll",
]);

export function replicaSystem(replica: Replica, note: (message: JournalMessage) => void): SynchronousSystem {
  let input = replica.input;
  const output = (fd: number) => ({
    write: (data: Uint8Array) => {
      note({ program: "journal", call: ["write", fd, data.slice()] });
      return data.length;
    },
  });
  const system = new FsSystem({
    fs: fill(replica),
    cwd: "/",
    streams: {
      input: {
        read: (count) => {
          const data = input.subarray(0, count);
          input = data.length === 0 ? emptyBytes : input.subarray(data.length);
          return data;
        },
      },
      output: output(1),
      error: output(2),
      terminal: replica.terminal,
    },
  });
  const wrapped: Record<string, (...values: readonly unknown[]) => unknown> = {};
  for (const name of systemCalls) wrapped[name] = (...values) => perform(system, note, name, values);
  // Each method passes its call on as it is: the types are those of System.
  return wrapped as unknown as SynchronousSystem;
}

function perform(
  system: System,
  note: (message: JournalMessage) => void,
  name: SystemCall,
  values: readonly unknown[],
): unknown {
  const [fd, data] = values;
  const standard = typeof fd === "number" && fd <= 2;
  // Where a file is written is said along: reads have moved its offset here alone.
  const at = name === "write" && !standard ? sync(system.lseek(Number(fd), 0, seekFrom.current)) : 0;
  const method = system[name] as (...given: readonly unknown[]) => unknown;
  const result = sync(method.apply(system, [...values]));
  if (silent.has(name) || (name === "write" && standard)) return result;
  const appends = name === "write" && (sync(system.getFlags(Number(fd))) & systemFlag.append) !== 0;
  const call =
    name === "write" && !appends ? ["pwrite", fd, at, copied(data)] : [name, ...values.map(copied)];
  const opened = name === "openat" ? { fd: (result as { readonly fd: number }).fd } : {};
  note({ program: "journal", call, ...opened });
  return result;
}

function copied(value: unknown): unknown {
  return value instanceof Uint8Array ? value.slice() : value;
}

/** Files in memory never wait. */
function sync<T>(value: T | Promise<T>): T {
  if (isPromise(value)) throw new Error("invariant violation: a call in a replica waits");
  return value;
}

function fill({ trees }: Replica): MemFs {
  const fs = new MemFs();
  const system = new FsSystem({ fs, cwd: "/", streams: noStreams });
  for (const [index, { entries }] of trees.entries()) {
    sync(system.mkdirat(atFdCwd, `/${index}`, 0o755));
    for (const entry of entries) {
      const path = `/${index}/${entry.path}`;
      if (entry.kind === "directory") sync(system.mkdirat(atFdCwd, path, entry.mode));
      else if (entry.kind === "symlink") sync(system.symlinkat(entry.target, atFdCwd, path));
      else {
        const flags = systemFlag.create | systemFlag.writeOnly;
        const { fd } = sync(system.openat(atFdCwd, path, flags, entry.mode));
        for (let at = 0; at < entry.data.length;) at += sync(system.pwrite(fd, at, entry.data.subarray(at)));
        sync(system.close(fd));
      }
    }
  }
  return fs;
}
