// A proxy as it stands before many servers, which drops the headers that isolate a page from other origins.

import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

const dropped: ReadonlySet<string> = new Set(["cross-origin-opener-policy", "cross-origin-embedder-policy"]);

export class PlainProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Before the server that listens at `origin`. */
  static async start(origin: string): Promise<PlainProxy> {
    const { hostname, port, host } = new URL(origin);
    // To the server it looks as if nobody stood in between.
    const headersOf = (incoming: IncomingMessage): Record<string, string | string[] | undefined> => ({
      ...incoming.headers,
      host,
      ...(incoming.headers.origin === undefined ? {} : { origin }),
    });
    const server = createServer((incoming, outgoing) => {
      const { method, url } = incoming;
      const forwarded = request(
        { hostname, port, method, path: url, headers: headersOf(incoming) },
        (answer) => {
          const kept = Object.entries(answer.headers).filter(([name]) => !dropped.has(name));
          outgoing.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
          answer.pipe(outgoing);
        },
      );
      forwarded.on("error", () => outgoing.destroy());
      incoming.pipe(forwarded);
    });
    server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
      const upstream = connect(Number(port), hostname, () => {
        const lines = Object.entries(headersOf(incoming)).map(
          ([name, value]) => `${name}: ${String(value)}\r\n`,
        );
        upstream.write(`GET ${incoming.url ?? "/"} HTTP/1.1\r\n${lines.join("")}\r\n`);
        upstream.write(head);
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on("error", () => socket.destroy());
      socket.on("error", () => upstream.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new PlainProxy(server);
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
