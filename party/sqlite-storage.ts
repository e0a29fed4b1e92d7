// A room's storage in SQLite. Knows the SQL interface that Durable Objects have, structurally, and nothing else of them.

import { concatBytes } from "#core/base/bytes.ts";
import type { MaybePromise } from "./host.ts";
import { cutPieces, type RoomStorage } from "./storage.ts";

type SqlValue = ArrayBuffer | string | number | null;

export interface Sql {
  exec(query: string, ...bindings: readonly SqlValue[]): Iterable<Record<string, SqlValue>>;
  /** Runs `body`; what it wrote is kept together or, if it throws, not at all. */
  transaction(body: () => void): void;
  /** Settles when everything so far is on the disk; left out where `transaction` waits for that itself. */
  readonly synced?: () => Promise<void>;
}

/** Below the 2 MB that a row may have. */
const pieceBytes = 1024 * 1024;

export class SqliteRoomStorage implements RoomStorage {
  readonly #sql: Sql;
  #ready: boolean | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  readMeta(): ReadonlyMap<string, string> {
    const meta = new Map<string, string>();
    if (!this.#exists()) return meta;
    for (const { key, value } of this.#sql.exec("SELECT key, value FROM meta"))
      if (typeof key === "string" && typeof value === "string") meta.set(key, value);
    return meta;
  }

  readUpdates(): readonly Uint8Array[] {
    const updates: Uint8Array[] = [];
    if (!this.#exists()) return updates;
    let pieces: Uint8Array[] = [];
    for (const { last, data } of this.#sql.exec("SELECT last, data FROM log ORDER BY seq")) {
      if (!(data instanceof ArrayBuffer)) throw new Error("invariant violation: a log row holds no bytes");
      pieces.push(new Uint8Array(data));
      if (last !== 1) continue;
      updates.push(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : concatBytes(pieces));
      pieces = [];
    }
    return updates;
  }

  append(update: Uint8Array, meta: Readonly<Record<string, string>> = {}): MaybePromise<void> {
    this.#transaction(() => {
      this.#insert(update);
      this.#setMeta(meta);
    });
    return this.#sql.synced?.();
  }

  writeMeta(meta: Readonly<Record<string, string | undefined>>): MaybePromise<void> {
    this.#transaction(() => this.#setMeta(meta));
    return this.#sql.synced?.();
  }

  replace(snapshot: Uint8Array): MaybePromise<void> {
    this.#transaction(() => {
      this.#sql.exec("DELETE FROM log");
      this.#insert(snapshot);
    });
    return this.#sql.synced?.();
  }

  #setMeta(meta: Readonly<Record<string, string | undefined>>): void {
    for (const [key, value] of Object.entries(meta))
      if (value === undefined) this.#sql.exec("DELETE FROM meta WHERE key = ?", key);
      else this.#sql.exec("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
  }

  #insert(update: Uint8Array): void {
    const pieces = cutPieces(update, pieceBytes);
    for (const [index, piece] of pieces.entries())
      this.#sql.exec(
        "INSERT INTO log (last, data) VALUES (?, ?)",
        index === pieces.length - 1 ? 1 : 0,
        piece.slice().buffer,
      );
  }

  /** The tables are made by the first write: asking whether a project exists leaves nothing behind. */
  #transaction(body: () => void): void {
    this.#sql.transaction(() => {
      if (!this.#exists()) {
        this.#sql.exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
        this.#sql.exec(
          "CREATE TABLE log (seq INTEGER PRIMARY KEY AUTOINCREMENT, last INTEGER NOT NULL, data BLOB NOT NULL)",
        );
      }
      body();
    });
    this.#ready = true;
  }

  #exists(): boolean {
    if (this.#ready === true) return true;
    const tables = [...this.#sql.exec("SELECT name FROM sqlite_master WHERE name = 'log'")];
    this.#ready = tables.length > 0;
    return this.#ready;
  }
}
