// What people see of a project's nodes: entries by id, by directory and by path, made when first asked for.
// Reads the index; changes nothing.

import { splitPath } from "#core/base/path.ts";
import type { ProjectIndex } from "./project-index.ts";
import { directoryMode, readMode, readOwner, readTime, rootId } from "./schema.ts";
import type { NodeId, NodeKind, NodeMap, NodeRecord } from "./schema.ts";
import { compareIds } from "./tree.ts";

/** What is known of a node whether it is visible or not. */
export interface FileFacts {
  readonly id: NodeId;
  readonly kind: NodeKind;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
  /** Only where a program has set it. */
  readonly atime: number | undefined;
  /** Bytes; of a symlink, of its target. */
  readonly size: number;
  readonly visible: boolean;
}

/** One thing in the tree, as people see it. */
export interface Entry extends FileFacts {
  /** As shown: with a suffix where several files want one name. */
  readonly name: string;
  /** The name as it was given. */
  readonly wantedName: string;
  readonly parent: NodeId;
}

const rootEntry: Entry = {
  id: rootId,
  kind: "dir",
  name: "",
  wantedName: "",
  parent: rootId,
  mode: directoryMode,
  uid: 0,
  gid: 0,
  mtime: 0,
  atime: undefined,
  size: 0,
  visible: true,
};

export class Entries {
  readonly #index: ProjectIndex;
  readonly #size: (id: NodeId) => number;
  readonly #entries = new Map<NodeId, Entry>();
  readonly #sorted = new Map<NodeId, readonly NodeId[]>();

  constructor(index: ProjectIndex, size: (id: NodeId) => number) {
    this.#index = index;
    this.#size = size;
  }

  forget(id: NodeId): void {
    this.#entries.delete(id);
    this.#sorted.delete(id);
  }

  /** Of a directory that was merged into another: that one's. */
  entry(id: NodeId): Entry | undefined {
    const canonical = this.#index.tree.directory(id) ?? id;
    const known = this.#entries.get(canonical);
    if (known !== undefined) return known;
    const entry = this.#makeEntry(canonical);
    if (entry !== undefined) this.#entries.set(canonical, entry);
    return entry;
  }

  /** As `entry`, but also of what is in the trash: whoever has such a file open goes on using it. */
  stat(id: NodeId): FileFacts | undefined {
    const entry = this.entry(id);
    if (entry !== undefined) return entry;
    const record = this.#index.record(id);
    const node = this.#index.node(id);
    return record && node && this.#facts(record, node, false);
  }

  /** By name. Of several directories that are merged, all the children. */
  children(directory: NodeId): readonly Entry[] {
    const id = this.#index.tree.directory(directory);
    if (id === undefined) return [];
    const known = this.#sorted.get(id);
    if (known !== undefined) return known.flatMap((child) => this.entry(child) ?? []);
    const entries = [...this.#index.tree.listing(id).values()].flatMap((child) => this.entry(child) ?? []);
    entries.sort((a, b) => compareIds(a.name, b.name));
    this.#sorted.set(
      id,
      entries.map((entry) => entry.id),
    );
    return entries;
  }

  lookup(directory: NodeId, name: string): Entry | undefined {
    const id = this.#index.tree.listing(directory).get(name);
    return id === undefined ? undefined : this.entry(id);
  }

  /** "" and "/" are the root. Symbolic links are not followed. */
  resolve(path: string): Entry | undefined {
    let entry = this.entry(rootId);
    for (const name of splitPath(path)) {
      if (entry === undefined) return undefined;
      entry = this.lookup(entry.id, name);
    }
    return entry;
  }

  /** Without a leading slash; "" is the root. Of something in the trash, where it was. */
  path(id: NodeId): string {
    const names: string[] = [];
    const seen = new Set<NodeId>();
    for (let at = id; at !== rootId && !seen.has(at);) {
      seen.add(at);
      const entry = this.entry(at);
      names.push(entry?.name ?? this.#index.record(at)?.wantedName ?? "");
      at = entry?.parent ?? this.#index.tree.rawParent(at) ?? rootId;
    }
    return names.reverse().join("/");
  }

  #makeEntry(id: NodeId): Entry | undefined {
    if (id === rootId) return rootEntry;
    const { tree } = this.#index;
    const record = this.#index.record(id);
    const node = this.#index.node(id);
    const name = tree.shownName(id);
    const parent = tree.parent(id);
    if (record === undefined || node === undefined || name === undefined || parent === undefined)
      return undefined;
    return Object.assign(this.#facts(record, node, true), { name, wantedName: record.wantedName, parent });
  }

  #facts({ id, kind }: NodeRecord, node: NodeMap, visible: boolean): FileFacts {
    const size = this.#size;
    return {
      id,
      kind,
      mode: readMode(node, kind),
      uid: readOwner(node, "uid"),
      gid: readOwner(node, "gid"),
      mtime: readTime(node, "mtime") ?? 0,
      atime: readTime(node, "atime"),
      // Counted when first asked for: the size of a text costs a walk through it.
      get size() {
        return size(id);
      },
      visible,
    };
  }
}
