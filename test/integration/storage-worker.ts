// A Worker that runs the storage contract on the real storage of a Durable Object: its SQLite, and its key-value store.
// Its types are structural: the tests are checked with Node's globals, not with those of Workers.

import { KeyValueRoomStorage, type KeyValueStore } from "#party/key-value-storage.ts";
import { SqliteRoomStorage, type Sql } from "#party/sqlite-storage.ts";
import type { RoomStorage } from "#party/storage.ts";
import { storageContract } from "../contracts/room-storage.ts";

interface State {
  readonly storage: KeyValueStore & {
    readonly sql: Pick<Sql, "exec">;
    transactionSync(body: () => void): void;
    sync(): Promise<void>;
  };
}

interface Env {
  readonly STORES: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

interface Wanted {
  readonly kind: string;
  readonly name: string;
}

function wanted(request: Request): Wanted {
  const { searchParams } = new URL(request.url);
  return { kind: searchParams.get("kind") ?? "", name: searchParams.get("name") ?? "" };
}

export class Store {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async fetch(request: Request): Promise<Response> {
    const { storage } = this.#state;
    const { kind, name } = wanted(request);
    const open = (): RoomStorage =>
      kind === "sqlite"
        ? new SqliteRoomStorage({
            exec: (query, ...bindings) => storage.sql.exec(query, ...bindings),
            transaction: (body) => storage.transactionSync(body),
            synced: () => storage.sync(),
          })
        : new KeyValueRoomStorage(storage);
    const check = storageContract.find((other) => other.name === name);
    if (check === undefined) return new Response(`no check is named ${name}`);
    try {
      await check.run(open);
      return new Response("ok");
    } catch (thrown) {
      return new Response(String(thrown));
    }
  }
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> => {
    const { kind, name } = wanted(request);
    return env.STORES.get(env.STORES.idFromName(`${kind} ${name}`)).fetch(request);
  },
};
