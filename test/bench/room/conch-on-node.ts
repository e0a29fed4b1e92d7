// Our room under plain Node: the package ws for sockets, SQLite for storage. For comparing like with like: the peers of
// the bench run there too. No tokens: whoever comes has the one link there is, an editor's.

import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import type { WebSocket } from "ws";
import { admitPerson } from "#core/room/person.ts";
import type { Admission, RoomSocket } from "#party/host.ts";
import { Room } from "#party/room.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { SqliteRoomStorage, type Sql } from "#party/sqlite-storage.ts";

class NodeSocket implements RoomSocket {
  admission: Admission | undefined;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(data: Uint8Array): void {
    this.#socket.send(data);
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

function openSql(data: string): Sql {
  const file = join(data, "room.sqlite");
  // The lock of a process that was ended.
  rmSync(`${file}.lock`, { recursive: true, force: true });
  const database = new sqlite.Database(file);
  // Alone with its file, it needs no shared memory for the log; what is written is on the disk, as in workerd.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  return {
    exec(query, ...bindings) {
      const values = bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
      return database.all(query, values).map((row) => {
        const out: Record<string, ArrayBuffer | string | number | null> = {};
        for (const [key, value] of Object.entries(row))
          out[key] =
            value instanceof Uint8Array
              ? value.slice().buffer
              : typeof value === "object" || typeof value === "bigint"
                ? Number(value)
                : value;
        return out;
      });
    },
    transaction(body) {
      database.exec("BEGIN IMMEDIATE");
      try {
        body();
        database.exec("COMMIT");
      } catch (thrown) {
        database.exec("ROLLBACK");
        throw thrown;
      }
    },
  };
}

export async function conchOnNode(
  data: string,
): Promise<(socket: WebSocket, request: IncomingMessage) => void> {
  const room = new Room(
    {
      clock: systemClock,
      newId: () => randomUUID(),
      log: (sentence, thrown) => console.error(sentence, thrown),
      verify: async () => ({ ok: false, reason: "invalid" }),
      // Nothing here ends at a time.
      wakeAt: () => {},
    },
    new SqliteRoomStorage(openSql(data)),
  );
  const link = { id: "link", role: "editor", label: "", by: "", at: Date.now() } as const;
  await room.create("Bench", () => {}, { links: new Map([[link.id, link]]) });
  return (socket) => {
    const own = new NodeSocket(socket);
    const connection = randomUUID();
    socket.on("message", (message: Buffer) => void room.receive(own, message));
    socket.on("close", () => void room.disconnect(own));
    const person = admitPerson({ key: null, name: null, color: null, fallbackKey: connection });
    void room.connect(own, { connection, person, pass: { project: "bench", link: link.id } });
  };
}
