// What a room must do for its participants, on every host. Without a test framework, because it also runs where there
// is none (beside `partykit dev`, in a network of its own). What needs a clock or a storage that obeys the test is in
// party/*.test.ts.

import { deepEqual, equal, ok } from "node:assert/strict";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { can, type Role } from "#core/auth/role.ts";
import { readAwareness } from "#core/room/awareness.ts";
import { maxAwarenessBytes } from "#core/room/limits.ts";
import { cutMessage, writeStep2, writeUpdate } from "#core/room/messages.ts";
import type { RoomClient } from "../harness/room-client.ts";

export interface JoinOptions {
  readonly role?: Role;
  /** Whether it announces our frames; it does where this is left out. */
  readonly conch?: boolean;
  readonly epoch?: string;
}

/** A fresh room, and what a test may do with it. */
export interface RoomUnderTest {
  join(who: string, options?: JoinOptions): Promise<RoomClient>;
  /** The line falls. */
  drop(client: RoomClient): Promise<void>;
  /** The server ends and another begins on the same data; every line is gone. */
  restart(): Promise<void>;
  /** Waits for what must become true. */
  until(what: string, condition: () => boolean): Promise<void>;
}

export interface RoomCheck {
  readonly name: string;
  /** What not every host offers: several roles, or a restart that does not take long. */
  readonly needs?: "roles" | "restart";
  readonly run: (room: RoomUnderTest) => Promise<void>;
}

const insert =
  (text: string) =>
  (doc: Y.Doc): void =>
    doc.getText("t").insert(0, text);

/** The room has heard all that this client has said, and this client all that the room had to say to it by then. */
async function fence(room: RoomUnderTest, client: RoomClient): Promise<void> {
  const before = client.count("step2");
  await client.askStep1();
  await room.until("the room answers", () => client.count("step2") > before || client.closed !== undefined);
}

async function saved(room: RoomUnderTest, client: RoomClient): Promise<void> {
  const before = client.frames("saved").length;
  await client.sayFrame({ type: "mark", id: before + 1 });
  await room.until("it is saved", () => client.frames("saved").length > before);
}

const closes = (room: RoomUnderTest, client: RoomClient): Promise<void> =>
  room.until("the room closes the line", () => client.closed !== undefined);

const userOf = (client: RoomClient, id: number): string | undefined =>
  (client.presence().get(id) as { user?: { name: string } } | null | undefined)?.user?.name;

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

/** Stands right of something of its own client that there is not: Yjs throws half way. */
export function nonsense(client: number): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const value of [1, 1, client, 0]) encoding.writeVarUint(encoder, value);
  encoding.writeUint8(encoder, 0x84);
  for (const value of [client, 7]) encoding.writeVarUint(encoder, value);
  encoding.writeVarString(encoder, "x");
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}

const malformed: readonly (readonly [string, Uint8Array | string])[] = [
  ["nothing", new Uint8Array()],
  ["an unknown type", new Uint8Array([9])],
  ["an endless number", new Uint8Array(12).fill(255)],
  ["a sync message cut short", new Uint8Array([0, 2, 200, 1])],
  ["an update of garbage", writeUpdate(new Uint8Array([255, 255, 255, 1, 2, 3]))],
  ["an update that promises more than it has", writeUpdate(new Uint8Array([1, 200, 1, 0]))],
  ["an update without a meaning", writeUpdate(nonsense(90))],
  ["a state vector of garbage", new Uint8Array([0, 0, 3, 255, 255, 255])],
  ["awareness of garbage", new Uint8Array([1, 3, 5, 255, 255])],
  ["a frame that is not JSON", new Uint8Array([4, 1, 123])],
  ["a refusal", new Uint8Array([2, 0, 1, 65])],
  ["text", "hello"],
];

const terminal = { type: "publish", channel: "t1", title: "Terminal", kind: "terminal" } as const;

export const roomContract: readonly RoomCheck[] = [
  {
    name: "[ROOM-13] begins with a welcome, for those who understand it",
    run: async (room) => {
      const ana = await room.join("ana");
      const [welcome] = ana.frames("welcome");
      ok(welcome !== undefined && can(welcome.role, "edit"));
      equal(welcome.person.name, "ana");
      equal(ana.heard[0]?.kind, "frame");
      const stock = await room.join("ben", { conch: false });
      equal(stock.count("frame"), 0);
    },
  },
  {
    name: "[ROOM-4] answers ping",
    run: async (room) => {
      const ana = await room.join("ana");
      await ana.say("ping");
      await room.until("pong", () => ana.texts.length > 0);
      deepEqual(ana.texts, ["pong"]);
    },
  },
  {
    name: "[ROOM-7] passes edits on to everybody but their only author",
    run: async (room) => {
      const [ana, ben, cleo] = [await room.join("ana"), await room.join("ben"), await room.join("cleo")];
      ana.take();
      await ana.edit(insert("x"));
      await room.until("all have it", () => [ben, cleo].every((client) => client.text === "x"));
      await fence(room, ana);
      equal(ana.count("update"), 0);
      await Promise.all([ben.edit(insert("b")), cleo.edit(insert("c"))]);
      await room.until("all have all", () => [ana, ben, cleo].every((client) => client.text.length === 3));
      await room.until(
        "and the same",
        () => new Set([ana, ben, cleo].map((client) => client.text)).size === 1,
      );
    },
  },
  {
    name: "[ROOM-5] answers step 1 with what is missing, deletions included",
    run: async (room) => {
      const ana = await room.join("ana");
      await ana.edit(insert("hello"));
      await ana.edit((doc) => doc.getText("t").delete(0, 4));
      await saved(room, ana);
      equal((await room.join("late")).text, "o");
    },
  },
  {
    name: "[ROOM-6] keeps what was acknowledged across a restart, and its name",
    needs: "restart",
    run: async (room) => {
      const ana = await room.join("ana");
      for (let index = 0; index < 20; index++) await ana.edit(insert(`${index} `));
      await saved(room, ana);
      await room.restart();
      const late = await room.join("late");
      equal(late.text, ana.text);
      ok(late.doc.getMap("meta").get("name") !== undefined);
    },
  },
  {
    name: "[ROOM-24] keeps documents of another epoch apart",
    run: async (room) => {
      const ana = await room.join("ana");
      const epoch = String(ana.doc.getMap("meta").get("epoch"));
      const stranger = await room.join("stranger", { epoch: "another" });
      equal(stranger.closed?.code, 4409);
      equal(stranger.heard.length, 0);
      equal((await room.join("ben", { epoch })).closed, undefined);
    },
  },
  {
    name: "[ROOM-8] is not changed by those who may not, by any message",
    needs: "roles",
    run: async (room) => {
      const ana = await room.join("ana");
      await ana.edit(insert("mine"));
      await saved(room, ana);
      for (const role of ["viewer", "runner"] as const) {
        const eve = await room.join("eve", { role });
        equal(eve.text, "mine");
        deepEqual(eve.frames("refused"), []);
        await eve.edit(insert("theirs"));
        await eve.edit((doc) => doc.getText("t").delete(0, 3));
        await eve.say(writeStep2(Y.encodeStateAsUpdate(eve.doc)));
        await eve.sayFrame({ type: "mark", id: 2 });
        await fence(room, eve);
        deepEqual(
          eve.frames("refused").map(({ what }) => what),
          ["edit", "edit", "edit"],
        );
        equal(eve.count("denied"), 3);
        deepEqual(eve.frames("saved"), []);
      }
      equal((await room.join("late")).text, "mine");
    },
  },
  {
    name: "[ROOM-14] acknowledges what is stored",
    run: async (room) => {
      const ana = await room.join("ana");
      await ana.edit(insert("x"));
      await ana.sayFrame({ type: "mark", id: 7 });
      await room.until("it is saved", () => ana.frames("saved").some(({ id }) => id === 7));
    },
  },
  {
    name: "[ROOM-15] takes a message in parts",
    run: async (room) => {
      const ana = await room.join("ana");
      const doc = new Y.Doc();
      insert("long ".repeat(1000))(doc);
      const parts = cutMessage(writeUpdate(Y.encodeStateAsUpdate(doc)), 999);
      equal(parts.length, 6);
      for (const part of parts) await ana.say(part);
      await saved(room, ana);
      equal((await room.join("ben")).text, "long ".repeat(1000));
    },
  },
  ...malformed.map(([what, input]): RoomCheck => ({
    name: `[ROOM-9] closes for ${what}, and troubles nobody else`,
    run: async (room) => {
      const ana = await room.join("ana");
      const eve = await room.join("eve");
      await eve.say(input);
      await closes(room, eve);
      equal(eve.closed?.code, 4400);
      await ana.edit(insert("x"));
      await saved(room, ana);
      equal((await room.join("ben")).text, "x");
      equal(ana.closed, undefined);
    },
  })),
  {
    name: "[ROOM-9] closes for too much",
    run: async (room) => {
      const big = await room.join("big");
      await big.sayAwareness({ client: 1, clock: 1, state: { a: "x".repeat(maxAwarenessBytes) } });
      await closes(room, big);
      equal(big.closed?.code, 4413);
      const fast = await room.join("fast");
      for (let index = 0; index < 1500 && fast.closed === undefined; index++) await fast.askStep1();
      await closes(room, fast);
      equal(fast.closed?.code, 4529);
    },
  },
  {
    name: "refuses our frames from those who did not announce them",
    run: async (room) => {
      const stock = await room.join("stock", { conch: false });
      await stock.sayFrame({ type: "watch", channel: "c" });
      await closes(room, stock);
      equal(stock.closed?.code, 4400);
    },
  },
  {
    name: "[ROOM-10] lets nobody speak for another",
    run: async (room) => {
      const [ana, eve, ben] = [await room.join("ana"), await room.join("eve"), await room.join("ben")];
      await ana.sayAwareness({ client: 1, clock: 1, state: { where: { file: "a" } } });
      await room.until("Ben sees Ana", () => userOf(ben, 1) === "ana");
      await eve.sayAwareness(
        { client: 1, clock: 99, state: { user: { name: "ana" }, where: { file: "evil" } } },
        { client: 2, clock: 1, state: {} },
      );
      await eve.sayAwareness({ client: 1, clock: 100, state: null });
      await eve.sayAwareness({ client: 3, clock: 1, state: {} });
      await eve.sayAwareness({ client: 2, clock: 2, state: { last: true } });
      await room.until("Ben has heard Eve out", () =>
        JSON.stringify(ben.presence().get(2))?.includes("last"),
      );
      deepEqual((ben.presence().get(1) as { where: unknown }).where, { file: "a" });
      equal(userOf(ben, 1), "ana");
      equal(userOf(ben, 2), "eve");
      equal(ben.presence().has(3), false);
    },
  },
  {
    name: "[ROOM-11] puts the verified person into every state",
    run: async (room) => {
      const [ana, ben] = [await room.join("ana"), await room.join("ben")];
      await ana.sayAwareness({ client: 1, clock: 1, state: { user: { name: "The Boss", id: "x" } } });
      await room.until("Ben sees somebody", () => ben.presence().has(1));
      equal(userOf(ben, 1), "ana");
      await ana.sayAwareness({ client: 1, clock: 2, state: [1, 2] });
      await closes(room, ana);
      equal(ana.closed?.code, 4400);
    },
  },
  {
    name: "[ROOM-12] ends a state with its connection, and tells newcomers of those who are here",
    run: async (room) => {
      const ana = await room.join("ana");
      await ana.sayAwareness({ client: 1, clock: 1, state: {} });
      await fence(room, ana);
      const ben = await room.join("ben");
      await room.until("Ben sees Ana", () => userOf(ben, 1) === "ana");
      await room.drop(ana);
      await room.until("Ben sees Ana go", () => ben.presence().get(1) === null);
      equal((await room.join("late")).presence().has(1), false);
    },
  },
  {
    name: "[ROOM-10] gives a client to its person's new connection, whose state the old one cannot end",
    run: async (room) => {
      const [ben, old] = [await room.join("ben"), await room.join("ana")];
      await old.sayAwareness({ client: 1, clock: 1, state: { tab: "old" } });
      await fence(room, old);
      const fresh = await room.join("ana");
      await fresh.sayAwareness({ client: 1, clock: 2, state: { tab: "new" } });
      await fence(room, fresh);
      await room.drop(old);
      await fresh.sayAwareness({ client: 1, clock: 3, state: { tab: "newer" } });
      await room.until("Ben sees the new one", () =>
        JSON.stringify(ben.presence().get(1))?.includes("newer"),
      );
      const states = ben.heard.flatMap((message) =>
        message.kind === "awareness" ? readAwareness(message.update) : [],
      );
      ok(states.every(({ client, state }) => client !== 1 || state !== "null"));
    },
  },
  {
    name: "[ROOM-12] answers every awareness message",
    run: async (room) => {
      const ana = await room.join("ana", { conch: false });
      await fence(room, ana);
      const before = ana.count("awareness");
      await ana.sayAwareness({ client: 1, clock: 1, state: {} });
      await room.until("it is answered", () => ana.count("awareness") > before);
      equal(ana.presence().has(1), false);
    },
  },
  {
    name: "[ROOM-18] channels give a watcher the snapshot, then what follows it, and others nothing",
    run: async (room) => {
      const [ana, ben, eve] = [await room.join("ana"), await room.join("ben"), await room.join("eve")];
      await ana.sayFrame(terminal);
      await fence(room, ana);
      await ben.sayFrame({ type: "watch", channel: "t1" });
      await room.until("Ana hears of a watcher", () => ana.frames("watcher").length > 0);
      const to = ana.frames("watcher")[0]?.id ?? "";
      await ana.sayFrame({ type: "data", channel: "t1" }, bytes("before"));
      await fence(room, ana);
      await eve.sayFrame({ type: "data", channel: "t1" }, bytes("evil"));
      await eve.sayFrame({ type: "snapshot", channel: "t1", to }, bytes("evil"));
      await fence(room, eve);
      await ana.sayFrame({ type: "snapshot", channel: "t1", to }, bytes("screen"));
      await ana.sayFrame({ type: "data", channel: "t1" }, bytes("after"));
      await room.until("Ben has it", () => ben.frames("data").length > 0);
      deepEqual(
        ben.frames("snapshot").map((frame) => text(frame.bytes)),
        ["screen"],
      );
      deepEqual(
        ben.frames("data").map((frame) => text(frame.bytes)),
        ["after"],
      );
      deepEqual(eve.frames("data"), []);
    },
  },
  {
    name: "[ROOM-19] channels end with their publisher, and come back to those who still watch",
    needs: "roles",
    run: async (room) => {
      const [ana, ben] = [await room.join("ana"), await room.join("ben", { role: "viewer" })];
      await ana.sayFrame(terminal);
      await fence(room, ana);
      await ben.sayFrame({ type: "watch", channel: "t1" });
      await room.until("Ana hears of it", () => ana.frames("watcher").length > 0);
      await room.drop(ana);
      await room.until("Ben hears of the end", () => ben.frames("closed").length === 1);
      const again = await room.join("ana");
      await again.sayFrame(terminal);
      await room.until("Ana hears of it again", () => again.frames("watcher").length === 1);
    },
  },
  {
    name: "[ROOM-17] channels belong to one publisher, who may run",
    needs: "roles",
    run: async (room) => {
      const [ana, eve] = [await room.join("ana"), await room.join("eve")];
      const viewer = await room.join("viewer", { role: "viewer" });
      await ana.sayFrame(terminal);
      await fence(room, ana);
      await eve.sayFrame(terminal);
      await viewer.sayFrame({ ...terminal, channel: "t2" });
      for (const client of [eve, viewer]) {
        await fence(room, client);
        deepEqual(
          client.frames("refused").map(({ what }) => what),
          ["publish"],
        );
      }
    },
  },
];
