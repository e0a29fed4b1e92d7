// Which of the files that somebody looks at are gone. A program that saves by removing a file and making it anew takes it
// away for a moment: of that nobody hears.

import { signal } from "@preact/signals";
import type { NodeId, Project } from "#core/project/project.ts";
import { returnMilliseconds } from "#core/project/trash.ts";

/** What returns has been on its way to us, too. */
const graceMilliseconds = returnMilliseconds + 2000;

export class GoneFiles {
  readonly #project: Project;
  readonly #seen = new Set<NodeId>();
  readonly #leaving = new Map<NodeId, ReturnType<typeof setTimeout>>();
  readonly #gone = signal<ReadonlySet<NodeId>>(new Set());

  constructor(project: Project) {
    this.#project = project;
  }

  /** Until it is stopped, tells files that go from those that are only away. */
  start(): () => void {
    const stop = this.#project.changes.on(() => {
      for (const file of this.#seen) this.#look(file);
    });
    return () => {
      stop();
      for (const timer of this.#leaving.values()) clearTimeout(timer);
      this.#leaving.clear();
    };
  }

  /** What was not there when it was first asked for is gone. */
  has(file: NodeId): boolean {
    const gone = this.#gone.value;
    if (this.#project.entry(file) !== undefined) this.#seen.add(file);
    else if (!this.#seen.has(file)) return true;
    return gone.has(file);
  }

  #look(file: NodeId): void {
    const timer = this.#leaving.get(file);
    if (this.#project.entry(file) !== undefined) {
      clearTimeout(timer);
      this.#leaving.delete(file);
      this.#set(file, false);
    } else if (timer === undefined && !this.#gone.peek().has(file)) {
      const leaves = (): void => {
        this.#leaving.delete(file);
        this.#set(file, true);
      };
      this.#leaving.set(file, setTimeout(leaves, graceMilliseconds));
    }
  }

  #set(file: NodeId, isGone: boolean): void {
    const before = this.#gone.peek();
    if (before.has(file) === isGone) return;
    const after = new Set(before);
    if (isGone) after.add(file);
    else after.delete(file);
    this.#gone.value = after;
  }
}
