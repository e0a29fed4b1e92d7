// Inode numbers of a project's nodes, and the times that the guest is shown. Knows no content.

import { FsError } from "#core/base/errno.ts";
import { rootId } from "#core/project/project.ts";
import type { NodeId } from "#core/project/project.ts";
import { type FineTimes, nanosecondsOf, setTimes } from "../fine-times.ts";
import type { AttributeChange, Attributes, Ino } from "../fs.ts";

/** From here on numbers belong to the local file system that holds what is not shared. */
export const firstLocalIno: Ino = 2 ** 27;

/** Whether what has this number is leased (P9-28): for life, and so by the number under which it was first told. */
export function isLeased(ino: Ino): boolean {
  return ino < firstLocalIno;
}

/** The smallest step between two modification times, in milliseconds: what the guest keeps is nanoseconds. */
const tick = 0.001;

export class Inodes {
  /** By inode number; the root is 1 in every project, so that a snapshot taken with one serves any other. */
  readonly #ids: (NodeId | undefined)[] = [undefined, rootId];
  readonly #inos = new Map<NodeId, Ino>([[rootId, 1]]);
  /** Where they stand in listings: the first number that was given to each. */
  readonly #places = new Map<NodeId, Ino>([[rootId, 1]]);
  /** Numbers that were given by the local file system, of what is shared now. */
  readonly #entered = new Map<Ino, NodeId>();
  /** By which a node is known besides its own number. */
  readonly #further = new Map<NodeId, Set<Ino>>();
  readonly #times = new Map<NodeId, { stored: number; shown: number }>();
  /** Of times that a program of this machine has set: the document keeps microseconds. */
  readonly #fine = new Map<NodeId, FineTimes>();

  /** Given at first sight, ascending, never reused. */
  ino(id: NodeId): Ino {
    const known = this.#inos.get(id);
    if (known !== undefined) return known;
    const ino = this.#give(id);
    this.#inos.set(id, ino);
    if (!this.#places.has(id)) this.#places.set(id, ino);
    return ino;
  }

  /** Where it stands in listings: a number of the node's own, whatever it is told as. */
  place(id: NodeId): Ino {
    this.ino(id);
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const place = this.#give(id);
    this.#places.set(id, place);
    return place;
  }

  #give(id: NodeId): Ino {
    const ino = this.#ids.length;
    if (ino >= firstLocalIno) throw new FsError("ENOSPC", "no inode numbers are left");
    this.#ids.push(id);
    return ino;
  }

  id(ino: Ino): NodeId {
    const id = ino < firstLocalIno ? this.#ids[ino] : this.#entered.get(ino);
    if (id === undefined) throw new FsError("ESTALE", `there is no inode ${ino}`);
    return id;
  }

  /** All the numbers by which the guest may know the node, first the one that it is told as. */
  numbers(id: NodeId): readonly [Ino, ...Ino[]] {
    const told = this.ino(id);
    const others = new Set([this.place(id), ...(this.#further.get(id) ?? [])]);
    others.delete(told);
    return [told, ...others];
  }

  /** The guest goes on calling the node by numbers that were another's, and is told of it by the last one. */
  means(numbers: readonly Ino[], id: NodeId): void {
    const further = this.#further.get(id) ?? new Set();
    this.#further.set(id, further);
    for (const ino of numbers) {
      further.add(ino);
      this.#set(ino, id);
    }
  }

  /** The node's numbers are another's from now on; it gets a new one when it is seen again. */
  leaves(id: NodeId): void {
    this.#inos.delete(id);
    this.#places.delete(id);
    this.#further.delete(id);
    this.#times.delete(id);
    this.#fine.delete(id);
  }

  #set(ino: Ino, id: NodeId): void {
    if (ino < firstLocalIno) this.#ids[ino] = id;
    else this.#entered.set(ino, id);
    this.#inos.set(id, ino);
  }

  /**
   * The guest has renamed `from` over `to`, and its content went there: `to` takes its number, which is what the guest's
   * kernel knows under that name. Whoever still holds the number that `to` had, means `to` as before.
   */
  replace(from: NodeId, to: NodeId): void {
    this.means([this.ino(to), ...this.numbers(from).toReversed()], to);
    this.#inos.delete(from);
    this.#times.delete(from);
    const fine = this.#fine.get(from);
    this.#fine.delete(from);
    if (fine !== undefined) this.#fine.set(to, fine);
  }

  /** A removed file comes back as what the guest takes for another: it gets another number; the old one means it, too. */
  renew(id: NodeId): void {
    this.#times.delete(id);
    this.#inos.set(id, this.#give(id));
  }

  /** The guest has renamed `a`, and made its name anew: `b` is from now on what it knows as `a`, with its times. */
  swap(a: NodeId, b: NodeId): void {
    const [inoA, inoB] = [this.ino(a), this.ino(b)];
    this.#set(inoA, b);
    this.#set(inoB, a);
    const fine = this.#fine.get(a);
    this.#fine.delete(a);
    this.#times.delete(a);
    if (fine !== undefined) this.#fine.set(b, fine);
  }

  /** Whether the guest was ever shown a time of the node. */
  knows(id: NodeId): boolean {
    return this.#times.has(id);
  }

  /** The modification time to show. */
  time(id: NodeId, stored: number): number {
    const times = this.#times.get(id);
    if (times === undefined) {
      this.#times.set(id, { stored, shown: stored });
      return stored;
    }
    return times.shown;
  }

  /** Somebody else changed the node. Content that changes always moves the time: the guest's kernel goes by it. */
  changedElsewhere(id: NodeId, stored: number, contentChanged: boolean, now: number): void {
    const times = this.#times.get(id);
    // What was never shown needs no new time.
    if (times === undefined) return;
    if (times.stored !== stored) {
      times.shown = contentChanged && stored <= times.shown ? times.shown + tick : stored;
      times.stored = stored;
    } else if (contentChanged) times.shown = Math.max(now, times.shown + tick);
  }

  /** The guest changed the content, or names in a directory. */
  bump(id: NodeId, now: number): void {
    const times = this.#times.get(id);
    if (times === undefined) this.#times.set(id, { stored: now, shown: now });
    else times.shown = Math.max(now, times.shown + tick);
  }

  /** A commit of ours stored a time: the guest goes on seeing the time of its own last write. */
  committed(id: NodeId, stored: number): void {
    const times = this.#times.get(id);
    if (times !== undefined) times.stored = stored;
  }

  /** The guest asked for this time. */
  set(id: NodeId, time: number): void {
    this.#times.set(id, { stored: time, shown: time });
  }

  /** The guest asked for these times, which count as long as they are the node's. */
  setFine(id: NodeId, change: Pick<AttributeChange, "atime" | "mtime" | "nanoseconds">): void {
    const known = this.#fine.get(id);
    const { atime, mtime, nanoseconds = {} } = change;
    const isFine = Object.values(nanoseconds).some((each) => each % 1000 !== 0);
    if (known === undefined && !isFine) return;
    // A time that is not asked for is none that the node could have.
    const times = {
      atime: atime ?? NaN,
      mtime: mtime ?? NaN,
      ...(known === undefined ? {} : { fine: known }),
    };
    setTimes(times, change);
    if (times.fine !== undefined) this.#fine.set(id, times.fine);
  }

  /** Of these times of the node, what is finer than a number of milliseconds. */
  fine(
    id: NodeId,
    times: { readonly atime: number; readonly mtime: number },
  ): Pick<Attributes, "nanoseconds"> {
    const fine = this.#fine.get(id);
    return fine === undefined ? {} : nanosecondsOf({ fine, ...times });
  }
}
