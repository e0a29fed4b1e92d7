// Follows a project's document: its tree, its entries, and one event for each transaction. Changes nothing.

import * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { contentKey, formOfKey, liveForm, originPrefix, textOf } from "./forms.ts";
import { historyPrefix, nodesOf, readRecord, rootId, xattrPrefix } from "./schema.ts";
import type { NodeId, NodeMap, NodeRecord } from "./schema.ts";
import { Tree } from "./tree.ts";
import type { TreeRecord } from "./tree.ts";

export interface ProjectChange {
  /** Directories whose children changed. */
  readonly directories: ReadonlySet<NodeId>;
  /** Nodes whose content, attributes or place changed, also new and deleted ones. */
  readonly nodes: ReadonlySet<NodeId>;
  /** Those of `nodes` whose bytes may be others than before. */
  readonly contents: ReadonlySet<NodeId>;
  /** Nodes that show another name, or came or went, only because others of their name did. */
  readonly displaced: ReadonlySet<NodeId>;
  /** Whether this replica made the change. */
  readonly local: boolean;
  /** The transaction's origin: what `transact` was given, or the transport that brought the change. */
  readonly origin: unknown;
}

export class ProjectIndex {
  readonly tree = new Tree();
  readonly changes = new Emitter<ProjectChange>();
  /** Nodes whose cached facts are no longer true; told at once, also within transactions. */
  readonly forgotten = new Emitter<NodeId>();
  readonly #nodes: Y.Map<NodeMap>;
  readonly #records = new Map<NodeId, NodeRecord>();
  /** What is in the trash, by the directory and the name that it had. */
  readonly #trashed = new Map<string, Set<NodeId>>();
  readonly #textUnits = new Map<NodeId, number>();
  #textTotal = 0;
  /** Told by `refresh` within a transaction that has not ended yet. */
  readonly #pendingDirectories = new Set<NodeId>();
  readonly #pendingDisplaced = new Set<NodeId>();
  readonly #stop: Disposer;

  constructor(doc: Y.Doc) {
    this.#nodes = nodesOf(doc);
    this.#refreshAll(this.#nodes.keys());
    this.#pendingDirectories.clear();
    this.#pendingDisplaced.clear();
    const follow = (
      events: readonly Y.YEvent<Y.AbstractType<unknown>>[],
      transaction: Y.Transaction,
    ): void => {
      const { nodes: changed, contents } = this.#changedNodes(events);
      this.#refreshAll(changed);
      const directories = new Set(this.#pendingDirectories);
      const displaced = new Set([...this.#pendingDisplaced].filter((id) => !changed.has(id)));
      this.#pendingDirectories.clear();
      this.#pendingDisplaced.clear();
      this.changes.emit({
        displaced,
        directories,
        nodes: changed,
        contents,
        local: transaction.local,
        origin: transaction.origin,
      });
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

  /** What has a mark of the trash and had this name in this directory. */
  trashedAt(parent: NodeId, name: string): ReadonlySet<NodeId> {
    return this.#trashed.get(trashKey(parent, name)) ?? noNodes;
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
    const changes = new Map<NodeId, TreeRecord | undefined>();
    for (const id of ids) {
      if (id === rootId) continue;
      const node = this.#nodes.get(id);
      const record = readRecord(id, node);
      this.#listTrashed(this.#records.get(id), record);
      if (record === undefined) this.#records.delete(id);
      else this.#records.set(id, record);
      changes.set(
        id,
        record && { ...record, dir: record.kind === "dir", trashed: record.trashed !== undefined },
      );
      this.#countText(id, node instanceof Y.Map ? unitsOf(node) : 0);
      this.forgotten.emit(id);
    }
    const { directories, renamed } = this.tree.update(changes);
    for (const directory of directories) {
      this.#pendingDirectories.add(directory);
      this.forgotten.emit(directory);
    }
    for (const id of renamed) {
      this.#pendingDisplaced.add(id);
      this.forgotten.emit(id);
    }
  }

  #listTrashed(before: NodeRecord | undefined, now: NodeRecord | undefined): void {
    if (before?.trashed !== undefined) {
      const key = trashKey(before.parent, before.wantedName);
      const ids = this.#trashed.get(key);
      ids?.delete(before.id);
      if (ids?.size === 0) this.#trashed.delete(key);
    }
    if (now?.trashed === undefined) return;
    const key = trashKey(now.parent, now.wantedName);
    const ids = this.#trashed.get(key);
    if (ids === undefined) this.#trashed.set(key, new Set([now.id]));
    else ids.add(now.id);
  }

  #countText(id: NodeId, units: number): void {
    const before = this.#textUnits.get(id) ?? 0;
    if (before === units) return;
    this.#textTotal += units - before;
    if (units === 0) this.#textUnits.delete(id);
    else this.#textUnits.set(id, units);
  }

  #changedNodes(events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): {
    nodes: Set<NodeId>;
    contents: Set<NodeId>;
  } {
    const nodes = new Set<NodeId>();
    const contents = new Set<NodeId>();
    for (const event of events) {
      const path = this.#pathOf(event.target);
      if (path === undefined) continue;
      const [id] = path;
      const touched = id === undefined ? [...event.keys.keys()] : [id];
      for (const node of touched) nodes.add(node);
      const node = id === undefined ? undefined : this.node(id);
      if (node === undefined || changesContent(path, event.keys.keys(), node))
        for (const node of touched) contents.add(node);
    }
    return { nodes, contents };
  }

  /** The keys that lead from `nodes` to a type. Climbs itself: Yjs' own `path` counts siblings on the way. */
  #pathOf(type: Y.AbstractType<unknown>): string[] | undefined {
    const path: string[] = [];
    for (let inner = type; inner !== this.#nodes;) {
      const item = inner._item;
      const parent: unknown = item?.parent;
      if (item === null || !(parent instanceof Y.AbstractType)) return undefined;
      path.push(item.parentSub ?? "");
      inner = parent;
    }
    return path.reverse();
  }
}

function unitsOf(node: NodeMap): number {
  const live = liveForm(node);
  return (live && textOf(node, live)?.length) ?? 0;
}

/** Keys of a node that have nothing to do with a file's bytes. */
const besideContent = new Set(["at", "mode", "mtime", "atime", "uid", "gid", "trashed", "slept"]);
const besideContentPrefixes = [xattrPrefix, historyPrefix, originPrefix];

/** `path` starts with the node's id; `keys` are what changed in the map at its end. */
function changesContent(path: readonly string[], keys: Iterable<string>, node: NodeMap): boolean {
  if (path.length === 1) {
    for (const key of keys) {
      if (!besideContent.has(key) && !besideContentPrefixes.some((prefix) => key.startsWith(prefix)))
        return true;
    }
    return false;
  }
  const form = formOfKey(path[1] ?? "");
  const live = liveForm(node);
  // Nor is what lies in a form of the file that is not live.
  if (form !== undefined && (live === undefined || contentKey(live) !== path[1])) return false;
  // What a notebook's cells have put out is not in its file.
  if (form?.kind !== "notebook" || path.length < 3) return true;
  if (path.length > 3) return path[3] !== "runs";
  for (const key of keys) if (key !== "runs") return true;
  return false;
}

const noNodes: ReadonlySet<NodeId> = new Set();

function trashKey(parent: NodeId, name: string): string {
  return `${parent} ${name}`;
}
