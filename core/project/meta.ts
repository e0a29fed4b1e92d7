// What the document says about itself: which project it is, and that it was filled once.

import type * as Y from "yjs";
import { metaOf } from "./schema.ts";

/** Characters of a project's name. */
export const maxProjectName = 100;
/** What a project without a name is called. */
export const untitled = "Untitled project";

export interface ProjectMeta {
  /** Changes only when a project's document is started over: replicas of different epochs must never merge. */
  readonly epoch: string | undefined;
  /** At most `maxProjectName` characters on one line; "" where there is none. */
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
    name: typeof name === "string" ? cleanProjectName(name) : "",
    created: typeof created === "number" ? created : 0,
  };
}

/** [PR-73] The name as it is read, whatever a foreign client has written: one line, bounded. */
export function cleanProjectName(name: string): string {
  // Cut first: nobody spends time on what is too long anyway.
  const plain = name
    .slice(0, 10 * maxProjectName)
    .replaceAll(/[\s\u2028\u2029]+/gu, " ")
    .replaceAll(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, "")
    .trim();
  return Array.from(plain).slice(0, maxProjectName).join("").trim();
}

/** False, and nothing done, where nothing is left of the name. */
export function renameProject(doc: Y.Doc, name: string): boolean {
  const clean = cleanProjectName(name);
  if (clean === "") return false;
  metaOf(doc).set("name", clean);
  return true;
}

/** Calls back when the document has another name, epoch or time of creation. Returns what ends that. */
export function onMeta(doc: Y.Doc, listener: (meta: ProjectMeta) => void): () => void {
  const meta = metaOf(doc);
  const tell = (): void => listener(readMeta(doc));
  meta.observe(tell);
  return () => meta.unobserve(tell);
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
