// The tree of a project: a deterministic function of its nodes' registers, kept up to date change by change.
// Knows no Yjs and no content: records in, listings out. SPEC.md section 2.

import { tellApart, validName } from "./names.ts";
import { rootId } from "./schema.ts";
import type { NodeId, NodeRecord } from "./schema.ts";

export type TreeRecord = Pick<NodeRecord, "id" | "parent" | "wantedName"> & {
  readonly dir: boolean;
  readonly trashed: boolean;
};

export interface TreeChange {
  /** Whose listings may have changed, by their first members. */
  readonly directories: ReadonlySet<NodeId>;
  /** Nodes that show another name than before, came into another directory, or came or went, though nobody wrote to them. */
  readonly renamed: ReadonlySet<NodeId>;
}

/** A node in the tree. */
interface Place {
  record: TreeRecord;
  /** Where it hangs: its register's parent, or the root where that is missing, no directory, or would close a cycle. */
  parent: NodeId | undefined;
  readonly children: Set<NodeId>;
  visibleChildren: number;
  visible: boolean;
}

/** One directory as people see it: all the visible directories of one name in one place. */
interface Group {
  /** Ascending; the first is the id by which the directory is known. */
  readonly members: readonly NodeId[];
  /** The children by the name that they show; a merged directory stands once, by its first member. */
  readonly byName: Map<string, NodeId>;
  readonly shownName: Map<NodeId, string>;
  readonly wanted: Map<NodeId, string>;
  readonly buckets: Map<string, Set<NodeId>>;
  /** How many children show another name than they want. */
  suffixed: number;
}

export class Tree {
  readonly #places = new Map<NodeId, Place>();
  /** Children by the parent that they name, whether it exists or not. */
  readonly #named = new Map<NodeId, Set<NodeId>>();
  /** Of every directory on a cycle, the cycle's members. */
  readonly #cycles = new Map<NodeId, readonly NodeId[]>();
  readonly #groups = new Map<NodeId, Group>();
  readonly #rootPlace: Place;
  #renamed = new Set<NodeId>();

  constructor() {
    this.#rootPlace = {
      record: { id: rootId, parent: rootId, wantedName: "", dir: true, trashed: false },
      parent: undefined,
      children: new Set(),
      visibleChildren: 0,
      visible: true,
    };
    this.#places.set(rootId, this.#rootPlace);
    this.#groups.set(rootId, newGroup([rootId]));
  }

  /** The id by which a visible directory is known, or undefined. */
  directory(id: NodeId): NodeId | undefined {
    return this.#groups.get(id)?.members[0];
  }

  /** All the nodes of which a directory is merged. */
  members(directory: NodeId): readonly NodeId[] {
    return this.#groups.get(directory)?.members ?? [];
  }

  /** Children by shown name, in no order. */
  listing(directory: NodeId): ReadonlyMap<string, NodeId> {
    return this.#groups.get(directory)?.byName ?? noNames;
  }

  visible(id: NodeId): boolean {
    return this.#places.get(id)?.visible === true;
  }

  /** The directory that holds a visible node, by its first member. */
  parent(id: NodeId): NodeId | undefined {
    const parent = this.#places.get(id)?.parent;
    return parent === undefined ? undefined : this.directory(parent);
  }

  /** Where a node hangs, visible or not. */
  rawParent(id: NodeId): NodeId | undefined {
    return this.#places.get(id)?.parent;
  }

  shownName(id: NodeId): string | undefined {
    const parent = this.#places.get(id)?.parent;
    return parent === undefined ? undefined : this.#groups.get(parent)?.shownName.get(id);
  }

  /** Takes in changed (or, with undefined, removed) nodes. */
  update(changes: ReadonlyMap<NodeId, TreeRecord | undefined>): TreeChange {
    const touched = new Map<NodeId, Set<NodeId>>();
    const touch = (directory: NodeId | undefined, child: NodeId): void => {
      if (directory === undefined) return;
      const children = touched.get(directory);
      if (children === undefined) touched.set(directory, new Set([child]));
      else children.add(child);
    };
    const moving = this.#takeRecords(changes, touch);
    this.#findCycles(changes.keys(), moving);
    this.#rehang(moving, touch);
    this.#renamed = new Set();
    return { directories: this.#relist(touched), renamed: this.#renamed };
  }

  /** Writes the records down; returns the nodes whose place must be looked at again. */
  #takeRecords(
    changes: ReadonlyMap<NodeId, TreeRecord | undefined>,
    touch: (directory: NodeId | undefined, child: NodeId) => void,
  ): Set<NodeId> {
    const moving = new Set<NodeId>();
    for (const [id, record] of changes) {
      const place = this.#places.get(id);
      const before = place?.record;
      if (before !== undefined && record !== undefined && sameRecord(before, record)) continue;
      if (before === undefined && record === undefined) continue;
      moving.add(id);
      if (before?.parent !== record?.parent) {
        if (before !== undefined) this.#named.get(before.parent)?.delete(id);
        if (record !== undefined) {
          const named = this.#named.get(record.parent);
          if (named === undefined) this.#named.set(record.parent, new Set([id]));
          else named.add(id);
        }
      }
      if ((before?.dir ?? false) !== (record?.dir ?? false)) {
        for (const child of this.#named.get(id) ?? []) moving.add(child);
      }
      for (const member of this.#cycles.get(id) ?? []) {
        moving.add(member);
        this.#cycles.delete(member);
      }
      if (record === undefined) {
        this.#detach(id, touch);
        this.#places.delete(id);
        this.#groups.delete(id);
      } else if (place === undefined) {
        const visible = !record.trashed;
        this.#places.set(id, { record, parent: undefined, children: new Set(), visibleChildren: 0, visible });
      } else {
        this.#detach(id, touch);
        place.record = record;
        place.visible = !record.trashed || (record.dir && place.visibleChildren > 0);
        if (!record.dir) this.#groups.delete(id);
      }
    }
    return moving;
  }

  /** Cycles come from concurrent moves of directories into each other. Their lowest id hangs at the root. */
  #findCycles(changed: Iterable<NodeId>, moving: Set<NodeId>): void {
    for (const start of changed) {
      const path: NodeId[] = [];
      const seen = new Set<NodeId>();
      let id = start;
      while (id !== rootId && !this.#cycles.has(id) && !seen.has(id)) {
        const record = this.#places.get(id)?.record;
        if (record?.dir !== true) break;
        seen.add(id);
        path.push(id);
        id = record.parent;
      }
      if (!seen.has(id)) continue;
      const cycle = path.slice(path.indexOf(id)).sort(compareIds);
      for (const member of cycle) {
        this.#cycles.set(member, cycle);
        moving.add(member);
      }
    }
  }

  #rehang(moving: ReadonlySet<NodeId>, touch: (directory: NodeId | undefined, child: NodeId) => void): void {
    for (const id of moving) this.#detach(id, touch);
    for (const id of moving) {
      const place = this.#places.get(id);
      if (place === undefined) continue;
      const parent = this.#hangAt(place.record);
      place.parent = parent.record.id;
      parent.children.add(id);
      touch(place.parent, id);
      if (place.visible) this.#countVisible(parent, 1, touch);
    }
  }

  #hangAt(record: TreeRecord): Place {
    if (this.#cycles.get(record.id)?.[0] === record.id) return this.#rootPlace;
    const parent = this.#places.get(record.parent);
    return parent?.record.dir === true ? parent : this.#rootPlace;
  }

  #detach(id: NodeId, touch: (directory: NodeId | undefined, child: NodeId) => void): void {
    const place = this.#places.get(id);
    if (place?.parent === undefined) return;
    touch(place.parent, id);
    const parent = this.#places.get(place.parent);
    place.parent = undefined;
    if (parent === undefined) return;
    parent.children.delete(id);
    if (place.visible) this.#countVisible(parent, -1, touch);
  }

  /** A trashed directory shows as long as something visible is in it: so this climbs. */
  #countVisible(
    start: Place,
    step: 1 | -1,
    touch: (directory: NodeId | undefined, child: NodeId) => void,
  ): void {
    let place: Place | undefined = start;
    while (place !== undefined) {
      place.visibleChildren += step;
      const visible: boolean = !place.record.trashed || place.visibleChildren > 0;
      if (visible === place.visible) return;
      place.visible = visible;
      touch(place.parent, place.record.id);
      place = place.parent === undefined ? undefined : this.#places.get(place.parent);
    }
  }

  #relist(touched: ReadonlyMap<NodeId, ReadonlySet<NodeId>>): Set<NodeId> {
    const changed = new Set<NodeId>();
    const fresh: Group[] = [];
    for (const directory of touched.keys()) if (!this.visible(directory)) this.#groups.delete(directory);
    for (const children of touched.values()) {
      for (const child of children) if (!this.visible(child)) this.#groups.delete(child);
    }
    const rebuilt = new Set<Group>();
    for (const [directory, children] of touched) {
      const group = this.#groups.get(directory);
      if (group === undefined || rebuilt.has(group)) continue;
      changed.add(group.members[0] ?? directory);
      if (this.#patch(group, children, fresh)) continue;
      rebuilt.add(group);
      this.#rebuild(group, fresh);
    }
    // Directories that were merged or parted: their contents are listed anew, which may merge or part others.
    for (let group = fresh.pop(); group !== undefined; group = fresh.pop()) {
      const first = group.members[0] ?? rootId;
      if (this.#groups.get(first) !== group) continue;
      changed.add(first);
      this.#rebuild(group, fresh);
    }
    return changed;
  }

  /** The quick way, for children whose names nobody else wants. False where it cannot be taken. */
  #patch(group: Group, children: ReadonlySet<NodeId>, fresh: Group[]): boolean {
    if (group.suffixed > 0) return false;
    for (const id of children) {
      const before = group.wanted.get(id);
      const after = this.#wantedIn(group, id);
      if (before === after) {
        if (after === undefined) continue;
        if ((group.buckets.get(after)?.size ?? 0) > 1) return false;
        if (this.#places.get(id)?.record.dir === true) this.#join([id], fresh);
        continue;
      }
      this.#renamed.add(id);
      if (before !== undefined) {
        const bucket = group.buckets.get(before);
        if (bucket === undefined || bucket.size > 1) return false;
        group.buckets.delete(before);
        group.byName.delete(before);
        group.shownName.delete(id);
        group.wanted.delete(id);
      }
      if (after !== undefined) {
        if (group.buckets.has(after)) return false;
        group.buckets.set(after, new Set([id]));
        group.wanted.set(id, after);
        group.byName.set(after, id);
        group.shownName.set(id, after);
        if (this.#places.get(id)?.record.dir === true) this.#join([id], fresh);
      }
    }
    return true;
  }

  #rebuild(group: Group, fresh: Group[]): void {
    const before = new Map(group.shownName);
    group.byName.clear();
    group.shownName.clear();
    group.wanted.clear();
    group.buckets.clear();
    group.suffixed = 0;
    for (const member of group.members) {
      for (const id of this.#places.get(member)?.children ?? []) {
        const wanted = this.#wantedIn(group, id);
        if (wanted === undefined) continue;
        group.wanted.set(id, wanted);
        const bucket = group.buckets.get(wanted);
        if (bucket === undefined) group.buckets.set(wanted, new Set([id]));
        else bucket.add(id);
      }
    }
    const later: NodeId[] = [];
    for (const [name, bucket] of group.buckets) {
      const ids = bucket.size === 1 ? [...bucket] : [...bucket].sort(compareIds);
      const directories = ids.filter((id) => this.#places.get(id)?.record.dir === true);
      const files = directories.length === 0 ? ids : ids.filter((id) => !directories.includes(id));
      if (directories.length > 0) this.#join(directories, fresh);
      // Directories merge and keep the name; else the lowest id has it.
      const owner = directories[0] ?? files.shift();
      if (owner !== undefined) group.byName.set(name, owner);
      for (const id of directories.length > 0 ? directories : owner === undefined ? [] : [owner])
        group.shownName.set(id, name);
      later.push(...files);
    }
    group.suffixed = later.length;
    for (const id of later.sort(compareIds)) {
      const name = tellApart(group.wanted.get(id) ?? "", id, (taken) => group.byName.has(taken));
      group.byName.set(name, id);
      group.shownName.set(id, name);
    }
    for (const [id, name] of group.shownName) if (before.get(id) !== name) this.#renamed.add(id);
    for (const id of before.keys()) if (!group.shownName.has(id)) this.#renamed.add(id);
  }

  /** Makes these directories one, unless they are that already. */
  #join(members: readonly NodeId[], fresh: Group[]): void {
    const first = members[0];
    const before = first === undefined ? undefined : this.#groups.get(first);
    if (before !== undefined && sameIds(before.members, members)) {
      if (members.every((id) => this.#groups.get(id) === before)) return;
    }
    const group = newGroup(members);
    for (const id of members) this.#groups.set(id, group);
    fresh.push(group);
  }

  #wantedIn(group: Group, id: NodeId): string | undefined {
    const place = this.#places.get(id);
    if (place?.visible !== true || place.parent === undefined || !group.members.includes(place.parent))
      return undefined;
    return validName(place.record.wantedName);
  }
}

const noNames: ReadonlyMap<string, NodeId> = new Map();

function newGroup(members: readonly NodeId[]): Group {
  return {
    members,
    byName: new Map(),
    shownName: new Map(),
    wanted: new Map(),
    buckets: new Map(),
    suffixed: 0,
  };
}

function sameRecord(a: TreeRecord, b: TreeRecord): boolean {
  return a.parent === b.parent && a.wantedName === b.wantedName && a.dir === b.dir && a.trashed === b.trashed;
}

function sameIds(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

/** By UTF-16 code unit: the same order on every machine. */
export function compareIds(a: NodeId, b: NodeId): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
