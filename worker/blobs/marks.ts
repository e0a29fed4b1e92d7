// Since when each blob of a project has been needed by nobody, in the SQLite of its room.

type Value = ArrayBuffer | string | number | null;

export interface MarkSql {
  exec(query: string, ...bindings: readonly Value[]): Iterable<Record<string, Value>>;
}

export class BlobMarks {
  readonly #sql: MarkSql;
  #ready = false;

  /** Writes nothing yet. */
  constructor(sql: MarkSql) {
    this.#sql = sql;
  }

  /** Milliseconds since 1970; undefined where it is needed, or was never looked at. */
  since(hash: string): number | undefined {
    for (const { since } of this.#exec("SELECT since FROM blob_marks WHERE hash = ?", hash))
      if (typeof since === "number") return since;
    return undefined;
  }

  set(hash: string, since: number): void {
    this.#exec("INSERT OR REPLACE INTO blob_marks (hash, since) VALUES (?, ?)", hash, since);
  }

  remove(hash: string): void {
    this.#exec("DELETE FROM blob_marks WHERE hash = ?", hash);
  }

  #exec(query: string, ...bindings: readonly Value[]): Iterable<Record<string, Value>> {
    if (!this.#ready)
      this.#sql.exec("CREATE TABLE IF NOT EXISTS blob_marks (hash TEXT PRIMARY KEY, since INTEGER NOT NULL)");
    this.#ready = true;
    return this.#sql.exec(query, ...bindings);
  }
}
