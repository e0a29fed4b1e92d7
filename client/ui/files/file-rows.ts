// The file tree as the rows that are on screen, top to bottom. Pure: knows no DOM.

import { rootId } from "#core/project/project.ts";
import type { Entry, NodeId, Project } from "#core/project/project.ts";

export type NewKind = "text" | "dir" | "notebook";

/** What is being named: an existing entry, or one that is about to be. */
export type Naming =
  | { readonly kind: "rename"; readonly id: NodeId }
  | { readonly kind: "create"; readonly what: NewKind; readonly parent: NodeId };

export type Row =
  | {
      readonly kind: "entry";
      readonly entry: Entry;
      /** 1 at the top. */
      readonly level: number;
      /** Of a folder. */
      readonly expanded: boolean | undefined;
      readonly position: number;
      readonly setSize: number;
    }
  | { readonly kind: "new"; readonly what: NewKind; readonly level: number }
  /** Stands for what a large folder holds besides. */
  | { readonly kind: "more"; readonly directory: NodeId; readonly hidden: number; readonly level: number };

/** Rows of one folder at first, and more for each time one asks: the page would halt over ten thousand. */
export const rowsAtOnce = 500;

/** The parts of a Project that rows are made of. */
export type Tree = Pick<Project, "children">;

/** Folders first, then by name as people sort: "a2" before "a10", case aside. */
function inOrder(entries: readonly Entry[]): Entry[] {
  return [...entries].sort(
    (a, b) => Number(b.kind === "dir") - Number(a.kind === "dir") || collator.compare(a.name, b.name),
  );
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** `shown`: how many rows a folder may have, where that is more than at first. */
export function fileRows(
  tree: Tree,
  expanded: ReadonlySet<NodeId>,
  naming: Naming | undefined,
  shown: ReadonlyMap<NodeId, number> = new Map(),
): Row[] {
  const rows: Row[] = [];
  const visit = (directory: NodeId, level: number): void => {
    if (naming?.kind === "create" && naming.parent === directory)
      rows.push({ kind: "new", what: naming.what, level });
    const entries = inOrder(tree.children(directory));
    const most = shown.get(directory) ?? rowsAtOnce;
    for (const [index, entry] of entries.slice(0, most).entries()) {
      const open = entry.kind === "dir" ? expanded.has(entry.id) : undefined;
      rows.push({
        kind: "entry",
        entry,
        level,
        expanded: open,
        position: index + 1,
        setSize: entries.length,
      });
      if (open === true) visit(entry.id, level + 1);
    }
    if (entries.length > most) rows.push({ kind: "more", directory, hidden: entries.length - most, level });
  };
  visit(rootId, 1);
  return rows;
}

/** The row to focus when `id` has gone: the one after it, else the one before. */
export function neighbour(rows: readonly Row[], id: NodeId): NodeId | undefined {
  const entries = rows.flatMap((row) => (row.kind === "entry" ? [row] : []));
  const index = entries.findIndex((row) => row.entry.id === id);
  const level = entries[index]?.level ?? 0;
  const after = entries.slice(index + 1).find((row) => row.level <= level);
  return (after ?? entries[index - 1])?.entry.id;
}

/** "notes.txt", then "notes (2).txt", … */
export function freeName(name: string, taken: (name: string) => boolean): string {
  if (!taken(name)) return name;
  const dot = name.endsWith(".nb.md") ? name.length - ".nb.md".length : name.lastIndexOf(".");
  const [stem, end] = dot <= 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
  for (let count = 2; ; count++) {
    const candidate = `${stem} (${count})${end}`;
    if (!taken(candidate)) return candidate;
  }
}
