// Folders that were removed a short while ago: a process may still be in one, and asks what it is. Knows numbers only.

import type { Ino } from "./fs.ts";

/** Nobody says when a folder is left: so the latest ones are kept, each a few hundred bytes. */
const kept = 256;

export class RemovedFolders {
  readonly #latest: Ino[] = [];

  /** Gives the one that is forgotten now, if any. */
  add(ino: Ino): Ino | undefined {
    this.#latest.push(ino);
    return this.#latest.length > kept ? this.#latest.shift() : undefined;
  }
}
