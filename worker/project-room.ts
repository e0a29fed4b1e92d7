// The Durable Object of a project: hosts party/room.ts with SQLite storage and hibernating WebSockets.
// Reached only through the Worker, which has verified the token.

import { DurableObject } from "cloudflare:workers";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import type { Admission, RoomHost, RoomSocket } from "#party/host.ts";
import { Room, type ProjectInfo } from "#party/room.ts";
import { SqliteRoomStorage } from "#party/sqlite-storage.ts";
import type { Env } from "./env.ts";
import { readAdmission } from "./admission.ts";

export interface SeedFile {
  readonly path: string;
  readonly text: string;
}

class WorkerSocket implements RoomSocket {
  readonly #socket: WebSocket;
  #admission: Admission | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#admission = (socket.deserializeAttachment() as Admission | null) ?? undefined;
  }

  get admission(): Admission | undefined {
    return this.#admission;
  }

  set admission(admission: Admission | undefined) {
    this.#admission = admission;
    this.#socket.serializeAttachment(admission ?? null);
  }

  send(data: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  sendText(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, reason);
  }
}

const host: RoomHost = {
  clock: {
    now: () => Date.now(),
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  },
  newId: () => crypto.randomUUID(),
  log: (sentence, thrown) => console.error(sentence, thrown),
};

export class ProjectRoom extends DurableObject<Env> {
  readonly #room: Room;
  readonly #sockets = new WeakMap<WebSocket, WorkerSocket>();

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const { sql } = state.storage;
    this.#room = new Room(
      host,
      new SqliteRoomStorage({
        exec: (query, ...bindings) => sql.exec(query, ...bindings),
        transaction: (body) => state.storage.transactionSync(body),
      }),
    );
    // Answered by the runtime, without waking the room.
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const open = state.getWebSockets().map((socket) => this.#socket(socket));
    if (open.length > 0) void state.blockConcurrencyWhile(() => this.#room.wake(open));
  }

  info(): Promise<ProjectInfo | undefined> {
    return this.#room.info();
  }

  create(name: string, files: readonly SeedFile[]): Promise<boolean> {
    return this.#room.create(name, (doc) => {
      const project = new Project(doc);
      const blobs = new MemoryBlobStore();
      for (const { path, text } of files) project.writePath(path, encodeUtf8(text), blobs);
      project.destroy();
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    await this.#room.connect(this.#socket(server), readAdmission(request, crypto.randomUUID()));
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): Promise<void> {
    await this.#room.receive(
      this.#socket(socket),
      typeof message === "string" ? message : new Uint8Array(message),
    );
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    await this.#room.disconnect(this.#socket(socket));
    // 1005 and 1006 say that there was no code: they cannot be sent back.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#room.disconnect(this.#socket(socket));
  }

  #socket(socket: WebSocket): WorkerSocket {
    let known = this.#sockets.get(socket);
    if (known === undefined) this.#sockets.set(socket, (known = new WorkerSocket(socket)));
    return known;
  }
}
