// Inode numbers that mean another inode since a file came into the project or left it: the guest's kernel goes on using
// the number under which it has the file. Knows numbers only.

import type { Ino } from "../fs.ts";

export class MovedInodes {
  readonly #moved = new Map<Ino, Ino>();

  move(from: Ino, to: Ino): void {
    if (this.current(from) !== to) this.#moved.set(this.current(from), to);
    // It is there under its own number again.
    this.#moved.delete(to);
  }

  /** The number under which the file is now. */
  current(ino: Ino): Ino {
    if (this.#moved.size === 0) return ino;
    let at = ino;
    for (let next = this.#moved.get(at); next !== undefined; next = this.#moved.get(at)) at = next;
    return at;
  }
}
