// The project document as the room keeps it: a Y.Doc, and a log that is always ahead of it.
// Knows storage as an interface, and no sockets.

import * as Y from "yjs";
import { compactBytes, compactUpdates, maxDocumentBytes } from "#core/room/limits.ts";
import type { MaybePromise } from "./host.ts";
import type { RoomStorage } from "./storage.ts";

/** What became of an update. */
export type Commit = "applied" | "nothing-new" | "full";

type DecodedUpdate = ReturnType<typeof Y.decodeUpdate>;

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

  /** Throws where the bytes are no update: nothing is stored or applied then. */
  decode(update: Uint8Array): DecodedUpdate {
    return Y.decodeUpdate(update);
  }

  /** Whether the update holds anything that this document lacks. */
  isNew({ structs, ds }: DecodedUpdate): boolean {
    const state = new Map<number, number>();
    for (const struct of structs) {
      const { client, clock } = struct.id;
      let known = state.get(client);
      if (known === undefined) state.set(client, (known = Y.getState(this.doc.store, client)));
      // A Skip stands for what the sender left out.
      if (clock + struct.length > known && !(struct instanceof Y.Skip)) return true;
    }
    for (const [client, ranges] of ds.clients) {
      const stored = this.doc.store.clients.get(client) ?? [];
      const known = Y.getState(this.doc.store, client);
      for (const { clock, len } of ranges) {
        if (len <= 0) continue;
        if (clock + len > known) return true;
        for (let index = Y.findIndexSS(stored, clock); index < stored.length; index++) {
          const struct = stored[index];
          if (struct === undefined || struct.id.clock >= clock + len) break;
          if (!struct.deleted) return true;
        }
      }
    }
    return false;
  }

  /** Stores the update, then applies it. Rejects when it could not be stored: then nothing has changed. */
  commit(
    update: Uint8Array,
    decoded: DecodedUpdate,
    meta?: Readonly<Record<string, string>>,
  ): MaybePromise<Commit> {
    if (!this.isNew(decoded) && meta === undefined) return "nothing-new";
    if (this.#snapshotBytes + this.#logBytes + update.length > maxDocumentBytes) {
      // Much of that may be history that a snapshot leaves out.
      if (Y.encodeStateAsUpdate(this.doc).length + update.length > maxDocumentBytes) return "full";
    }
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
