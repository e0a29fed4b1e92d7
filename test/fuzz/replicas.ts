// Replicas of one project on a bad network: updates are held back, come in any order and twice. Seeded.

import * as Y from "yjs";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import type { Random } from "../harness/random.ts";

export interface Replica {
  readonly name: string;
  readonly project: Project;
  online: boolean;
}

/** What lies between the replicas: a fuzzer works on them, and asks it to deliver. */
export interface Network {
  readonly all: readonly Replica[];
  /** One store: fetching blobs is tested elsewhere. */
  readonly blobs: MemoryBlobStore;
  /** Some of what is on its way to and from a replica arrives, where it is online; other things may go wrong. */
  deliver(replica: Replica): void | Promise<void>;
  /** Everybody is online and has seen everything. */
  settle(): void | Promise<void>;
  /** The document as somebody gets it who joins now. */
  fresh(): Y.Doc;
}

interface LooseReplica extends Replica {
  /** What others have sent and this one has not seen yet. */
  readonly inbox: Uint8Array[];
}

/** Documents that send their updates to each other, without a room. */
export class Replicas implements Network {
  readonly all: readonly LooseReplica[];
  readonly blobs = new MemoryBlobStore();
  readonly #random: Random;
  #time = 1_700_000_000_000;

  constructor(count: number, random: Random) {
    this.#random = random;
    this.all = Array.from({ length: count }, (_, index) => {
      const name = String.fromCharCode(97 + index);
      const doc = new Y.Doc();
      // Fixed, so that a seed replays: concurrent writes are ordered by client id.
      doc.clientID = 1 + index + 10 * random.below(1000);
      let serial = 0;
      const newId = (): string => `${String(this.#random.below(1000)).padStart(3, "0")}${name}${serial++}`;
      const project = new Project(doc, { now: () => this.#time++, newId });
      return { name, project, online: true, inbox: [] };
    });
    for (const from of this.all) {
      from.project.doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin === "network") return;
        for (const to of this.all) if (to !== from) to.inbox.push(update);
      });
    }
  }

  /** Lets some of what is on its way arrive, in any order, some of it twice. */
  deliver(replica: LooseReplica): void {
    if (!replica.online) return;
    for (let count = this.#random.below(6); count > 0 && replica.inbox.length > 0; count--) {
      const index = this.#random.below(replica.inbox.length);
      const update = replica.inbox[index];
      if (update === undefined) continue;
      if (!this.#random.chance(5)) replica.inbox.splice(index, 1);
      Y.applyUpdate(replica.project.doc, update, "network");
    }
  }

  /** Everybody is online and has seen everything. */
  settle(): void {
    for (const replica of this.all) {
      replica.online = true;
      for (let at = replica.inbox.length - 1; at > 0; at--) {
        const other = this.#random.below(at + 1);
        const [a, b] = [replica.inbox[at], replica.inbox[other]];
        if (a !== undefined && b !== undefined) [replica.inbox[at], replica.inbox[other]] = [b, a];
      }
      for (const update of replica.inbox.splice(0)) Y.applyUpdate(replica.project.doc, update, "network");
    }
  }

  fresh(): Y.Doc {
    const doc = new Y.Doc();
    for (const { project } of this.all.slice(0, 1)) Y.applyUpdate(doc, Y.encodeStateAsUpdate(project.doc));
    return doc;
  }
}

/** Everything that people see, as lines that can be compared. */
export function picture(project: Project, blobs: MemoryBlobStore): string[] {
  const lines: string[] = [];
  const visit = (directory: string): void => {
    for (const entry of project.children(directory)) {
      const shown = content(project, entry.id, blobs);
      lines.push(
        `${entry.kind} ${project.path(entry.id)} ${entry.id} ${entry.size} ${entry.mode.toString(8)} ${shown}`,
      );
      if (entry.kind === "dir") visit(entry.id);
    }
  };
  visit(rootId);
  for (const { id, path, kind } of project.trashed())
    lines.push(`trash ${kind} ${path} ${id} ${content(project, id, blobs)}`);
  return lines;
}

export function content(project: Project, id: string, blobs: MemoryBlobStore): string {
  const kind = project.stat(id)?.kind;
  if (kind === "symlink") return project.target(id) ?? "";
  if (kind === undefined || kind === "dir") return "";
  const bytes = project.readBytes(id, blobs);
  return bytes instanceof Uint8Array ? JSON.stringify(decodeUtf8Lossy(bytes)) : "";
}
