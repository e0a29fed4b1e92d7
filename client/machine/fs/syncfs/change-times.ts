// When a node's attributes, place or content were last changed: what a guest is shown as st_ctime. Each machine keeps
// its own, as long as it lives; the document has no such time. Knows inode numbers as little as content.

import type { NodeId } from "#core/project/project.ts";

/** The smallest step between two times, in milliseconds. */
const tick = 0.001;

export class ChangeTimes {
  readonly #times = new Map<NodeId, number>();

  /** It moves in any case, however coarse the clock is. */
  changed(id: NodeId, now: number): void {
    this.#times.set(id, Math.max(now, (this.#times.get(id) ?? 0) + tick));
  }

  /** `b` is from now on what the guest knows as `a` (`Inodes.swap`). */
  swap(a: NodeId, b: NodeId): void {
    const time = this.#times.get(a);
    this.#times.delete(a);
    if (time !== undefined) this.#times.set(b, time);
  }

  /** What was not changed since the machine started was changed when its content was. */
  time(id: NodeId, mtime: number): number {
    return this.#times.get(id) ?? mtime;
  }
}
