// A client that says whatever it likes: a bare WebSocket, or bare TCP, against a real server.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";
import { readMessage, type Message } from "#core/room/messages.ts";
import type { TestServer } from "./server.ts";
import { until } from "./until.ts";

interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class RawClient {
  readonly socket: WebSocket;
  /** Every binary message so far. */
  readonly heard: Message[] = [];
  readonly texts: string[] = [];
  closed: Closed | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.heard.push(readMessage(new Uint8Array(data)));
      else this.texts.push(data.toString());
    });
    socket.on("close", (code: number, reason: Buffer) => {
      this.closed = { code, reason: reason.toString() };
    });
    // The close that follows says all.
    socket.on("error", () => {});
  }

  static async open(
    server: TestServer,
    project: string,
    query: Readonly<Record<string, string>>,
  ): Promise<RawClient> {
    const client = new RawClient(
      new WebSocket(`${server.rooms}/${project}?${new URLSearchParams(query).toString()}`),
    );
    await until("the socket is open", () => client.socket.readyState !== WebSocket.CONNECTING);
    return client;
  }

  send(data: Uint8Array | string): void {
    this.socket.send(data);
  }

  async end(): Promise<Closed> {
    await until("the room closes the socket", () => this.closed !== undefined);
    return this.closed ?? { code: 0, reason: "" };
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await until("the socket is closed", () => this.closed !== undefined);
  }
}

/** TCP to the server, with a WebSocket handshake done where a path is given: frames are then written by hand. */
export async function openTcp(server: TestServer, path?: string): Promise<Socket> {
  const { hostname, port } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  if (path === undefined) return socket;
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  await once(socket, "data");
  return socket;
}

/** The head of a masked frame (mask zero) that announces `length` bytes. */
export function frameHead(opcode: number, length: number, final: boolean): Buffer {
  const head = Buffer.alloc(14);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
