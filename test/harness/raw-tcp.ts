// A client below WebSocket: TCP to a real server, with frames written by hand.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TestServer } from "./server.ts";

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
