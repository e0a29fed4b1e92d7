// A Worker that runs the storage contract on the real storage of a Durable Object: its SQLite, and its key-value store.

import { DurableObject } from "cloudflare:workers";
import { KeyValueRoomStorage } from "#party/key-value-storage.ts";
import { SqliteRoomStorage } from "#party/sqlite-storage.ts";
import type { RoomStorage } from "#party/storage.ts";
import { storageContract } from "../contracts/room-storage.ts";

interface Env {
  readonly STORES: DurableObjectNamespace<Store>;
}

export class Store extends DurableObject<Env> {
  async check(kind: string, name: string): Promise<string> {
    const { storage } = this.ctx;
    const open = (): RoomStorage =>
      kind === "sqlite"
        ? new SqliteRoomStorage({
            exec: (query, ...bindings) => storage.sql.exec(query, ...bindings),
            transaction: (body) => storage.transactionSync(body),
          })
        : new KeyValueRoomStorage({
            get: (key) => storage.get(key),
            put: (entries) => storage.put(entries),
            delete: (keys) => storage.delete(keys),
            list: (options) => storage.list(options),
          });
    try {
      await storageContract.find((check) => check.name === name)?.run(open);
      return "ok";
    } catch (thrown) {
      return String(thrown);
    }
  }
}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const [kind = "", name = ""] = [searchParams.get("kind"), searchParams.get("name")].map(String);
    return new Response(await env.STORES.getByName(`${kind} ${name}`).check(kind, name));
  },
} satisfies ExportedHandler<Env>;
