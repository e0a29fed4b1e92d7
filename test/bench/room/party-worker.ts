// y-partyserver as its documentation has it: a Durable Object that hibernates, its document kept whole in SQLite.

import { routePartykitRequest } from "partyserver";
import { YServer } from "y-partyserver";
import * as Y from "yjs";

/** Below the 2 MB that a row may have. */
const rowBytes = 1024 * 1024;

interface Storage {
  readonly sql: { exec(query: string, ...values: readonly unknown[]): Iterable<Record<string, unknown>> };
  transactionSync(body: () => void): void;
}

export class Documents extends YServer {
  static override options = { hibernate: true };

  get #storage(): Storage {
    return (this as unknown as { readonly ctx: { readonly storage: Storage } }).ctx.storage;
  }

  override async onLoad(): Promise<void> {
    const { sql } = this.#storage;
    sql.exec("CREATE TABLE IF NOT EXISTS pieces (id INTEGER PRIMARY KEY, data BLOB)");
    const pieces = [...sql.exec("SELECT data FROM pieces ORDER BY id")].map(
      ({ data }) => new Uint8Array(data as ArrayBuffer),
    );
    if (pieces.length === 0) return;
    const state = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      state.set(piece, at);
      at += piece.length;
    }
    Y.applyUpdate(this.document, state);
  }

  override async onSave(): Promise<void> {
    const state = Y.encodeStateAsUpdate(this.document);
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("DELETE FROM pieces");
      for (let at = 0; at < state.length; at += rowBytes)
        this.#storage.sql.exec("INSERT INTO pieces (data) VALUES (?)", state.slice(at, at + rowBytes).buffer);
    });
  }
}

export default {
  fetch: async (request: Request, env: Record<string, unknown>): Promise<Response> =>
    (await routePartykitRequest(request, env)) ?? new Response("nothing here", { status: 404 }),
};
