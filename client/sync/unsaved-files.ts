// Which files hold changes that the server has not acknowledged: what somebody may have to take along by hand.

import type { NodeId } from "#core/project/project.ts";

export class UnsavedFiles {
  /** Of earlier visits: they are acknowledged together. */
  #carried: ReadonlySet<NodeId>;
  readonly #carriedCount: number;
  /** By file, the number of the last change to it. */
  readonly #last = new Map<NodeId, number>();

  constructor(carried: ReadonlySet<NodeId>, carriedCount: number) {
    this.#carried = carried;
    this.#carriedCount = carriedCount;
  }

  get ids(): ReadonlySet<NodeId> {
    return new Set([...this.#carried, ...this.#last.keys()]);
  }

  changed(number: number, files: Iterable<NodeId>): void {
    for (const file of files) this.#last.set(file, number);
  }

  /** The server has this change and all before it. */
  acknowledged(number: number): void {
    if (number >= this.#carriedCount) this.#carried = new Set();
    for (const [file, last] of this.#last) if (last <= number) this.#last.delete(file);
  }
}
