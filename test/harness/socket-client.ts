// A participant over a real WebSocket.

import { WebSocket } from "ws";
import { RoomClient } from "./room-client.ts";
import { until } from "./until.ts";

export class SocketClient extends RoomClient {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.hear(new Uint8Array(data));
      else this.texts.push(data.toString());
    });
    socket.on("close", (code: number, reason: Buffer) => {
      this.closed = { code, reason: reason.toString() };
    });
    // The close that follows says all.
    socket.on("error", () => {});
  }

  /** Open, and answered: everything that the room says to a newcomer has been said. */
  static async join(url: string): Promise<SocketClient> {
    const client = new SocketClient(new WebSocket(url));
    await until("the socket is open", () => client.#socket.readyState !== WebSocket.CONNECTING);
    await client.askStep1();
    await until("the room answers", () => client.closed !== undefined || client.count("step2") > 0);
    return client;
  }

  async say(data: Uint8Array | string): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  leave(): void {
    this.#socket.terminate();
  }
}
