// The names that programs of this machine took away, by removing a file or by renaming it: a name that the same program
// makes again means the same file. Knows no documents; SPEC.md section 7.

import type { NodeId } from "#core/project/project.ts";
import { returnMilliseconds } from "#core/project/trash.ts";
import type { Caller } from "../caller.ts";

/** Of so many names we know what was there; those that vanished first are forgotten. */
const namesKept = 20_000;

export type NameClass = "file" | "directory" | "link";

export interface Vanished {
  readonly id: NodeId;
  /** Removed, or renamed: then it is where it is now. */
  readonly how: "removed" | "renamed";
  readonly doing: Doing;
  /** It is in a directory that was renamed to a name like its own. */
  readonly backup?: boolean;
}

/** Who did something, and when. */
export interface Doing {
  readonly at: number;
  readonly caller: Caller | undefined;
  readonly processRun: number;
  readonly groupRun: number;
  /** By a git that holds the lock of its index: what it removes, it has in its history. */
  readonly byGit: boolean;
}

export class VanishedNames {
  /** By class and path. */
  readonly #names = new Map<string, Vanished>();

  note(path: string, kind: NameClass, vanished: Vanished): void {
    const key = keyOf(path, kind);
    this.#names.delete(key);
    this.#names.set(key, vanished);
    if (this.#names.size <= namesKept) return;
    const [oldest] = this.#names.keys();
    if (oldest !== undefined) this.#names.delete(oldest);
  }

  get(path: string, kind: NameClass): Vanished | undefined {
    return this.#names.get(keyOf(path, kind));
  }

  forget(path: string, kind: NameClass): void {
    this.#names.delete(keyOf(path, kind));
  }
}

function keyOf(path: string, kind: NameClass): string {
  return `${kind} ${path}`;
}

/** Within a moment of each other. */
export function isSoon(before: Doing, now: Doing): boolean {
  return now.at - before.at <= returnMilliseconds;
}

/** By one process, or in one run of a process group: a command line, a script, a cell. */
export function isSameRun(before: Doing, now: Doing): boolean {
  const [a, b] = [before.caller, now.caller];
  if (a === undefined || b === undefined) return false;
  if (isSameProcess(before, now)) return true;
  return a.group === b.group && before.groupRun === now.groupRun;
}

/** By one process, in one cell where it runs several. */
export function isSameProcess(before: Doing, now: Doing): boolean {
  const { caller } = before;
  return (
    caller !== undefined && caller.process === now.caller?.process && before.processRun === now.processRun
  );
}
