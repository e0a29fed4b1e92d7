// What the guest's processes are doing when they ask: who, when, and whether as git. Knows no files but git's lock.

import type { Actor, Caller } from "../caller.ts";
import type { Doing } from "./vanished-names.ts";

export class Doings {
  readonly #now: () => number;
  readonly #caller: () => Caller | undefined;
  readonly #gits = new WeakSet<Actor>();

  constructor(now: () => number, caller: () => Caller | undefined) {
    this.#now = now;
    this.#caller = caller;
  }

  /** In the call that is under way. */
  get current(): Doing {
    const caller = this.#caller();
    return {
      at: this.#now(),
      caller,
      processRun: caller?.process.run ?? 0,
      groupRun: caller?.group.run ?? 0,
      byGit: caller !== undefined && this.#gits.has(caller.process),
    };
  }

  /** Hears of every file that is made: a process that locks git's index is a git that changes the working tree. */
  makes(path: string): void {
    const caller = this.#caller();
    if (caller !== undefined && /(?:^|\/)\.git\/(?:.*\/)?index\.lock$/.test(path))
      this.#gits.add(caller.process);
  }
}
