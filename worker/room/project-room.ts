// The Durable Object of a project: hosts party/room.ts with SQLite storage and hibernating WebSockets.
// Reached only through the Worker, which has verified the token.

import { DurableObject } from "cloudflare:workers";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import type { Project } from "#core/project/project.ts";
import type { SharingRequest } from "#core/auth/sharing.ts";
import type { Pass } from "#core/auth/token.ts";
import type { Person } from "#core/room/person.ts";
import type { Authorization, SharingAnswer } from "#party/participant-access.ts";
import type { Admission, RoomHost, RoomSocket } from "#party/host.ts";
import { Room, type ProjectInfo } from "#party/room.ts";
import { SqliteRoomStorage } from "#party/sqlite-storage.ts";
import type { RegistryChange } from "#party/registry.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { Alarms } from "./alarms.ts";
import { Housekeeping } from "./housekeeping.ts";
import type { ProjectRoomRpc, SeedFile } from "#worker/bindings/project-room-rpc.ts";
import type { Env } from "#worker/bindings/env.ts";
import { readVisit } from "#worker/bindings/admission.ts";
import { checkToken } from "#worker/identity/server-keys.ts";

/** The close code of a page that is left. */
const goingAway = 1001;

class WorkerSocket implements RoomSocket {
  readonly #socket: WebSocket;
  #admission: Admission | undefined;

  readonly #lastPing: () => number | undefined;

  constructor(socket: WebSocket, lastPing: () => number | undefined) {
    this.#socket = socket;
    this.#lastPing = lastPing;
    this.#admission = (socket.deserializeAttachment() as Admission | null) ?? undefined;
  }

  get admission(): Admission | undefined {
    return this.#admission;
  }

  set admission(admission: Admission | undefined) {
    this.#admission = admission;
    this.#socket.serializeAttachment(admission ?? null);
  }

  get lastPing(): number | undefined {
    return this.#lastPing();
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

const host: Omit<RoomHost, "verify" | "wakeAt"> = {
  clock: systemClock,
  newId: () => crypto.randomUUID(),
  log: (sentence, thrown) => console.error(sentence, thrown),
};

/**
 * Writes that failed in a row, by object. A Durable Object whose write fails is ended and begun anew by the runtime: this
 * is how the new one knows that it had better not write at once.
 */
const failedWrites = new Map<string, number>();

export class ProjectRoom extends DurableObject<Env> implements ProjectRoomRpc {
  readonly #room: Room;
  readonly #house: Housekeeping;
  readonly #alarms: Alarms<"room" | "house">;
  readonly #sockets = new WeakMap<WebSocket, WorkerSocket>();

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const { sql } = state.storage;
    const id = state.id.toString();
    let failed = failedWrites.get(id) ?? 0;
    this.#room = new Room(
      {
        ...host,
        failedWrites: failed,
        verify: (token, project) => checkToken(env, token, project),
        // An alarm, because a timer would keep the room from sleeping.
        wakeAt: (time) => void this.#alarms.set("room", time),
      },
      new SqliteRoomStorage({
        exec: (query, ...bindings) => sql.exec(query, ...bindings),
        transaction: (body) => {
          // Noted first: after a failure nothing of this object runs any more.
          failedWrites.set(id, failed + 1);
          state.storage.transactionSync(body);
        },
        synced: async () => {
          await state.storage.sync();
          failedWrites.delete(id);
          failed = 0;
        },
      }),
    );
    this.#alarms = new Alarms(state.storage, {
      room: () => this.#room.tick(),
      house: () => this.#house.run(),
    });
    this.#house = new Housekeeping({
      storage: state.storage,
      id: state.id,
      room: this.#room,
      env,
      alarms: this.#alarms,
    });
    // Answered by the runtime, without waking the room.
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const open = state.getWebSockets().map((socket) => this.#socket(socket));
    if (open.length > 0) void state.blockConcurrencyWhile(() => this.#room.wake(open));
  }

  info(): Promise<ProjectInfo | undefined> {
    return this.#room.info();
  }

  authorize(pass: Pass, person: Person): Promise<Authorization> {
    return this.#room.authorize(pass, person);
  }

  consider(pass: Pass, person: Person): Promise<Authorization> {
    return this.#room.consider(pass, person);
  }

  share(pass: Pass, person: Person, request: SharingRequest | undefined): Promise<SharingAnswer> {
    return this.#room.share(pass, person, request);
  }

  create(name: string, files: readonly SeedFile[], access: RegistryChange): Promise<boolean> {
    const seed = (project: Project): void => {
      const blobs = new MemoryBlobStore();
      for (const { path, text } of files) project.writePath(path, encodeUtf8(text), blobs);
    };
    return this.#room.create(name, seed, access);
  }

  /** [BLOB-4] Somebody is about to rely on these blobs. */
  touchBlobs(hashes: readonly string[]): Promise<void> {
    return this.#house.touch(hashes);
  }

  override async alarm(): Promise<void> {
    await this.#alarms.ring();
  }

  override async fetch(request: Request): Promise<Response> {
    await this.#house.expect();
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    await this.#room.connect(this.#socket(server), readVisit(request, crypto.randomUUID()));
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): Promise<void> {
    await this.#room.receive(
      this.#socket(socket),
      typeof message === "string" ? message : new Uint8Array(message),
    );
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // A tab that closes says so.
    await this.#room.disconnect(this.#socket(socket), { fell: code !== goingAway });
    // 1005 and 1006 say that there was no code: they cannot be sent back.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#room.disconnect(this.#socket(socket), { fell: true });
  }

  #socket(socket: WebSocket): WorkerSocket {
    let known = this.#sockets.get(socket);
    if (known === undefined) {
      known = new WorkerSocket(socket, () => this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime());
      this.#sockets.set(socket, known);
    }
    return known;
  }
}
