// The room by its rules (core/room/SPEC.md), with sockets, clock and storage in memory.

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { compactUpdates, maxAwarenessBytes, maxMessageBytes } from "#core/room/limits.ts";
import { cutMessage, writeStep2, writeUpdate } from "#core/room/messages.ts";
import { settle, TestRoom, type TestClient } from "#test/harness/room.ts";

const insert =
  (text: string) =>
  (doc: Y.Doc): void =>
    doc.getText("t").insert(0, text);

/** Lets the room say what it is collecting. */
async function flush(test: TestRoom): Promise<void> {
  await settle();
  await test.clock.pass(10);
}

describe("joining", () => {
  it("[ROOM-1] is refused where there is no project", async () => {
    const test = await TestRoom.create();
    const fresh = await TestRoom.create();
    fresh.storage.readMeta = () => new Map();
    fresh.restart();
    expect((await fresh.join("ana")).closed?.code).toBe(4404);
    expect((await test.join("ana")).closed).toBeUndefined();
  });

  it("[ROOM-13] begins with a welcome, for those who understand it", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    expect(ana.frames("welcome")[0]).toMatchObject({ role: "editor", person: { name: "ana" } });
    expect(ana.heard[0]?.kind).toBe("frame");
    const stock = await test.join("ben", { conch: false });
    expect(stock.heard.map(({ kind }) => kind)).not.toContain("frame");
  });

  it("[ROOM-4] answers ping, and no other text", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    await ana.say("ping");
    expect(ana.texts).toEqual(["pong"]);
    await ana.say("hello");
    expect(ana.closed?.code).toBe(4400);
  });

  it("[ROOM-23] finds the name and the seed, which are stored once", async () => {
    const test = await TestRoom.create();
    expect(await test.room.create("Again", insert("twice"))).toBe(false);
    test.restart();
    expect(await test.room.create("Again", insert("twice"))).toBe(false);
    const ana = await test.join("ana");
    expect(ana.text).toBe("");
    expect(ana.doc.getMap("meta").get("name")).toBe("Test");
  });
});

describe("the document", () => {
  it("[ROOM-6] is stored before anyone sees it", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    let seenAtAppend: string | undefined;
    test.storage.onAppend = () => (seenAtAppend = ben.text);
    await ana.edit(insert("x"));
    await flush(test);
    expect(seenAtAppend).toBe("");
    expect(ben.text).toBe("x");
  });

  it("[ROOM-6] survives a restart at any moment", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    for (let index = 0; index < 20; index++) await ana.edit(insert(`${index} `));
    test.restart();
    expect((await test.join("ben")).text).toBe(ana.text);
  });

  it("[ROOM-7] leaves at once after a pause, then collected, and not to its only author", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    await test.clock.pass(100);
    ana.take();
    ben.take();
    await ana.edit(insert("a"));
    expect(ben.take().map(({ kind }) => kind)).toEqual(["update"]);
    await ana.edit(insert("b"));
    await ana.edit(insert("c"));
    expect(ben.heard).toEqual([]);
    await test.clock.pass(10);
    expect(ben.take().map(({ kind }) => kind)).toEqual(["update"]);
    expect(ben.text).toBe("cba");
    expect(ana.heard).toEqual([]);
  });

  it("[ROOM-5] answers step 1 with what is missing, deletions included", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    await ana.edit(insert("hello"));
    await flush(test);
    ben.room = test.room;
    await ana.edit((doc) => doc.getText("t").delete(0, 4));
    await ben.askStep1();
    await settle();
    expect(ben.text).toBe("o");
  });

  it("does not store again what a returning client repeats", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    await ana.edit(insert("hello"));
    await ana.edit((doc) => doc.getText("t").delete(0, 4));
    const stored = test.storage.readUpdates().length;
    await ana.say(writeStep2(Y.encodeStateAsUpdate(ana.doc)));
    expect(test.storage.readUpdates().length).toBe(stored);
  });

  it("[ROOM-22] is folded into a snapshot", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    for (let index = 0; index < compactUpdates + 10; index++) {
      await test.clock.pass(10);
      await ana.edit(insert("x"));
    }
    expect(test.storage.readUpdates().length).toBeLessThan(20);
    test.restart();
    expect((await test.join("ben")).text).toBe("x".repeat(compactUpdates + 10));
  });

  it("[ROOM-8] is not changed by those who may not, by any message", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    await ana.edit(insert("mine"));
    for (const role of ["viewer", "runner"] as const) {
      const eve = await test.join("eve", { role });
      expect(eve.text).toBe("mine");
      expect(eve.frames("refused")).toEqual([]);
      await eve.edit(insert("theirs"));
      await eve.edit((doc) => doc.getText("t").delete(0, 3));
      await eve.say(writeStep2(Y.encodeStateAsUpdate(eve.doc)));
      expect(eve.frames("refused").map(({ what }) => what)).toEqual(["edit", "edit", "edit"]);
      expect(eve.heard.filter(({ kind }) => kind === "denied")).toHaveLength(3);
      await eve.sayFrame({ type: "mark", id: 2 });
      await flush(test);
      expect(eve.frames("saved")).toEqual([]);
    }
    await flush(test);
    expect(ana.text).toBe("mine");
    expect((await test.join("late")).text).toBe("mine");
  });

  it("[ROOM-14] acknowledges what is stored", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    await ana.edit(insert("x"));
    await ana.sayFrame({ type: "mark", id: 1 });
    await flush(test);
    expect(ana.frames("saved").map(({ id }) => id)).toEqual([1]);
  });

  it("[ROOM-15] takes a message in parts", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const doc = new Y.Doc();
    insert("long ".repeat(1000))(doc);
    const parts = cutMessage(writeUpdate(Y.encodeStateAsUpdate(doc)), 999);
    expect(parts.length).toBe(6);
    for (const part of parts) await ana.say(part);
    expect((await test.join("ben")).text).toBe("long ".repeat(1000));
  });
});

describe("bad input", () => {
  const malformed: readonly [string, Uint8Array | string][] = [
    ["nothing", new Uint8Array()],
    ["an unknown type", new Uint8Array([9])],
    ["an endless number", new Uint8Array(12).fill(255)],
    ["a sync message cut short", new Uint8Array([0, 2, 200, 1])],
    ["an update of garbage", writeUpdate(new Uint8Array([255, 255, 255, 1, 2, 3]))],
    ["an update that promises more than it has", writeUpdate(new Uint8Array([1, 200, 1, 0]))],
    ["a state vector of garbage", new Uint8Array([0, 0, 3, 255, 255, 255])],
    ["awareness of garbage", new Uint8Array([1, 3, 5, 255, 255])],
    ["a frame that is not JSON", new Uint8Array([4, 1, 123])],
    ["a refusal", new Uint8Array([2, 0, 1, 65])],
  ];
  for (const [name, bytes] of malformed)
    it(`[ROOM-9] closes for ${name}, and troubles nobody else`, async () => {
      const test = await TestRoom.create();
      const ana = await test.join("ana");
      const eve = await test.join("eve");
      await eve.say(bytes);
      expect(eve.closed).toMatchObject({ code: 4400 });
      expect(test.room.connections).toBe(1);
      await ana.edit(insert("x"));
      expect((await test.join("ben")).text).toBe("x");
      expect(ana.closed).toBeUndefined();
    });

  it("[ROOM-9] closes for too much", async () => {
    const test = await TestRoom.create();
    const huge = await test.join("huge");
    await huge.say(new Uint8Array(maxMessageBytes + 1));
    expect(huge.closed?.code).toBe(4413);
    const parts = await test.join("parts");
    for (let index = 0; index < 40 && parts.closed === undefined; index++)
      await parts.sayFrame({ type: "part", last: false }, new Uint8Array(1 << 20));
    expect(parts.closed?.code).toBe(4413);
    const fast = await test.join("fast");
    for (let index = 0; index < 5000 && fast.closed === undefined; index++) await fast.say("ping");
    expect(fast.closed?.code).toBe(4529);
    const big = await test.join("big");
    await big.sayAwareness({ client: 1, clock: 1, state: { a: "x".repeat(maxAwarenessBytes) } });
    expect(big.closed?.code).toBe(4413);
  });

  it("refuses our frames from those who did not announce them", async () => {
    const test = await TestRoom.create();
    const stock = await test.join("stock", { conch: false });
    await stock.sayFrame({ type: "watch", channel: "c" });
    expect(stock.closed?.code).toBe(4400);
  });
});

describe("awareness", () => {
  const userOf = (client: TestClient, id: number): unknown =>
    (client.presence().get(id) as { user?: { name: string } } | null | undefined)?.user?.name;

  it("[ROOM-10] lets nobody speak for another", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const eve = await test.join("eve");
    const ben = await test.join("ben");
    await ana.sayAwareness({ client: 1, clock: 1, state: { where: { file: "a" } } });
    await flush(test);
    await eve.sayAwareness(
      { client: 1, clock: 99, state: { user: { name: "ana" }, where: { file: "evil" } } },
      { client: 2, clock: 1, state: {} },
    );
    await eve.sayAwareness({ client: 1, clock: 100, state: null });
    await eve.sayAwareness({ client: 3, clock: 1, state: {} });
    await flush(test);
    expect(ben.presence().get(1)).toMatchObject({ where: { file: "a" } });
    expect(userOf(ben, 1)).toBe("ana");
    expect(userOf(ben, 2)).toBe("eve");
    expect(ben.presence().has(3)).toBe(false);
  });

  it("[ROOM-11] puts the verified person into every state", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    await ana.sayAwareness({ client: 1, clock: 1, state: { user: { name: "The Boss", id: "x" } } });
    await flush(test);
    expect(userOf(ben, 1)).toBe("ana");
    await ana.sayAwareness({ client: 1, clock: 2, state: [1, 2] });
    expect(ana.closed?.code).toBe(4400);
  });

  it("[ROOM-12] ends a state with its connection, and tells newcomers of those who are here", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    await ana.sayAwareness({ client: 1, clock: 1, state: {} });
    const ben = await test.join("ben");
    expect(userOf(ben, 1)).toBe("ana");
    await test.room.disconnect(ana);
    await flush(test);
    expect(ben.presence().get(1)).toBeNull();
    expect((await test.join("late")).presence().has(1)).toBe(false);
  });

  it("[ROOM-12] shows a client that returns with the clock it had", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    for (let visit = 0; visit < 3; visit++) {
      const ana = await test.join("ana");
      await ana.sayAwareness({ client: 1, clock: 5, state: { visit } });
      await flush(test);
      expect(ben.presence().get(1)).toMatchObject({ visit });
      await test.room.disconnect(ana);
      await flush(test);
    }
  });

  it("[ROOM-10] gives a client to its person's new connection, whose state the old one cannot end", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    const old = await test.join("ana");
    await old.sayAwareness({ client: 1, clock: 1, state: { tab: "old" } });
    const fresh = await test.join("ana");
    await fresh.sayAwareness({ client: 1, clock: 2, state: { tab: "new" } });
    await test.room.disconnect(old);
    await flush(test);
    expect(ben.presence().get(1)).toMatchObject({ tab: "new" });
  });

  it("[ROOM-12] answers every awareness message", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana", { conch: false });
    ana.take();
    await ana.sayAwareness({ client: 1, clock: 1, state: {} });
    expect(ana.heard.map(({ kind }) => kind)).toContain("awareness");
    expect(ana.presence().has(1)).toBe(false);
  });
});

describe("storage that fails", () => {
  it("[ROOM-16] stops acknowledging, tells everyone, and gets everything afterwards", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    test.storage.failing = true;
    await ana.edit(insert("a"));
    await ana.sayFrame({ type: "mark", id: 1 });
    await ben.edit(insert("b"));
    await ben.sayFrame({ type: "mark", id: 1 });
    await flush(test);
    for (const client of [ana, ben]) {
      expect(client.frames("storage").map(({ ok }) => ok)).toEqual([false]);
      expect(client.frames("saved")).toEqual([]);
      expect(client.text.length).toBe(1);
    }
    const late = await test.join("late");
    expect(late.frames("storage")[0]?.ok).toBe(false);
    expect(late.text).toBe("");

    await test.clock.pass(2000);
    expect(ana.frames("storage")).toHaveLength(1);
    test.storage.failing = false;
    await test.clock.pass(2000);
    await flush(test);
    await flush(test);
    for (const client of [ana, ben, late]) {
      expect(client.frames("storage").at(-1)?.ok).toBe(true);
      expect(client.text.length).toBe(2);
    }
    expect(ana.frames("saved")).toHaveLength(1);
    expect(ben.frames("saved")).toHaveLength(1);
    test.restart();
    expect((await test.join("cleo")).text).toBe(ana.text);
  });

  it("[ROOM-14] does not acknowledge later edits while an earlier one is missing", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    ana.answers = false;
    test.storage.failing = true;
    await ana.edit(insert("a"));
    test.storage.failing = false;
    await test.clock.pass(2000);
    await ana.edit(insert("b"));
    await ana.sayFrame({ type: "mark", id: 2 });
    await flush(test);
    expect(ana.frames("saved")).toEqual([]);
    await ana.say(writeStep2(Y.encodeStateAsUpdate(ana.doc)));
    await flush(test);
    expect(ana.frames("saved").map(({ id }) => id)).toEqual([2]);
  });
});

describe("channels", () => {
  const open = { type: "publish", channel: "t1", title: "Terminal", kind: "terminal" } as const;
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
  const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

  it("[ROOM-18] give a watcher the snapshot, then what follows it, and others nothing", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    const eve = await test.join("eve");
    await ana.sayFrame(open);
    await ben.sayFrame({ type: "watch", channel: "t1" });
    const [watcher] = ana.frames("watcher");
    await ana.sayFrame({ type: "data", channel: "t1" }, bytes("before"));
    await eve.sayFrame({ type: "data", channel: "t1" }, bytes("evil"));
    await eve.sayFrame({ type: "snapshot", channel: "t1", to: watcher?.id ?? "" }, bytes("evil"));
    await ana.sayFrame({ type: "snapshot", channel: "t1", to: watcher?.id ?? "" }, bytes("screen"));
    await ana.sayFrame({ type: "data", channel: "t1" }, bytes("after"));
    expect(ben.frames("snapshot").map((frame) => text(frame.bytes))).toEqual(["screen"]);
    expect(ben.frames("data").map((frame) => text(frame.bytes))).toEqual(["after"]);
    expect(eve.frames("data")).toEqual([]);
  });

  it("[ROOM-19] end with their publisher, and come back to those who still watch", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben", { role: "viewer" });
    await ana.sayFrame(open);
    await ben.sayFrame({ type: "watch", channel: "t1" });
    await test.room.disconnect(ana);
    expect(ben.frames("closed")).toHaveLength(1);
    const again = await test.join("ana");
    await again.sayFrame(open);
    expect(again.frames("watcher")).toHaveLength(1);
  });

  it("[ROOM-17] belong to one publisher, who may run", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const eve = await test.join("eve");
    const viewer = await test.join("viewer", { role: "viewer" });
    await ana.sayFrame(open);
    await eve.sayFrame(open);
    await viewer.sayFrame({ ...open, channel: "t2" });
    expect(eve.frames("refused").map(({ what }) => what)).toEqual(["publish"]);
    expect(viewer.frames("refused").map(({ what }) => what)).toEqual(["publish"]);
  });
});

describe("sleep", () => {
  it("[ROOM-20] wakes with everybody, asks what it missed, and shows no ghosts", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    await ana.sayAwareness({ client: 1, clock: 1, state: {} });
    await ben.sayAwareness({ client: 2, clock: 1, state: {} });
    await flush(test);
    test.restart();
    for (const client of [ana, ben]) {
      client.room = test.room;
      client.take();
      client.answers = false;
    }
    await test.room.wake([ana, ben]);
    expect(ana.heard.map(({ kind }) => kind)).toEqual(["frame", "step1", "query-awareness"]);
    // Ben's client repeats everybody it remembers; only its own word counts.
    await ben.sayAwareness(
      { client: 1, clock: 1, state: {} },
      { client: 2, clock: 2, state: {} },
      { client: 7, clock: 1, state: {} },
    );
    await flush(test);
    expect([...(await test.join("late")).presence().keys()]).toEqual([2]);
    // Ana's edit while the room woke is not acknowledged before her step 2.
    await ana.edit(insert("x"));
    await ana.sayFrame({ type: "mark", id: 1 });
    await flush(test);
    expect(ana.frames("saved")).toEqual([]);
    await ana.say(writeStep2(Y.encodeStateAsUpdate(ana.doc)));
    await flush(test);
    expect(ana.frames("saved")).toHaveLength(1);
  });
});
