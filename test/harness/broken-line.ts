// A line to a server that breaks when a test says so: a TCP relay that counts what the client has sent.

import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export class BrokenLine {
  /** What stands in place of the server's origin. */
  readonly origin: string;
  /** Bytes from the client so far. */
  sent = 0;
  /** After so many more bytes from the client, everything that is open breaks. */
  breakAfter = Number.POSITIVE_INFINITY;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(server: Server, target: URL) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.origin = `http://127.0.0.1:${port}`;
    server.on("connection", (near) => this.#relay(near, target));
  }

  static async to(origin: string): Promise<BrokenLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new BrokenLine(server, new URL(origin));
  }

  async close(): Promise<void> {
    this.break();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  break(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #relay(near: Socket, target: URL): void {
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
    far.pipe(near);
    near.on("data", (data: Buffer) => {
      this.sent += data.length;
      this.breakAfter -= data.length;
      if (this.breakAfter < 0) {
        this.breakAfter = Number.POSITIVE_INFINITY;
        this.break();
      } else if (!far.write(data)) {
        near.pause();
        far.once("drain", () => near.resume());
      }
    });
  }
}
