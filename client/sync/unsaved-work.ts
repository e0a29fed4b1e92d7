// What was made here and is not on the server yet: changes of the document, and blobs. Counted, and by file.

import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import type { NodeId, Project } from "#core/project/project.ts";
import { nodesOf } from "#core/project/schema.ts";
import type { HttpBlobStore } from "./blobs.ts";
import type { OutgoingChanges } from "./outgoing-changes.ts";

export interface UnsavedWorkOptions {
  readonly project: Project;
  readonly changes: OutgoingChanges;
  /** Undefined where the blobs are not this server's. */
  readonly blobs: HttpBlobStore | undefined;
}

export class UnsavedWork {
  readonly #options: UnsavedWorkOptions;
  readonly #changed = new Emitter<number>();
  #told: number;

  constructor(options: UnsavedWorkOptions) {
    this.#options = options;
    this.#told = this.count;
    options.blobs?.onPending(() => this.recount());
  }

  /** Changes and blobs. */
  get count(): number {
    const { changes, blobs } = this.#options;
    return changes.unsaved + (blobs?.pending ?? 0);
  }

  /** The files that those are in; the project's root where it may be any. */
  get files(): ReadonlySet<NodeId> {
    const { project, changes, blobs } = this.#options;
    const waiting = blobs?.waiting ?? new Set();
    const files = new Set(changes.unsavedFiles);
    if (waiting.size > 0)
      for (const id of nodesOf(project.doc).keys())
        if (waiting.has(project.blob(id)?.hash ?? "")) files.add(id);
    return files;
  }

  /** The server will not get it, and nobody wants it any more. */
  giveUp(): void {
    const { changes, blobs } = this.#options;
    changes.giveUp();
    for (const hash of blobs?.waiting ?? []) blobs?.cancel(hash);
    this.recount();
  }

  onCount(listener: (count: number) => void): Disposer {
    return this.#changed.on(listener);
  }

  /** Tells the listeners where the count is another than the last time. */
  recount(): void {
    const { count } = this;
    if (count === this.#told) return;
    this.#told = count;
    this.#changed.emit(count);
  }
}
