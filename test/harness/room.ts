// A room with sockets, clock and storage in memory: deterministic, and the room itself is the real one.

import * as Y from "yjs";
import type { Role } from "#core/auth/role.ts";
import { readAwareness, writeAwareness, type AwarenessEntry } from "#core/room/awareness.ts";
import type { ClientFrame, RoomFrame } from "#core/room/frames.ts";
import {
  readMessage,
  writeAwarenessMessage,
  writeFrame,
  writeStep1,
  writeStep2,
  writeUpdate,
  type Message,
} from "#core/room/messages.ts";
import { personFromSeed } from "#sync/person.ts";
import type { Admission, MaybePromise, RoomClock, RoomSocket } from "#party/host.ts";
import { MemoryRoomStorage } from "#party/memory-storage.ts";
import { Room } from "#party/room.ts";
import type { RoomStorage } from "#party/storage.ts";

/** Time that passes only when told to. */
export class ManualClock implements RoomClock {
  #now = 1_700_000_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and what was due happen. */
  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const due = this.#timers.filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
    await settle();
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Storage whose writes can be made to fail, and that tells what was written when. */
export class FragileStorage implements RoomStorage {
  readonly #inner = new MemoryRoomStorage();
  failing = false;
  onAppend: () => void = () => {};

  readMeta(): ReadonlyMap<string, string> {
    return this.#inner.readMeta();
  }

  readUpdates(): readonly Uint8Array[] {
    return this.#inner.readUpdates();
  }

  append(update: Uint8Array, meta?: Readonly<Record<string, string>>): MaybePromise<void> {
    if (this.failing) throw new Error("the disk is full");
    this.#inner.append(update, meta);
    this.onAppend();
  }

  replace(snapshot: Uint8Array): MaybePromise<void> {
    if (this.failing) throw new Error("the disk is full");
    this.#inner.replace(snapshot);
  }
}

type FrameOf<T extends RoomFrame["type"]> = Extract<RoomFrame, { readonly type: T }>;

/** A participant without a network: a document that follows the room, and everything the room said. */
export class TestClient implements RoomSocket {
  admission: Admission | undefined;
  readonly doc = new Y.Doc();
  readonly heard: Message[] = [];
  readonly texts: string[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** Answers step 1, as every client does; false for one that is stuck. */
  answers = true;
  room: Room;

  constructor(room: Room) {
    this.room = room;
  }

  send(data: Uint8Array): void {
    const message = readMessage(data.slice());
    this.heard.push(message);
    if (message.kind === "update" || message.kind === "step2")
      Y.applyUpdate(this.doc, message.update, "room");
    if (message.kind === "step1" && this.answers)
      void this.say(writeStep2(Y.encodeStateAsUpdate(this.doc, message.stateVector)));
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

  sayFrame(frame: ClientFrame, bytes?: Uint8Array): Promise<void> {
    return this.say(writeFrame(frame, bytes));
  }

  askStep1(): Promise<void> {
    return this.say(writeStep1(Y.encodeStateVector(this.doc)));
  }

  sayAwareness(...entries: readonly (Omit<AwarenessEntry, "state"> & { state: unknown })[]): Promise<void> {
    const written = entries.map((entry) => ({ ...entry, state: JSON.stringify(entry.state) }));
    return this.say(writeAwarenessMessage(writeAwareness(written)));
  }

  /** Changes the document and tells the room. */
  async edit(change: (doc: Y.Doc) => void): Promise<void> {
    const updates: Uint8Array[] = [];
    const listen = (update: Uint8Array): unknown => updates.push(update);
    this.doc.on("update", listen);
    change(this.doc);
    this.doc.off("update", listen);
    for (const update of updates) await this.say(writeUpdate(update));
  }

  get text(): string {
    return this.doc.getText("t").toJSON();
  }

  /** What was heard since the last time. */
  take(): Message[] {
    return this.heard.splice(0);
  }

  frames<T extends RoomFrame["type"]>(type: T): (FrameOf<T> & { bytes: Uint8Array })[] {
    return this.heard.flatMap((message) => {
      if (message.kind !== "frame") return [];
      const frame = JSON.parse(message.json) as RoomFrame;
      return frame.type === type ? [{ ...(frame as FrameOf<T>), bytes: message.bytes }] : [];
    });
  }

  /** The last state heard of each client; null for who left. */
  presence(): Map<number, unknown> {
    const states = new Map<number, unknown>();
    const clocks = new Map<number, number>();
    for (const message of this.heard) {
      if (message.kind !== "awareness") continue;
      for (const { client, clock, state } of readAwareness(message.update)) {
        if (clock <= (clocks.get(client) ?? -1)) continue;
        clocks.set(client, clock);
        states.set(client, JSON.parse(state));
      }
    }
    return states;
  }
}

export class TestRoom {
  readonly clock = new ManualClock();
  readonly storage: FragileStorage;
  readonly logged: string[] = [];
  room: Room;
  #connections = 0;

  private constructor(storage: FragileStorage) {
    this.storage = storage;
    this.room = this.#make();
  }

  static async create(): Promise<TestRoom> {
    const test = new TestRoom(new FragileStorage());
    await test.room.create("Test", () => {});
    return test;
  }

  /** The process ends here and another begins, with what was stored. */
  restart(): void {
    this.room.dispose();
    this.room = this.#make();
  }

  async join(
    who: string,
    { role = "editor", conch = true }: { readonly role?: Role; readonly conch?: boolean } = {},
  ): Promise<TestClient> {
    const client = new TestClient(this.room);
    const { id, color } = personFromSeed(`key-of-${who}`);
    const connection = `connection-${++this.#connections}`;
    await this.room.connect(client, { connection, role, conch, person: { id, name: who, color } });
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
      },
      this.storage,
    );
  }
}
