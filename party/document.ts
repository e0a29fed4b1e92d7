// The project document as the room keeps it: a Y.Doc, and the log that it is read from.
// Knows storage as an interface, and no sockets.

import * as Y from "yjs";
import { compactBytes, compactUpdates, maxDocumentBytes, maxUpdatePieces } from "#core/room/limits.ts";
import type { MaybePromise } from "./host.ts";
import type { RoomStorage } from "./storage.ts";
import { scanUpdate, type UpdateScan } from "./update-scan.ts";

/** Decodes, but has no meaning: Yjs threw half way. */
export class Nonsense extends Error {}

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
      for (const update of [first, ...updates])
        try {
          Y.applyUpdate(document.doc, update);
        } catch (thrown) {
          log("A stored update of a project has no meaning and is passed over.", thrown);
        }
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

  /** Whether there is room for so many bytes more. Much of what is stored may be history that a snapshot leaves out. */
  makeRoom(bytes: number): MaybePromise<boolean> {
    if (this.fits(bytes)) return true;
    if (this.#logUpdates === 0) return false;
    const compacted = this.#compact();
    return compacted instanceof Promise ? compacted.then(() => this.fits(bytes)) : this.fits(bytes);
  }

  fits(bytes: number): boolean {
    return this.#snapshotBytes + this.#logBytes + bytes <= maxDocumentBytes;
  }

  /**
   * Applies the updates and stores them as one, which it returns. Throws `Nonsense`, or rejects where they could not
   * be stored: then this document holds what is nowhere else, and must be opened anew.
   */
  commit(updates: readonly Uint8Array[], meta?: Readonly<Record<string, string>>): MaybePromise<Uint8Array> {
    const merged = this.#apply(updates);
    const done = (): MaybePromise<Uint8Array> => {
      this.#logUpdates++;
      this.#logBytes += merged.length;
      const due =
        this.#logUpdates >= compactUpdates || this.#logBytes > Math.max(this.#snapshotBytes, compactBytes);
      const compacted = due ? this.#compact() : undefined;
      return compacted instanceof Promise ? compacted.then(() => merged) : merged;
    };
    const stored = this.#storage.append(merged, meta);
    return stored instanceof Promise ? stored.then(done) : done();
  }

  #apply(updates: readonly Uint8Array[]): Uint8Array {
    try {
      const [first] = updates;
      const merged = updates.length === 1 && first !== undefined ? first : Y.mergeUpdates([...updates]);
      Y.applyUpdate(this.doc, merged);
      return merged;
    } catch (thrown) {
      throw new Nonsense("an update has no meaning", { cause: thrown });
    }
  }

  /** A log that cannot be folded now is folded after as many more updates; nothing is lost by waiting. */
  #compact(): MaybePromise<void> {
    const snapshot = Y.encodeStateAsUpdate(this.doc);
    const done = (): void => {
      this.#snapshotBytes = snapshot.length;
      this.#logUpdates = 0;
      this.#logBytes = 0;
    };
    const failed = (thrown: unknown): void => {
      this.#log("The log of a project could not be folded into a snapshot.", thrown);
      this.#logUpdates = 0;
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
