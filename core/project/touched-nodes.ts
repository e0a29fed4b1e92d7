// Which nodes of the project an edit has touched: for whoever has to name the files in which something was changed.

import type * as Y from "yjs";
import { nodesOf, type NodeId } from "./schema.ts";

/** Follows other changes by itself: nobody's work. */
const stamp = "mtime";

/** The nodes that were made, changed or removed, in themselves or in anything that they hold; their times do not count. */
export function touchedNodes({ doc, changed }: Y.Transaction): ReadonlySet<NodeId> {
  const nodes: unknown = nodesOf(doc);
  const touched = new Set<NodeId>();
  for (const [type, keys] of changed) {
    if ((type as unknown) === nodes) {
      for (const key of keys) if (key !== null) touched.add(key);
      continue;
    }
    if (type.parent === nodes && [...keys].every((key) => key === stamp)) continue;
    const id = nodeOf(type, nodes);
    if (id !== undefined) touched.add(id);
  }
  return touched;
}

/** What Yjs says of a shared type's place; at the top of the document there is no parent. */
interface Part {
  readonly parent: Part | null;
  readonly _item: { readonly parentSub: string | null } | null;
}

function nodeOf(type: Part, nodes: unknown): NodeId | undefined {
  let inner = type;
  for (;;) {
    const { parent } = inner;
    if (parent === null) return undefined;
    if (parent === nodes) return inner._item?.parentSub ?? undefined;
    inner = parent;
  }
}
