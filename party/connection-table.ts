// The connections of a room, found by socket and by id. Knows nothing of what they say.

import { Connection, type ConnectionOptions } from "./connection.ts";
import type { RoomSocket } from "./host.ts";

export class ConnectionTable {
  readonly #bySocket = new Map<RoomSocket, Connection>();
  readonly #byId = new Map<string, Connection>();
  /** Closed by the room, and not taken out yet. */
  readonly #closing = new Set<Connection>();

  get size(): number {
    return this.#bySocket.size;
  }

  all(): IterableIterator<Connection> {
    return this.#bySocket.values();
  }

  ofSocket(socket: RoomSocket): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  byId(id: string): Connection | undefined {
    return this.#byId.get(id);
  }

  add(options: Omit<ConnectionOptions, "onClose">): Connection {
    const connection = new Connection({ ...options, onClose: (closed) => this.#closing.add(closed) });
    this.#bySocket.set(options.socket, connection);
    this.#byId.set(connection.id, connection);
    return connection;
  }

  /** Takes a connection out, and returns whether it was here. */
  remove(connection: Connection): boolean {
    this.#closing.delete(connection);
    connection.end();
    if (this.#bySocket.get(connection.socket) !== connection) return false;
    this.#bySocket.delete(connection.socket);
    this.#byId.delete(connection.id);
    return true;
  }

  /** One that the room has closed and that is still here. */
  nextClosing(): Connection | undefined {
    for (const connection of this.#closing) return connection;
    return undefined;
  }
}
