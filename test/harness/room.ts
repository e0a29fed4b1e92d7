// A room with sockets, clock and storage in memory: deterministic, and the room itself is the real one.

import { roomProtocolVersion } from "#core/room/frames.ts";
import { roles, type Role } from "#core/auth/role.ts";
import type { SharedLink } from "#core/auth/sharing.ts";
import { personFromSeed } from "#sync/person.ts";
import type { TokenCheck } from "#core/auth/token.ts";
import type { Admission, MaybePromise, RoomSocket } from "#party/host.ts";
import { MemoryRoomStorage } from "#party/memory-storage.ts";
import { Room } from "#party/room.ts";
import type { RoomStorage } from "#party/storage.ts";
import { ManualClock, settle } from "./manual-clock.ts";
import { RoomClient } from "./room-client.ts";

export { settle } from "./manual-clock.ts";

/** Storage whose writes can be made to fail, and that tells what was written when. */
export class FragileStorage implements RoomStorage {
  readonly #inner = new MemoryRoomStorage();
  failing = false;
  /** Set, every write takes until it settles. */
  slow: Promise<void> | undefined;
  appends = 0;
  onAppend: () => void = () => {};

  readMeta(): ReadonlyMap<string, string> {
    return this.#inner.readMeta();
  }

  readUpdates(): readonly Uint8Array[] {
    return this.#inner.readUpdates();
  }

  append(update: Uint8Array, meta?: Readonly<Record<string, string>>): MaybePromise<void> {
    if (this.slow !== undefined) return this.slow.then(() => this.#append(update, meta));
    return this.#append(update, meta);
  }

  #append(update: Uint8Array, meta?: Readonly<Record<string, string>>): void {
    if (this.failing) throw new Error("the disk is full");
    this.#inner.append(update, meta);
    this.appends++;
    this.onAppend();
  }

  writeMeta(meta: Readonly<Record<string, string | undefined>>): MaybePromise<void> {
    if (this.failing) throw new Error("the disk is full");
    this.#inner.writeMeta(meta);
  }

  replace(snapshot: Uint8Array): MaybePromise<void> {
    if (this.failing) throw new Error("the disk is full");
    this.#inner.replace(snapshot);
  }
}

/** A participant without a network. */
export class TestClient extends RoomClient implements RoomSocket {
  admission: Admission | undefined;
  room: Room;

  constructor(room: Room) {
    super();
    this.room = room;
  }

  send(data: Uint8Array): void {
    this.hear(data.slice());
  }

  sendText(text: string): void {
    this.texts.push(text);
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }

  say(data: Uint8Array | string): Promise<void> {
    return this.room.receive(this, data);
  }
}

export class TestRoom {
  readonly clock = new ManualClock();
  readonly storage: FragileStorage;
  readonly logged: string[] = [];
  /** What the host says of tokens. */
  readonly tokens = new Map<string, TokenCheck>();
  room: Room;
  #connections = 0;

  private constructor(storage: FragileStorage) {
    this.storage = storage;
    this.room = this.#make();
  }

  static async create(): Promise<TestRoom> {
    const test = new TestRoom(new FragileStorage());
    // A link for each role, named as the role.
    const links = roles.map((role): [string, SharedLink] => [
      role,
      { id: role, role, label: "", by: "", at: 1 },
    ]);
    await test.room.create("Test", () => {}, { links: new Map(links) });
    return test;
  }

  /** The process ends here and another begins, with what was stored. */
  restart(): void {
    this.room.dispose();
    this.room = this.#make();
  }

  async join(
    who: string,
    {
      role = "editor",
      conch = true,
      epoch,
    }: { readonly role?: Role; readonly conch?: boolean; readonly epoch?: string } = {},
  ): Promise<TestClient> {
    const client = new TestClient(this.room);
    const { id, color } = personFromSeed(`key-of-${who}`);
    const connection = `connection-${++this.#connections}`;
    const pass = { project: "test", link: role };
    const person = { id, name: who, color };
    await this.room.connect(client, {
      connection,
      pass,
      ...(conch ? { protocol: roomProtocolVersion } : {}),
      person,
      ...(epoch === undefined ? {} : { epoch }),
    });
    await client.askStep1();
    await settle();
    return client;
  }

  #make(): Room {
    return new Room(
      {
        clock: this.clock,
        newId: () => crypto.randomUUID(),
        log: (sentence) => this.logged.push(sentence),
        verify: (token) => Promise.resolve(this.tokens.get(token) ?? { ok: false, reason: "invalid" }),
        wakeAt: (time) => void this.clock.after(time - this.clock.now(), () => void this.room.tick()),
      },
      this.storage,
    );
  }
}
