// Hosts one of the peers for the bench: `serve.ts KIND DATA`, on a free port of loopback. Prints "ready URL".

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import * as Y from "yjs";

const [, , kind, data = ""] = process.argv;

type OnSocket = (socket: WebSocket, request: IncomingMessage) => void;

function listen(onSocket: OnSocket): void {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 64 << 20 });
  sockets.on("connection", onSocket);
  server.listen(0, "127.0.0.1", () => ready((server.address() as AddressInfo).port));
}

function ready(port: number): void {
  process.stdout.write(`ready ws://127.0.0.1:${port}/bench\n`);
}

/** Nothing but the protocol: passes every update on as it is, and keeps them in a list. */
async function bare(): Promise<OnSocket> {
  const { readMessage, writeStep2, writeUpdate } = await import("#core/room/messages.ts");
  const sockets = new Set<WebSocket>();
  const updates: Uint8Array[] = [Y.encodeStateAsUpdate(new Y.Doc())];
  return (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("message", (bytes: Buffer) => {
      const message = readMessage(bytes);
      if (message.kind === "step1") socket.send(writeStep2(Y.mergeUpdates(updates)));
      if (message.kind !== "update") return;
      updates.push(message.update);
      const out = writeUpdate(message.update);
      for (const other of sockets) if (other !== socket) other.send(out);
    });
  };
}

/** With LevelDB, its own way of keeping documents. */
async function yWebsocketServer(): Promise<OnSocket> {
  process.env["YPERSISTENCE"] = data;
  const { setupWSConnection } = await import("@y/websocket-server/utils");
  return (socket, request) => setupWSConnection(socket, request, { docName: "bench" });
}

/** With its hooks for a database: the whole document, some seconds after a change. */
async function hocuspocus(): Promise<void> {
  const { Server } = await import("@hocuspocus/server");
  const file = join(data, "document");
  const server = new Server(
    {
      port: 0,
      address: "127.0.0.1",
      quiet: true,
      onLoadDocument: async ({ document }) => {
        const stored = await readFile(file).catch(() => undefined);
        if (stored !== undefined) Y.applyUpdate(document, stored);
      },
      onStoreDocument: async ({ document }) => {
        await writeFile(`${file}.new`, Y.encodeStateAsUpdate(document));
        await rename(`${file}.new`, file);
      },
    },
    { perMessageDeflate: false, maxPayload: 64 << 20 },
  );
  await server.listen();
  ready(server.address.port);
}

/** A Durable Object in workerd, with its hooks for storage and its own debounce. */
async function yPartyserver(): Promise<void> {
  const { Miniflare } = await import("miniflare");
  const { bundleWorker, workerFile } = await import("#scripts/bundle.ts");
  const { compatibilityDate } = await import("#scripts/server.ts");
  const { tieWorkerdToThisProcess } = await import("#scripts/workerd.ts");
  tieWorkerdToThisProcess();
  await bundleWorker(join(import.meta.dirname, "party-worker.ts"), data);
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    modules: [{ type: "ESModule", path: join(data, workerFile) }],
    modulesRoot: data,
    compatibilityDate,
    durableObjects: { Documents: { className: "Documents", useSQLite: true } },
    durableObjectsPersist: join(data, "objects"),
  });
  const { port } = await miniflare.ready;
  process.stdout.write(`ready ws://127.0.0.1:${port}/parties/documents/bench\n`);
}

switch (kind) {
  case "bare":
    listen(await bare());
    break;
  case "y-websocket-server":
    listen(await yWebsocketServer());
    break;
  case "hocuspocus":
    await hocuspocus();
    break;
  case "y-partyserver":
    await yPartyserver();
    break;
  case "conch": {
    const { conchOnNode } = await import("./conch-on-node.ts");
    listen(await conchOnNode(data));
    break;
  }
  default:
    throw new Error(`there is no host ${String(kind)}`);
}
