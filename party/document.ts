// The project document as the room keeps it: a Y.Doc, and the log that it is read from.
// Knows storage as an interface, and no sockets.

import * as Y from "yjs";
import { readMeta, untitled } from "#core/project/meta.ts";
import { Project } from "#core/project/project.ts";
import { ReconcileWatch } from "#core/project/reconcile.ts";
import { nodesOf } from "#core/project/schema.ts";
import {
  compactBytes,
  compactUpdates,
  maxDocumentBytes,
  maxUpdatePieces,
  reconcileRate,
  replicaIdleMilliseconds,
} from "#core/room/limits.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { MaybePromise } from "./host.ts";
import type { RoomStorage } from "./storage.ts";
import { scanUpdate, type UpdateScan } from "./update-scan.ts";

/** An update that can be decoded, but not integrated: Yjs threw half way. */
export class InvalidUpdate extends Error {}

/** What the room itself wanted to add to a document that is full. */
class DocumentFull extends Error {}

/** A change that the room itself has made in the open document, and that is not stored yet. */
export interface Edited<T> {
  readonly result: T;
  /** Undefined where nothing changed. */
  readonly update: Uint8Array | undefined;
}

/** What is stored and may be told. */
export interface Committed {
  /** All that was given. */
  readonly update: Uint8Array;
  /** What the room has done about it: everybody must hear that, those who sent the updates as well. */
  readonly answer: Uint8Array | undefined;
}

/** What a document needs of the room's host. */
export interface DocumentHost {
  readonly now: () => number;
  readonly log: (sentence: string, thrown: unknown) => void;
  /** The Yjs client number of the room's own edits; a random one where it is left out. */
  readonly client?: number;
}

export class RoomDocument {
  readonly doc: Y.Doc;
  readonly #storage: RoomStorage;
  readonly #host: DocumentHost;
  readonly #work: TokenBucket;
  #watch: ReconcileWatch | undefined;
  #project: Project | undefined;
  /** When the project was last used, in milliseconds since 1970. */
  #projectUsed = 0;
  #snapshotBytes = 0;
  #logBytes = 0;
  #logUpdates = 0;
  /** As it is stored beside the log; undefined where there is no project. */
  #name: string | undefined;

  private constructor(storage: RoomStorage, host: DocumentHost) {
    this.#storage = storage;
    this.#host = host;
    this.#work = new TokenBucket(reconcileRate, host.now());
    // The room undoes nothing, so its copy keeps no history of deleted content.
    this.doc = new Y.Doc({ gc: true });
    if (host.client !== undefined) this.doc.clientID = host.client;
  }

  static async open(storage: RoomStorage, host: DocumentHost): Promise<RoomDocument> {
    const document = new RoomDocument(storage, host);
    document.#name = (await storage.readMeta()).get("name");
    document.#read(await storage.readUpdates());
    // What is stored was reconciled before it was.
    document.#watch = new ReconcileWatch(nodesOf(document.doc));
    return document;
  }

  #read([first, ...updates]: readonly Uint8Array[]): void {
    if (first === undefined) return;
    this.#snapshotBytes = first.length;
    this.#logUpdates = updates.length;
    for (const update of updates) this.#logBytes += update.length;
    this.doc.transact(() => {
      for (const update of [first, ...updates])
        try {
          Y.applyUpdate(this.doc, update);
        } catch (thrown) {
          this.#host.log("A stored update of a project has no meaning and is passed over.", thrown);
        }
    });
  }

  /** What the project is called; undefined where there is none. */
  get name(): string | undefined {
    return this.#name === undefined ? undefined : readMeta(this.doc).name || untitled;
  }

  /**
   * [ROOM-42] The files of the document, as the room itself reads them. They follow every edit, so that a use costs what
   * it looks at; they are released with the first edit after they have not been used for `replicaIdleMilliseconds`.
   */
  get project(): Project {
    this.#projectUsed = this.#host.now();
    this.#project ??= new Project(this.doc, { now: () => this.#host.now() });
    return this.#project;
  }

  /**
   * Changes files in place, as one update that must be committed before anything else is asked of this document. Throws
   * what `change` throws, and where there is no room for the change: then this document holds what is nowhere else, and
   * must be opened anew.
   */
  edit<T>(change: (project: Project) => T): Edited<T> {
    const { project } = this;
    const made: Uint8Array[] = [];
    const listen = (update: Uint8Array): unknown => made.push(update);
    this.doc.on("update", listen);
    let result: T;
    try {
      result = this.doc.transact(() => change(project));
    } finally {
      this.doc.off("update", listen);
    }
    if (made.length === 0) return { result, update: undefined };
    const update = Y.mergeUpdates(made);
    // What only deletes makes room, so it always fits.
    if (!this.fits(update.length) && this.scan(update).structs.size > 0)
      throw new DocumentFull("the document is full");
    return { result, update };
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
   * Applies the updates, reconciles the forms of files that changed their kind, and stores both as one. Throws `InvalidUpdate`, or rejects where they could not
   * be stored: then this document holds what is nowhere else, and must be opened anew.
   */
  commit(updates: readonly Uint8Array[], meta?: Readonly<Record<string, string>>): MaybePromise<Committed> {
    if (this.#project !== undefined && this.#host.now() - this.#projectUsed > replicaIdleMilliseconds)
      this.#releaseProject();
    const update = this.#apply(updates);
    const answer = this.#reconcile();
    const whole = answer === undefined ? update : Y.mergeUpdates([update, answer]);
    const committed: Committed = { update, answer };
    const done = (): MaybePromise<Committed> => {
      this.#logUpdates++;
      this.#logBytes += whole.length;
      const due =
        this.#logUpdates >= compactUpdates || this.#logBytes > Math.max(this.#snapshotBytes, compactBytes);
      const compacted = due ? this.#compact() : undefined;
      return compacted instanceof Promise ? compacted.then(() => committed) : committed;
    };
    const stored = this.#storage.append(whole, this.#withName(meta));
    return stored instanceof Promise ? stored.then(done) : done();
  }

  /** [ROOM-50] The values to store, and the project's name among them where the document has another one now. */
  #withName(
    meta: Readonly<Record<string, string>> | undefined,
  ): Readonly<Record<string, string>> | undefined {
    this.#name = meta?.["name"] ?? this.#name;
    const { name } = this;
    if (name === undefined || name === this.#name) return meta;
    this.#name = name;
    return { ...meta, name };
  }

  /** [ROOM-36] What is asleep in a file's other forms comes into the one that is live; undefined where nothing was. */
  #reconcile(): Uint8Array | undefined {
    const watch = this.#watch;
    if (watch?.isDue !== true) return undefined;
    const made: Uint8Array[] = [];
    const listen = (update: Uint8Array): unknown => made.push(update);
    this.doc.on("update", listen);
    try {
      // What people have sent is stored all the same, with whatever has been reconciled so far.
      const onFailure = (thrown: unknown): void =>
        this.#host.log("The forms of a file could not be reconciled.", thrown);
      const affords = (work: number): boolean => this.#work.take(work, this.#host.now());
      this.doc.transact(() => watch.reconcile(this.#host.now(), { affords, onFailure }));
    } finally {
      this.doc.off("update", listen);
    }
    return made.length === 0 ? undefined : Y.mergeUpdates(made);
  }

  #apply(updates: readonly Uint8Array[]): Uint8Array {
    try {
      const [first] = updates;
      const merged = updates.length === 1 && first !== undefined ? first : Y.mergeUpdates([...updates]);
      Y.applyUpdate(this.doc, merged);
      return merged;
    } catch (thrown) {
      throw new InvalidUpdate("an update has no meaning", { cause: thrown });
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
      this.#host.log("The log of a project could not be folded into a snapshot.", thrown);
      this.#logUpdates = 0;
    };
    try {
      const replaced = this.#storage.replace(snapshot);
      return replaced instanceof Promise ? replaced.then(done, failed) : done();
    } catch (thrown) {
      return failed(thrown);
    }
  }

  #releaseProject(): void {
    this.#project?.destroy();
    this.#project = undefined;
  }

  destroy(): void {
    this.#releaseProject();
    this.#watch?.destroy();
    this.doc.destroy();
  }
}
