// Directories as readdir(2) lists them: by inode number, so that an offset stays right while entries come and go.

import type { NodeId, Project } from "#core/project/project.ts";
import type { DirectoryEntry } from "../fs.ts";
import type { Inodes } from "./inodes.ts";
import { typeBits } from "./node-type.ts";

/** A listing is made again in a millisecond per thousand entries: no need to keep many. */
const listingsKept = 256;

export class Listings {
  readonly #project: Project;
  readonly #inodes: Inodes;
  readonly #known = new Map<NodeId, readonly DirectoryEntry[]>();

  constructor(project: Project, inodes: Inodes) {
    this.#project = project;
    this.#inodes = inodes;
  }

  forget(directory: NodeId): void {
    this.#known.delete(directory);
  }

  /** At most `limit` entries after `offset`. */
  after(directory: NodeId, offset: number, limit: number): DirectoryEntry[] {
    const listing = this.#listing(directory);
    const from = firstAfter(listing, offset);
    return listing.slice(from, from + limit);
  }

  #listing(directory: NodeId): readonly DirectoryEntry[] {
    const known = this.#known.get(directory);
    if (known !== undefined) return known;
    const listing: DirectoryEntry[] = [];
    for (const [name, id] of this.#project.names(directory)) {
      const facts = this.#project.stat(id);
      if (facts === undefined) continue;
      const ino = this.#inodes.ino(id);
      const next = this.#inodes.place(id);
      listing.push({ name, ino, type: typeBits(facts.kind), shared: true, next });
    }
    listing.sort((a, b) => a.next - b.next);
    if (this.#known.size >= listingsKept) this.#known.clear();
    this.#known.set(directory, listing);
    return listing;
  }
}

function firstAfter(listing: readonly DirectoryEntry[], offset: number): number {
  let low = 0;
  let high = listing.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((listing[middle]?.next ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
