// Deleting: nodes are marked, not removed, so that everybody can bring back what anybody deleted.
// Knows the marks and the tree, no content.

import type * as Y from "yjs";
import { FsError } from "#core/base/errno.ts";
import type { ProjectIndex } from "./project-index.ts";
import { nodesOf, rootId } from "./schema.ts";
import type { Deleter, NodeId, NodeKind, TrashMark } from "./schema.ts";
import { compareIds } from "./tree.ts";

/**
 * A name that a program took away, and that one of the same machine makes again within so many milliseconds, is the same
 * file. Long enough for `rm a; cp b a` typed as one line on a slow machine, with a large file to be copied; a person who
 * has deleted a file and then thinks of another of its name takes longer.
 */
export const returnMilliseconds = 5000;

/**
 * As long after a program has removed a name, one of the same person's next machine means the same file by it: a page is
 * loaded anew, its Linux starts, and the command is given again, on a slow computer.
 */
export const reloadMilliseconds = 60_000;

export interface TrashedEntry {
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly name: string;
  /** Where it was, without a leading slash. */
  readonly path: string;
  readonly at: number;
  readonly by?: string;
}

/** A deleted node, when it was deleted, and by which program: see `TrashMark`. */
export interface RemovedNode extends Pick<TrashMark, "at" | "git" | "program"> {
  readonly id: NodeId;
  readonly kind: NodeKind;
}

export class Trash {
  readonly #doc: Y.Doc;
  readonly #index: ProjectIndex;

  constructor(doc: Y.Doc, index: ProjectIndex) {
    this.#doc = doc;
    this.#index = index;
  }

  put(id: NodeId, now: number, deleter: Deleter): void {
    const mark: TrashMark = { at: now, ...deleter };
    const going = this.#withDescendants(id);
    this.#doc.transact(() => {
      for (const each of going) {
        this.#index.node(each)?.set("trashed", each === id ? mark : { ...mark, with: id });
      }
      this.#index.refresh(...going);
    });
  }

  restore(id: NodeId): void {
    const { tree } = this.#index;
    if (this.#index.record(id) === undefined) throw new FsError("ENOENT", id);
    const coming = new Set([id]);
    for (const each of this.#index.records()) if (each.trashed?.with === id) coming.add(each.id);
    for (let up = tree.rawParent(id); up !== undefined && up !== rootId; up = tree.rawParent(up))
      coming.add(up);
    this.#doc.transact(() => {
      for (const each of coming) {
        const node = this.#index.node(each);
        if (node?.has("trashed") === true) node.delete("trashed");
      }
      this.#index.refresh(...coming);
    });
  }

  list(path: (id: NodeId) => string): readonly TrashedEntry[] {
    const { tree } = this.#index;
    const entries: TrashedEntry[] = [];
    for (const { id, kind, wantedName, trashed } of this.#index.records()) {
      if (trashed === undefined || tree.visible(id)) continue;
      const top = trashed.with === undefined ? undefined : this.#index.record(trashed.with);
      if (top?.trashed !== undefined && !tree.visible(top.id)) continue;
      const by = trashed.by === undefined ? {} : { by: trashed.by };
      entries.push({ id, kind, name: wantedName, path: path(id), at: trashed.at, ...by });
    }
    return entries.sort((a, b) => b.at - a.at || compareIds(a.id, b.id));
  }

  /** What was deleted of this name in a directory, latest first. */
  at(directory: NodeId, name: string): readonly RemovedNode[] {
    const { tree } = this.#index;
    const found: RemovedNode[] = [];
    for (const member of tree.members(directory)) {
      for (const id of this.#index.trashedAt(member, name)) {
        const record = this.#index.record(id);
        if (record?.trashed === undefined || tree.visible(id)) continue;
        found.push({ ...record.trashed, id, kind: record.kind });
      }
    }
    return found.sort((a, b) => b.at - a.at || compareIds(a.id, b.id));
  }

  purge(time: number): number {
    const going: NodeId[] = [];
    for (const { id, trashed } of this.#index.records()) {
      if (trashed !== undefined && trashed.at < time && !this.#index.tree.visible(id)) going.push(id);
    }
    this.#doc.transact(() => {
      for (const id of going) nodesOf(this.#doc).delete(id);
      this.#index.refresh(...going);
    });
    return going.length;
  }

  #withDescendants(id: NodeId): NodeId[] {
    const { tree } = this.#index;
    if (this.#index.record(id)?.kind !== "dir") return [id];
    const all = [...tree.members(id)];
    for (const child of tree.listing(id).values()) all.push(...this.#withDescendants(child));
    return all;
  }
}
