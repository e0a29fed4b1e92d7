// The project document as the room keeps it: a Y.Doc, and a log that is always ahead of it.
// Knows storage as an interface, and no sockets.

import * as Y from "yjs";
import { compactBytes, compactUpdates, maxDocumentBytes, maxUpdatePieces } from "#core/room/limits.ts";
import type { MaybePromise } from "./host.ts";
import type { RoomStorage } from "./storage.ts";
import { scanUpdate, type UpdateScan } from "./update-scan.ts";

/** What became of an update. */
export type Commit = "applied" | "nothing-new" | "full";

export class RoomDocument {
  readonly doc: Y.Doc;
  readonly #storage: RoomStorage;
  readonly #log: (sentence: string, thrown: unknown) => void;
  #snapshotBytes = 0;
  #logBytes = 0;
  #logUpdates = 0;

  private constructor(storage: RoomStorage, log: (sentence: string, thrown: unknown) => void) {
    this.#storage = storage;
    this.#log = log;
    // The room never edits the tree, so its copy keeps no history of deleted content.
    this.doc = new Y.Doc({ gc: true });
  }

  static async open(
    storage: RoomStorage,
    log: (sentence: string, thrown: unknown) => void,
  ): Promise<RoomDocument> {
    const document = new RoomDocument(storage, log);
    const [first, ...updates] = await storage.readUpdates();
    if (first === undefined) return document;
    document.#snapshotBytes = first.length;
    document.#logUpdates = updates.length;
    for (const update of updates) document.#logBytes += update.length;
    document.doc.transact(() => {
      for (const update of [first, ...updates]) document.#apply(update);
    });
    return document;
  }

  /** Throws where the bytes are no update, or one of too many pieces: nothing is stored or applied then. */
  scan(update: Uint8Array): UpdateScan {
    return scanUpdate(update, maxUpdatePieces);
  }

  /** Whether the update holds anything that this document lacks. */
  isNew({ structs, deletions }: UpdateScan): boolean {
    for (const [client, ranges] of structs) {
      const known = Y.getState(this.doc.store, client);
      if (ranges.some(({ to }) => to > known)) return true;
    }
    for (const [client, ranges] of deletions) {
      const stored = this.doc.store.clients.get(client) ?? [];
      const known = Y.getState(this.doc.store, client);
      for (const { from, to } of ranges) {
        if (to > known) return true;
        for (let index = Y.findIndexSS(stored, from); index < stored.length; index++) {
          const struct = stored[index];
          if (struct === undefined || struct.id.clock >= to) break;
          if (!struct.deleted) return true;
        }
      }
    }
    return false;
  }

  /** Stores the update, then applies it. Rejects when it could not be stored: then nothing has changed. */
  commit(
    update: Uint8Array,
    scan: UpdateScan,
    meta?: Readonly<Record<string, string>>,
  ): MaybePromise<Commit> {
    if (!this.isNew(scan) && meta === undefined) return "nothing-new";
    // What only deletes makes room, so it is never too much.
    if (scan.structs.size === 0 || this.#fits(update)) return this.#store(update, meta);
    if (this.#logUpdates === 0) return "full";
    // Much of what is stored may be history that a snapshot leaves out.
    const compacted = this.#compact();
    const then = (): MaybePromise<Commit> => (this.#fits(update) ? this.#store(update, meta) : "full");
    return compacted instanceof Promise ? compacted.then(then) : then();
  }

  #fits(update: Uint8Array): boolean {
    return this.#snapshotBytes + this.#logBytes + update.length <= maxDocumentBytes;
  }

  #store(update: Uint8Array, meta?: Readonly<Record<string, string>>): MaybePromise<Commit> {
    const stored = this.#storage.append(update, meta);
    if (stored instanceof Promise) return stored.then(() => this.#appended(update));
    return this.#appended(update);
  }

  #appended(update: Uint8Array): MaybePromise<Commit> {
    this.#apply(update);
    this.#logUpdates++;
    this.#logBytes += update.length;
    const due =
      this.#logUpdates >= compactUpdates || this.#logBytes > Math.max(this.#snapshotBytes, compactBytes);
    return due ? this.#compact() : "applied";
  }

  /** What decodes may still be nonsense to integrate: one person's nonsense must not lock everybody out. */
  #apply(update: Uint8Array): void {
    try {
      Y.applyUpdate(this.doc, update);
    } catch (thrown) {
      this.#log("An update of a project has no meaning and is passed over.", thrown);
    }
  }

  /** A log that cannot be folded now is folded after as many more updates; nothing is lost by waiting. */
  #compact(): MaybePromise<Commit> {
    const snapshot = Y.encodeStateAsUpdate(this.doc);
    const done = (): Commit => {
      this.#snapshotBytes = snapshot.length;
      this.#logUpdates = 0;
      this.#logBytes = 0;
      return "applied";
    };
    const failed = (thrown: unknown): Commit => {
      this.#log("The log of a project could not be folded into a snapshot.", thrown);
      this.#logUpdates = 0;
      return "applied";
    };
    try {
      const replaced = this.#storage.replace(snapshot);
      return replaced instanceof Promise ? replaced.then(done, failed) : done();
    } catch (thrown) {
      return failed(thrown);
    }
  }

  destroy(): void {
    this.doc.destroy();
  }
}
