// Sessions of ours and a real room, joined in memory: what one end sends reaches the other at its next turn, until the
// test cuts the connection. Time is the room's manual clock.

import type { Role } from "#core/auth/role.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import type { Admission, RoomSocket } from "#party/host.ts";
import { AccessRefusal, type Exchange } from "#sync/access-exchange.ts";
import { personFromSeed, type Identity } from "#sync/person.ts";
import { Session, type SessionOptions } from "#sync/session.ts";
import { settle } from "./manual-clock.ts";
import { type MemorySocket, memorySockets } from "./memory-socket.ts";
import { TestRoom } from "./room.ts";

/** Longer than the room collects what it says. */
const noticeMilliseconds = 20;

/** The room's end of a connection. */
class MemoryConnection implements RoomSocket {
  admission: Admission | undefined;
  readonly #socket: MemorySocket;
  #ended = false;

  constructor(socket: MemorySocket, test: TestRoom) {
    this.#socket = socket;
    socket.onActivity = () => {
      if (this.#ended) return;
      for (const data of socket.sent.splice(0)) void test.room.receive(this, data);
      if (!socket.closed) return;
      this.#ended = true;
      void test.room.disconnect(this);
    };
  }

  send(data: Uint8Array): void {
    const own = data.slice();
    this.#later(() => this.#socket.deliver(own));
  }

  sendText(text: string): void {
    this.#later(() => this.#socket.deliver(text));
  }

  close(code: number, reason: string): void {
    this.#later(() => this.end(code, reason));
  }

  end(code?: number, reason?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.end(code, reason);
  }

  #later(run: () => void): void {
    queueMicrotask(() => {
      if (!this.#ended) run();
    });
  }
}

export class MemoryRoom {
  readonly test: TestRoom;
  /** "silent": sockets open and pings are answered, but the room is not there. */
  server: "up" | "down" | "silent" = "up";
  /** Why a link is not exchanged any more; undefined where it is. */
  refusal: { readonly status: number; readonly sentence: string } | undefined;
  /** Tokens that were given out. */
  exchanges = 0;
  readonly #sessions: Session[] = [];
  #connections: { readonly connection: MemoryConnection; readonly person: Identity }[] = [];
  #named = 0;

  private constructor(test: TestRoom) {
    this.test = test;
  }

  static async create(): Promise<MemoryRoom> {
    return new MemoryRoom(await TestRoom.create());
  }

  /** A session of this person, who comes by the link for this role. */
  open(who: string, options: Partial<SessionOptions> & { readonly link?: Role } = {}): Session {
    const person = { ...personFromSeed(`key-of-${who}`), name: who };
    const { link = "editor", ...others } = options;
    const session = new Session({
      server: "http://room.test",
      projectId: "test",
      token: link,
      person,
      clock: this.test.clock,
      random: () => 0.5,
      watchNetwork: () => () => undefined,
      blobs: new MemoryBlobStore(),
      exchange: this.#exchange,
      WebSocket: memorySockets((socket) => queueMicrotask(() => this.#accept(socket, person))),
      ...others,
    });
    this.#sessions.push(session);
    return session;
  }

  /** A session that has joined, and that everybody has noticed. */
  async join(who: string, options?: Parameters<MemoryRoom["open"]>[1]): Promise<Session> {
    const session = this.open(who, options);
    await session.synced;
    await this.test.clock.pass(noticeMilliseconds);
    return session;
  }

  /** All connections break, or one person's. */
  async cut(who?: Session): Promise<void> {
    const cut = this.#connections.filter(({ person }) => who === undefined || person.id === who.person.id);
    this.#connections = this.#connections.filter((each) => !cut.includes(each));
    for (const { connection } of cut) {
      connection.end();
      await this.test.room.disconnect(connection, { fell: true });
    }
    await settle();
  }

  /** The link for this role is withdrawn, by the project's owner. */
  async withdraw(role: Role): Promise<void> {
    const owner = { id: "owner", name: "Owner", color: "coral" };
    const request = { type: "revoke-link", link: role } as const;
    await this.test.room.share({ project: "test", link: "owner" }, owner, request);
    await settle();
  }

  /** The server ends all connections, with this code and sentence. */
  async end(code: number, reason: string): Promise<void> {
    const all = this.#connections.splice(0);
    for (const { connection } of all) {
      connection.end(code, reason);
      await this.test.room.disconnect(connection);
    }
    await settle();
  }

  /** Ends everything; nothing may be left that waits for its time. */
  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await settle();
    this.test.room.dispose();
  }

  readonly #exchange: Exchange = async ({ link }, { id, name, color }) => {
    if (this.server === "down") throw new Error("The server cannot be reached.");
    if (this.refusal !== undefined) throw new AccessRefusal(this.refusal.status, this.refusal.sentence);
    this.exchanges++;
    const role = link as Role;
    const pass = { project: "test", link, person: { id, name, color } };
    this.test.tokens.set(link, { ok: true, pass });
    return { id: "test", name: "Test", role, person: { id, name, color }, token: link, lasts: 600_000 };
  };

  #accept(socket: MemorySocket, person: Identity): void {
    if (this.server === "down" || socket.closed) return socket.end();
    if (this.server === "silent") {
      socket.onActivity = () => {
        if (socket.sent.splice(0).includes("ping")) socket.deliver("pong");
      };
      return socket.open();
    }
    const connection = new MemoryConnection(socket, this.test);
    this.#connections.push({ connection, person });
    const query = new URL(socket.url).searchParams;
    const epoch = query.get("epoch");
    void this.test.room.connect(connection, {
      connection: `connection-${++this.#named}`,
      pass: { project: "test", link: query.get("token") ?? "" },
      protocol: query.get("conch") ?? "",
      person,
      ...(epoch === null ? {} : { epoch }),
    });
    socket.open();
  }
}
