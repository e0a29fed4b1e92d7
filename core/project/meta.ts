// What the document says about itself: which project it is, and that it was filled once.

import type * as Y from "yjs";
import { metaOf } from "./schema.ts";

export interface ProjectMeta {
  /** Changes only when a project's document is started over: replicas of different epochs must never merge. */
  readonly epoch: string | undefined;
  readonly name: string;
  /** Milliseconds since the epoch of time; 0 where unknown. */
  readonly created: number;
}

export function readMeta(doc: Y.Doc): ProjectMeta {
  const meta = metaOf(doc);
  const epoch: unknown = meta.get("epoch");
  const name: unknown = meta.get("name");
  const created: unknown = meta.get("created");
  return {
    epoch: typeof epoch === "string" ? epoch : undefined,
    name: typeof name === "string" ? name : "",
    created: typeof created === "number" ? created : 0,
  };
}

/**
 * Fills a new document. Only the room calls this, before anybody can join: two replicas that both seeded would show
 * everything twice. False, and nothing done, where the document has been seeded already.
 */
export function seedProject(
  doc: Y.Doc,
  seed: { readonly epoch: string; readonly name: string; readonly created: number },
  fill: () => void,
): boolean {
  if (readMeta(doc).epoch !== undefined) return false;
  doc.transact(() => {
    const meta = metaOf(doc);
    meta.set("epoch", seed.epoch);
    meta.set("name", seed.name);
    meta.set("created", seed.created);
    fill();
  });
  return true;
}
