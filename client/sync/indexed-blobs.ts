// Blobs in the database of a project's local copy: those that the server does not have yet, and those used lately.

import type { Clock } from "#core/base/clock.ts";
import { answered, resultOf } from "./database.ts";
import type { BlobKeeper } from "./local-copy.ts";

const contents = "blobs";
const facts = "blob-facts";
export const blobStores = [contents, facts] as const;

interface BlobFacts {
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly used: number;
  /** The server does not have it yet. */
  readonly held: boolean;
}

/** What the server has too is kept up to this many bytes per project. */
const keptBytes = 256 * 1024 * 1024;

export class IndexedBlobs implements BlobKeeper {
  readonly #database: IDBDatabase;
  readonly #enqueue: (write: (transaction: IDBTransaction) => void) => void;
  readonly #clock: Clock;
  readonly #facts = new Map<string, BlobFacts>();
  #bytes = 0;

  constructor(
    database: IDBDatabase,
    clock: Clock,
    enqueue: (write: (transaction: IDBTransaction) => void) => void,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#enqueue = enqueue;
  }

  async load(): Promise<void> {
    const store = this.#database.transaction(facts, "readonly").objectStore(facts);
    const [hashes, values] = await Promise.all([
      resultOf(store.getAllKeys()),
      resultOf<BlobFacts[]>(store.getAll()),
    ]);
    for (const [index, value] of values.entries()) {
      const hash = hashes[index];
      if (typeof hash !== "string") continue;
      this.#facts.set(hash, value);
      this.#bytes += value.size;
    }
  }

  get held(): readonly string[] {
    return [...this.#facts].flatMap(([hash, { held }]) => (held ? [hash] : []));
  }

  has(hash: string): boolean {
    return this.#facts.has(hash);
  }

  async read(hash: string): Promise<Uint8Array | undefined> {
    const known = this.#facts.get(hash);
    if (known === undefined) return undefined;
    const store = this.#database.transaction(contents, "readonly").objectStore(contents);
    const bytes = await answered(resultOf<Uint8Array | undefined>(store.get(hash)), this.#clock);
    if (bytes !== undefined) this.#note(hash, { ...known, used: this.#clock.now() });
    return bytes;
  }

  keep(hash: string, bytes: Uint8Array): void {
    if (this.#facts.has(hash) || bytes.length > keptBytes) return;
    this.#store(hash, bytes, false);
    this.#makeRoom();
  }

  hold(hash: string, bytes: Uint8Array): void {
    this.#store(hash, bytes, true);
  }

  release(hash: string): void {
    const known = this.#facts.get(hash);
    if (known === undefined) return;
    this.#note(hash, { ...known, held: false });
    this.#makeRoom();
  }

  #store(hash: string, bytes: Uint8Array, held: boolean): void {
    if (!this.#facts.has(hash)) this.#bytes += bytes.length;
    this.#enqueue((transaction) => void transaction.objectStore(contents).put(bytes, hash));
    this.#note(hash, { size: bytes.length, used: this.#clock.now(), held });
  }

  #note(hash: string, noted: BlobFacts): void {
    this.#facts.set(hash, noted);
    this.#enqueue((transaction) => void transaction.objectStore(facts).put(noted, hash));
  }

  /** The longest unused go first; what exists here alone never goes. */
  #makeRoom(): void {
    if (this.#bytes <= keptBytes) return;
    const oldest = [...this.#facts].filter(([, { held }]) => !held).sort(([, a], [, b]) => a.used - b.used);
    for (const [hash, { size }] of oldest) {
      if (this.#bytes <= keptBytes) return;
      this.#facts.delete(hash);
      this.#bytes -= size;
      this.#enqueue((transaction) => {
        transaction.objectStore(contents).delete(hash);
        transaction.objectStore(facts).delete(hash);
      });
    }
  }
}
