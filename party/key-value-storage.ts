// A room's storage on a key-value store with small values and small atomic writes (PartyKit's).
// An update is stored once its `head` key is; a snapshot once `current` names its generation.

import { concatBytes } from "#core/base/bytes.ts";
import { TaskQueue } from "./task-queue.ts";
import { cutPieces, type RoomStorage } from "./storage.ts";

export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  /** Atomic. At most 128 keys. */
  put(entries: Record<string, unknown>): Promise<void>;
  /** At most 128 keys. */
  delete(keys: string[]): Promise<unknown>;
  /** In the order of keys. */
  list(options: { prefix: string; startAfter?: string; limit: number }): Promise<Map<string, unknown>>;
}

/** Values may have 128 KiB, with their encoding. */
const pieceBytes = 120 * 1024;
/** Keys of one atomic write; also keeps a page of a listing below 16 MiB. */
const pageKeys = 128;
const currentKey = "current";
const metaPrefix = "meta/";

function generationPrefix(generation: number): string {
  return `log/${String(generation).padStart(10, "0")}/`;
}

export class KeyValueRoomStorage implements RoomStorage {
  readonly #store: KeyValueStore;
  /** An append that overtook a replacement would be in a log that is swept away. */
  readonly #serial = new TaskQueue();
  #generation: number | undefined;
  #next = 0;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  async readMeta(): Promise<ReadonlyMap<string, string>> {
    const meta = new Map<string, string>();
    for await (const [key, value] of this.#scan(metaPrefix))
      if (typeof value === "string") meta.set(key.slice(metaPrefix.length), value);
    return meta;
  }

  async readUpdates(): Promise<readonly Uint8Array[]> {
    return await this.#serial.run(() => this.#readUpdates());
  }

  async append(update: Uint8Array, meta: Readonly<Record<string, string>> = {}): Promise<void> {
    return await this.#serial.run(() => this.#append(update, meta));
  }

  async replace(snapshot: Uint8Array): Promise<void> {
    return await this.#serial.run(() => this.#replace(snapshot));
  }

  async #readUpdates(): Promise<readonly Uint8Array[]> {
    const generation = await this.#open();
    const updates: Uint8Array[] = [];
    let pieces: Uint8Array[] = [];
    let sequence = "";
    const prefix = generationPrefix(generation);
    // Keys: <prefix><sequence>/<piece>, and <prefix><sequence>/head, which sorts after the digits.
    for await (const [key, value] of this.#scan(prefix)) {
      const [current = "", part = ""] = key.slice(prefix.length).split("/");
      if (current !== sequence) {
        sequence = current;
        pieces = [];
      }
      if (part === "head") {
        // There may be more: of a longer attempt that failed before.
        if (typeof value !== "number" || pieces.length < value)
          throw new Error(`invariant violation: update ${current} has ${pieces.length} pieces`);
        updates.push(concatBytes(pieces.slice(0, value)));
      } else if (value instanceof Uint8Array) pieces.push(value);
    }
    return updates;
  }

  async #append(update: Uint8Array, meta: Readonly<Record<string, string>>): Promise<void> {
    const generation = await this.#open();
    const entries = Object.entries(meta).map(([key, value]): [string, unknown] => [metaPrefix + key, value]);
    // A number that was given out is never used again, whether or not its write succeeds.
    await this.#write(generation, this.#next++, update, entries);
  }

  async writeMeta(meta: Readonly<Record<string, string | undefined>>): Promise<void> {
    const entries = Object.entries(meta);
    const kept = entries.flatMap(([key, value]) => (value === undefined ? [] : [[metaPrefix + key, value]]));
    const gone = entries.flatMap(([key, value]) => (value === undefined ? [metaPrefix + key] : []));
    if (kept.length > 0) await this.#store.put(Object.fromEntries(kept) as Record<string, string>);
    if (gone.length > 0) await this.#store.delete(gone);
  }

  async #replace(snapshot: Uint8Array): Promise<void> {
    const old = await this.#open();
    await this.#write(old + 1, 0, snapshot, [[currentKey, old + 1]]);
    this.#generation = old + 1;
    this.#next = 1;
    await this.#deleteAll(generationPrefix(old));
  }

  async #write(
    generation: number,
    sequence: number,
    update: Uint8Array,
    together: readonly [string, unknown][],
  ): Promise<void> {
    const prefix = `${generationPrefix(generation)}${String(sequence).padStart(12, "0")}/`;
    const pieces = cutPieces(update, pieceBytes);
    const entries = pieces.map((piece, index): [string, unknown] => [
      prefix + String(index).padStart(6, "0"),
      piece.slice(),
    ]);
    const final: [string, unknown][] = [[`${prefix}head`, pieces.length], ...together];
    while (entries.length + final.length > pageKeys)
      await this.#store.put(Object.fromEntries(entries.splice(0, pageKeys)));
    await this.#store.put(Object.fromEntries([...entries, ...final]));
  }

  /** Finds the current generation and the next free number; sweeps up what a crash left. */
  async #open(): Promise<number> {
    if (this.#generation !== undefined) return this.#generation;
    const stored = await this.#store.get(currentKey);
    const generation = typeof stored === "number" ? stored : 0;
    if (generation > 0) await this.#deleteAll(generationPrefix(generation - 1));
    await this.#deleteAll(generationPrefix(generation + 1));
    const prefix = generationPrefix(generation);
    for await (const [key] of this.#scan(prefix))
      this.#next = Number(key.slice(prefix.length).split("/")[0]) + 1;
    this.#generation = generation;
    return generation;
  }

  async *#scan(prefix: string): AsyncGenerator<[string, unknown]> {
    let startAfter: string | undefined;
    for (;;) {
      const page = await this.#store.list({
        prefix,
        limit: pageKeys,
        ...(startAfter === undefined ? {} : { startAfter }),
      });
      for (const entry of page) {
        startAfter = entry[0];
        yield entry;
      }
      if (page.size < pageKeys) return;
    }
  }

  async #deleteAll(prefix: string): Promise<void> {
    const keys: string[] = [];
    for await (const [key] of this.#scan(prefix)) keys.push(key);
    while (keys.length > 0) await this.#store.delete(keys.splice(0, pageKeys));
  }
}
