// Follows a project's document: its tree, its entries, and one event for each transaction. Changes nothing.

import * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { nodesOf, readRecord, readText, rootId } from "./schema.ts";
import type { NodeId, NodeMap, NodeRecord } from "./schema.ts";
import { Tree } from "./tree.ts";

export interface ProjectChange {
  /** Directories whose children changed. */
  readonly directories: ReadonlySet<NodeId>;
  /** Nodes whose content, attributes or place changed, also new and deleted ones. */
  readonly nodes: ReadonlySet<NodeId>;
  /** Whether this replica made the change. */
  readonly local: boolean;
}

export class ProjectIndex {
  readonly tree = new Tree();
  readonly changes = new Emitter<ProjectChange>();
  readonly #nodes: Y.Map<NodeMap>;
  readonly #records = new Map<NodeId, NodeRecord>();
  readonly #textUnits = new Map<NodeId, number>();
  #textTotal = 0;
  /** Told by `refresh` within a transaction that has not ended yet. */
  readonly #pendingDirectories = new Set<NodeId>();
  readonly #forget: (id: NodeId) => void;
  readonly #stop: Disposer;

  /** `forget` hears of every node whose cached facts are no longer true. */
  constructor(doc: Y.Doc, forget: (id: NodeId) => void) {
    this.#nodes = nodesOf(doc);
    this.#forget = forget;
    this.#refreshAll(this.#nodes.keys());
    this.#pendingDirectories.clear();
    const follow = (
      events: readonly Y.YEvent<Y.AbstractType<unknown>>[],
      transaction: Y.Transaction,
    ): void => {
      const changed = this.#changedNodes(events);
      this.#refreshAll(changed);
      const directories = new Set(this.#pendingDirectories);
      this.#pendingDirectories.clear();
      this.changes.emit({ directories, nodes: changed, local: transaction.local });
    };
    this.#nodes.observeDeep(follow);
    this.#stop = () => this.#nodes.unobserveDeep(follow);
  }

  node(id: NodeId): NodeMap | undefined {
    const node = this.#nodes.get(id);
    return node instanceof Y.Map ? node : undefined;
  }

  record(id: NodeId): NodeRecord | undefined {
    return this.#records.get(id);
  }

  records(): Iterable<NodeRecord> {
    return this.#records.values();
  }

  get nodeCount(): number {
    return this.#records.size;
  }

  /** UTF-16 units of all texts. */
  get textTotal(): number {
    return this.#textTotal;
  }

  /** Takes in what this replica just wrote, before its transaction has ended. */
  refresh(...ids: readonly NodeId[]): void {
    this.#refreshAll(ids);
  }

  destroy(): void {
    this.#stop();
  }

  #refreshAll(ids: Iterable<NodeId>): void {
    const changes = new Map<NodeId, TreeChange>();
    for (const id of ids) {
      if (id === rootId) continue;
      const node = this.#nodes.get(id);
      const record = readRecord(id, node);
      if (record === undefined) this.#records.delete(id);
      else this.#records.set(id, record);
      changes.set(
        id,
        record && { ...record, dir: record.kind === "dir", trashed: record.trashed !== undefined },
      );
      this.#countText(id, node instanceof Y.Map ? (readText(node)?.length ?? 0) : 0);
      this.#forget(id);
    }
    for (const directory of this.tree.update(changes)) {
      this.#pendingDirectories.add(directory);
      this.#forget(directory);
    }
  }

  #countText(id: NodeId, units: number): void {
    const before = this.#textUnits.get(id) ?? 0;
    if (before === units) return;
    this.#textTotal += units - before;
    if (units === 0) this.#textUnits.delete(id);
    else this.#textUnits.set(id, units);
  }

  #changedNodes(events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): Set<NodeId> {
    const changed = new Set<NodeId>();
    for (const event of events) {
      if (event.target === this.#nodes) {
        for (const id of event.keys.keys()) changed.add(id);
      } else {
        const id = this.#ownerOf(event.target);
        if (id !== undefined) changed.add(id);
      }
    }
    return changed;
  }

  /** The node that a type lies in. Walks up itself: Yjs' own `path` counts siblings on the way. */
  #ownerOf(type: Y.AbstractType<unknown>): NodeId | undefined {
    let inner: Y.AbstractType<unknown> = type;
    for (;;) {
      const item = inner._item;
      if (item === null) return undefined;
      const parent = item.parent;
      if (!(parent instanceof Y.AbstractType)) return undefined;
      if (parent === this.#nodes) return item.parentSub ?? undefined;
      inner = parent;
    }
  }
}

type TreeChange = Parameters<Tree["update"]>[0] extends ReadonlyMap<string, infer Change> ? Change : never;
