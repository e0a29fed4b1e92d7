// The client's end of a WebSocket in memory: a test, or a line to a room, says what becomes of it.

import type { Socket, SocketClass } from "#sync/room-connection.ts";

type Event = Parameters<Parameters<Socket["addEventListener"]>[1]>[0];

export class MemorySocket implements Socket {
  readonly url: string;
  binaryType = "";
  /** As of WebSocket: 0 connecting, 1 open, 2 closing, 3 closed. */
  readyState = 0;
  /** The client has closed it. */
  closed = false;
  /** What the client has sent and nobody has taken yet. */
  readonly sent: (Uint8Array | string)[] = [];
  readonly #listeners: { readonly type: string; readonly hear: (event: Event) => void }[] = [];
  readonly #onSent: (() => void) | undefined;

  constructor(url: string, onSent?: () => void) {
    this.url = url;
    this.#onSent = onSent;
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    this.sent.push(typeof data === "string" ? data : data.slice());
    this.#onSent?.();
  }

  close(): void {
    this.closed = true;
  }

  addEventListener(type: string, hear: (event: Event) => void): void {
    this.#listeners.push({ type, hear });
  }

  open(): void {
    this.readyState = 1;
    this.#tell({ type: "open" });
  }

  /** The client receives this. */
  deliver(data: Uint8Array | string): void {
    this.#tell({ type: "message", data: typeof data === "string" ? data : data.slice().buffer });
  }

  /** It has ended: lost, or closed by the server with a code of its own. */
  end(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.#tell({ type: "close", code, reason });
  }

  #tell(event: Event): void {
    for (const { type, hear } of this.#listeners) if (type === event.type) hear(event);
  }
}

/** A class of sockets for a session: each one that it makes is handed to `onSocket`. */
export function memorySockets(onSocket: (socket: MemorySocket) => void): SocketClass {
  return class extends MemorySocket {
    constructor(url: string) {
      super(url);
      onSocket(this);
    }
  };
}
