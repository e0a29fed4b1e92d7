// A project's local copy in IndexedDB: one database per project, an append-only log of updates that is folded now and
// then, and a marker for each change that the server has not acknowledged. Several tabs may share it.

import * as Y from "yjs";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { readMeta } from "#core/project/meta.ts";
import { rootId, type NodeId } from "#core/project/project.ts";
import { copyName } from "./copy-name.ts";
import {
  answered,
  deleteDatabase,
  endOf,
  openDatabase,
  resultOf,
  SilentStorage,
  storagePatience,
} from "./database.ts";
import { blobStores, IndexedBlobs } from "./indexed-blobs.ts";
import type { BlobKeeper, Keeping, KeptLeftover, LocalCopy, OwnChange } from "./local-copy.ts";

const version = 1;
/** Updates by number; of what is deleted only what no other record holds. */
const updates = "updates";
/** [tab, number of the change]: made here, not acknowledged. The value is the ids of the files that it has changed. */
const changes = "changes";
/** Copies of a project that could not be merged with what the server has. */
const aside = "aside";

/** A record of `aside`. */
interface AsideRecord {
  readonly at: number;
  readonly epoch: string | undefined;
  readonly state: Uint8Array;
  /** Files whose changes the server does not have. */
  readonly unsaved?: readonly NodeId[];
}

/** Writes are collected this long: keystrokes become one transaction. */
const collectMilliseconds = 30;
/** Records that are folded into one: reading so many small ones takes less than writing a large project once. */
const foldRecords = 2000;
/** What could not be written is tried again this often … */
const retryMilliseconds = 20_000;
/** … until this much of it has failed again: then there is still no room. */
const mostFailures = 8;

/** A step of a transaction; returns the request that adds a record of the document. */
type Write = (transaction: IDBTransaction) => IDBRequest<IDBValidKey> | void;

/** Rejects with a sentence where this browser keeps nothing (a private window, say), or does not answer. */
export async function openCopy(project: string, clock: Clock = systemClock): Promise<LocalCopy> {
  const reading = readCopy(project, clock);
  try {
    return await answered(reading, clock);
  } catch (cause) {
    // What comes too late is let go of.
    reading.then((copy) => copy.close()).catch(() => undefined);
    if (cause instanceof SilentStorage) throw cause;
    throw new Error(`This browser lets no page keep anything here. ${sentence(cause)}`, { cause });
  }
}

async function readCopy(project: string, clock: Clock): Promise<IndexedCopy> {
  const database = await openDatabase(copyName(project), version, createStores, clock);
  const read = database.transaction([updates, changes, aside], "readonly");
  const [keys, values, carriedKeys, carriedFiles, asideKeys, asides] = await Promise.all([
    resultOf(read.objectStore(updates).getAllKeys()),
    resultOf<Uint8Array[]>(read.objectStore(updates).getAll()),
    resultOf(read.objectStore(changes).getAllKeys()),
    resultOf<unknown[]>(read.objectStore(changes).getAll()),
    resultOf(read.objectStore(aside).getAllKeys()),
    resultOf<AsideRecord[]>(read.objectStore(aside).getAll()),
  ]);
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of values) Y.applyUpdate(doc, update);
  });
  const leftovers = asides.flatMap(({ at, unsaved = [] }, index) => {
    const key = asideKeys[index];
    return key === undefined || unsaved.length === 0 ? [] : [leftover(database, clock, key, at, unsaved)];
  });
  const copy = new IndexedCopy(project, database, clock, doc, { keys, carriedKeys, carriedFiles, leftovers });
  await copy.blobs.load();
  return copy;
}

function createStores(fresh: IDBDatabase): void {
  fresh.createObjectStore(updates, { autoIncrement: true });
  fresh.createObjectStore(changes);
  fresh.createObjectStore(aside, { autoIncrement: true });
  for (const store of blobStores) fresh.createObjectStore(store);
}

function leftover(
  database: IDBDatabase,
  clock: Clock,
  key: IDBValidKey,
  at: number,
  files: readonly NodeId[],
): KeptLeftover {
  return {
    at,
    files: new Set(files),
    read: async () => {
      const asked = database.transaction(aside).objectStore(aside).get(key) as IDBRequest<AsideRecord>;
      return (await answered(resultOf(asked), clock)).state;
    },
    remove: async () => {
      const transaction = database.transaction(aside, "readwrite");
      transaction.objectStore(aside).delete(key);
      await answered(endOf(transaction), clock);
    },
  };
}

/** Markers of older versions do not say which files: then it may be any. */
function filesOf(marker: unknown): readonly NodeId[] {
  if (!Array.isArray(marker)) return [rootId];
  return marker.filter((id): id is NodeId => typeof id === "string");
}

class IndexedCopy implements LocalCopy {
  readonly doc: Y.Doc;
  readonly filled: boolean;
  readonly carried: number;
  readonly carriedFiles: ReadonlySet<NodeId>;
  readonly leftovers: readonly KeptLeftover[];
  readonly blobs: IndexedBlobs & BlobKeeper;
  readonly #project: string;
  readonly #database: IDBDatabase;
  readonly #clock: Clock;
  readonly #keepingChanged = new Emitter<Keeping>();
  /** Distinguishes this visit's changes from those of other tabs and times. */
  readonly #tab = crypto.randomUUID();
  /** Markers of earlier visits. */
  #carriedKeys: readonly IDBValidKey[];
  /** Records that hold nothing but what the document holds. */
  #known: IDBValidKey[];
  #keeping: Keeping = { kept: true };
  #queue: Write[] = [];
  #writing: Promise<void> | undefined;
  #timer: Disposer | undefined;
  #retry: Disposer | undefined;
  #closed = false;

  constructor(
    project: string,
    database: IDBDatabase,
    clock: Clock,
    doc: Y.Doc,
    kept: {
      readonly keys: IDBValidKey[];
      readonly carriedKeys: readonly IDBValidKey[];
      readonly carriedFiles: readonly unknown[];
      readonly leftovers: readonly KeptLeftover[];
    },
  ) {
    this.#project = project;
    this.#database = database;
    this.#clock = clock;
    this.doc = doc;
    // What was never in step with a room has no epoch, and cannot be told from another beginning.
    this.filled = readMeta(doc).epoch !== undefined;
    this.#known = kept.keys;
    this.#carriedKeys = kept.carriedKeys;
    this.carried = kept.carriedKeys.length;
    this.carriedFiles = new Set(kept.carriedFiles.flatMap(filesOf));
    this.leftovers = kept.leftovers;
    this.blobs = new IndexedBlobs(database, clock, (write) => this.#enqueue(write));
    database.addEventListener("versionchange", () => this.#lose("It was removed in another tab."));
    database.addEventListener("close", () => this.#lose("The browser has taken it away."));
    globalThis.addEventListener("pagehide", this.#onHide);
    if (this.#known.length > foldRecords) this.#fold();
  }

  get keeping(): Keeping {
    return this.#keeping;
  }

  onKeeping(listener: (keeping: Keeping) => void): Disposer {
    return this.#keepingChanged.on(listener);
  }

  get settled(): boolean {
    return this.#keeping.kept && this.#queue.length === 0 && this.#writing === undefined;
  }

  append(update: Uint8Array, change: OwnChange | undefined): void {
    this.#enqueue((transaction) => {
      if (change !== undefined)
        transaction.objectStore(changes).put([...change.files], [this.#tab, change.number]);
      return transaction.objectStore(updates).add(update);
    });
    if (this.#known.length > foldRecords) this.#fold();
  }

  acknowledged(change: number): void {
    const carried = change >= this.carried ? this.#carriedKeys : [];
    if (carried.length > 0) this.#carriedKeys = [];
    this.#enqueue((transaction) => {
      const store = transaction.objectStore(changes);
      for (const key of carried) store.delete(key);
      store.delete(IDBKeyRange.bound([this.#tab, 0], [this.#tab, change]));
    });
  }

  async setAside(files: ReadonlySet<NodeId>): Promise<void> {
    const copy: AsideRecord = {
      at: this.#clock.now(),
      epoch: readMeta(this.doc).epoch,
      state: Y.encodeStateAsUpdate(this.doc),
      unsaved: [...files],
    };
    this.#queue = [
      (transaction) => {
        transaction.objectStore(aside).add(copy);
        transaction.objectStore(updates).clear();
        transaction.objectStore(changes).clear();
      },
    ];
    await this.close();
  }

  async remove(): Promise<void> {
    this.#queue = [];
    await this.close();
    await deleteDatabase(copyName(this.#project));
  }

  /** Storage that does not answer is not waited for. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await answered(this.#flush(), this.#clock).catch(() => undefined);
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    this.#timer?.();
    this.#retry?.();
    globalThis.removeEventListener("pagehide", this.#onHide);
    this.#database.close();
  }

  /** One record in place of many. Those that other tabs have written meanwhile stay. */
  #fold(): void {
    const state = Y.encodeStateAsUpdate(this.doc);
    const replaced = this.#known;
    this.#known = [];
    this.#enqueue((transaction) => {
      const store = transaction.objectStore(updates);
      for (const key of replaced) store.delete(key);
      return store.add(state);
    });
  }

  #enqueue(write: Write): void {
    if (this.#closed) return;
    this.#queue.push(write);
    this.#timer ??= this.#clock.after(collectMilliseconds, () => void this.#flush());
  }

  readonly #onHide = (): void => void this.#flush();

  /** Writes what waits, and what comes meanwhile; resolves when nothing waits any more. */
  #flush(): Promise<void> {
    this.#timer?.();
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      const writes = this.#queue;
      this.#queue = [];
      try {
        await this.#write(writes);
        this.#setKeeping({ kept: true });
      } catch (thrown) {
        this.#queue = [...writes, ...this.#queue];
        this.#setKeeping({ kept: false, reason: sentence(thrown) });
        this.#retry ??= this.#clock.after(retryMilliseconds, () => void this.#tryAgain());
        return;
      }
    }
  }

  /** One by one: what is too large for the room that is left shall not stand in the way of the rest. */
  async #tryAgain(): Promise<void> {
    this.#retry = undefined;
    const writes = this.#queue;
    this.#queue = [];
    const failed: Write[] = [];
    while (failed.length < mostFailures && !this.#closed) {
      const write = writes.shift();
      if (write === undefined) break;
      await this.#write([write]).catch(() => failed.push(write));
    }
    this.#queue = [...failed, ...writes, ...this.#queue];
    await this.#flush();
    if (this.#queue.length === 0 && !this.#closed) this.#setKeeping({ kept: true });
  }

  async #write(writes: readonly Write[]): Promise<void> {
    const transaction = this.#database.transaction([updates, changes, aside, ...blobStores], "readwrite");
    const ended = endOf(transaction);
    // It may still come to be stored, and is not handed over again; but until then it is nowhere else.
    const stop = this.#clock.after(storagePatience, () =>
      this.#setKeeping({ kept: false, reason: sentence(new SilentStorage()) }),
    );
    ended.then(stop, stop);
    let added: IDBRequest<IDBValidKey>[];
    try {
      added = writes.map((write) => write(transaction)).filter((request) => request !== undefined);
    } catch (thrown) {
      ended.catch(() => undefined); // the reason is what was thrown
      transaction.abort();
      throw thrown;
    }
    await ended;
    // Only now: the numbers of a transaction that fails are given out again.
    this.#known.push(...added.map((request) => request.result));
  }

  #lose(reason: string): void {
    if (this.#closed) return;
    this.#end();
    this.#setKeeping({ kept: false, reason });
  }

  #setKeeping(keeping: Keeping): void {
    if (keeping.kept === this.#keeping.kept) return;
    this.#keeping = keeping;
    this.#keepingChanged.emit(keeping);
  }
}

function sentence(thrown: unknown): string {
  if (thrown instanceof DOMException && thrown.name === "QuotaExceededError")
    return "The browser's storage is full.";
  return thrown instanceof Error ? thrown.message : String(thrown);
}
