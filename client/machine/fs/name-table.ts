// The names in one directory, with places that stay valid while the directory changes. Knows inode numbers, no inodes.

import type { Ino } from "./fs.ts";

export interface NamedInode {
  readonly name: string;
  readonly ino: Ino;
  /** Grows with every name that is added: a reader that goes on after `place` misses nothing that stayed. */
  readonly place: number;
}

export class NameTable {
  readonly #names = new Map<string, NamedInode>();
  #lastPlace = 0;

  get size(): number {
    return this.#names.size;
  }

  get(name: string): Ino | undefined {
    return this.#names.get(name)?.ino;
  }

  /** Adds the name or makes it mean another inode; then it takes a new place, at the end. */
  set(name: string, ino: Ino): void {
    this.#names.delete(name);
    this.#names.set(name, { name, ino, place: ++this.#lastPlace });
  }

  delete(name: string): boolean {
    return this.#names.delete(name);
  }

  /** At most `limit` names after `place`, in the order of their places. */
  after(place: number, limit: number): NamedInode[] {
    const found: NamedInode[] = [];
    // A Map iterates in insertion order, which is the order of places.
    for (const entry of this.#names.values()) {
      if (entry.place <= place) continue;
      if (found.length >= limit) break;
      found.push(entry);
    }
    return found;
  }

  entries(): Iterable<NamedInode> {
    return this.#names.values();
  }

  /** Puts exported entries back, with their places. */
  restore(entries: Iterable<NamedInode>): void {
    for (const entry of entries) {
      this.#names.set(entry.name, entry);
      this.#lastPlace = Math.max(this.#lastPlace, entry.place);
    }
  }
}
