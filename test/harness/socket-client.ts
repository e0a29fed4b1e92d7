// A participant over a real WebSocket, and one that says whatever it likes.

import { WebSocket } from "ws";
import { RoomClient } from "./room-client.ts";
import { until } from "./until.ts";

export class SocketClient extends RoomClient {
  readonly socket: WebSocket;

  private constructor(socket: WebSocket, answers: boolean) {
    super();
    this.answers = answers;
    this.socket = socket;
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
    const client = await SocketClient.#connect(url, true);
    await client.askStep1();
    await until("the room answers", () => client.closed !== undefined || client.count("step2") > 0);
    return client;
  }

  /** Open, or refused. Says nothing of itself: it answers neither step 1 nor probes. */
  static open(
    server: { readonly rooms: string },
    project: string,
    query: Readonly<Record<string, string>>,
  ): Promise<SocketClient> {
    return SocketClient.#connect(`${server.rooms}/${project}?${new URLSearchParams(query)}`, false);
  }

  static async #connect(url: string, answers: boolean): Promise<SocketClient> {
    const client = new SocketClient(new WebSocket(url), answers);
    await until("the socket is open", () => client.socket.readyState !== WebSocket.CONNECTING);
    return client;
  }

  async say(data: Uint8Array | string): Promise<void> {
    this.send(data);
  }

  send(data: Uint8Array | string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(data);
  }

  /** The room's close has arrived; workerd may take seconds to end the connection beneath. */
  get isEnding(): boolean {
    return this.socket.readyState >= WebSocket.CLOSING;
  }

  /** Waits for the room to close it. */
  async end(): Promise<{ readonly code: number; readonly reason: string }> {
    await until("the room closes the socket", () => this.closed !== undefined);
    return this.closed ?? { code: 0, reason: "" };
  }

  leave(): void {
    this.socket.terminate();
  }

  async close(): Promise<void> {
    this.leave();
    await until("the socket is closed", () => this.closed !== undefined);
  }
}
