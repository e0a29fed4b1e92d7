// The room by those rules (core/room/SPEC.md) that need a clock or a storage that obeys the test; test/contracts/room.ts
// has the others.

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { compactUpdates, maxAwarenessBytes, maxMessageBytes } from "#core/room/limits.ts";
import type { Project } from "#core/project/project.ts";
import { writeStep2 } from "#core/room/messages.ts";
import { settle, TestRoom } from "#test/harness/room.ts";

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
    const twice = (project: Project): void => insert("twice")(project.doc);
    expect(await test.room.create("Again", twice, {})).toBe(false);
    test.restart();
    expect(await test.room.create("Again", twice, {})).toBe(false);
    const ana = await test.join("ana");
    expect(ana.text).toBe("");
    expect(ana.doc.getMap("meta").get("name")).toBe("Test");
  });
});

describe("the project's name", () => {
  const rename =
    (name: unknown) =>
    (doc: Y.Doc): void =>
      void doc.getMap("meta").set("name", name);
  const nameOf = async (test: TestRoom): Promise<string | undefined> => (await test.room.info())?.name;

  it("[ROOM-50] is the document's, also for a room that has not read it", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    await ana.edit(rename("  Another\tname "));
    await flush(test);
    expect(await nameOf(test)).toBe("Another name");
    test.restart();
    expect(await nameOf(test)).toBe("Another name");
    expect(test.storage.readMeta().get("name")).toBe("Another name");
  });

  it("[ROOM-50] is stored with the edit, or not at all", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    test.storage.failing = true;
    await ana.edit(rename("Never stored"));
    await flush(test);
    expect(await nameOf(test)).toBe("Test");
    test.restart();
    expect(await nameOf(test)).toBe("Test");
  });

  it("[PR-73] is bounded and readable, whatever somebody writes", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    for (const [written, read] of [
      ["x".repeat(100_000), "x".repeat(100)],
      ["one\ntwo\u202e\u0007", "one two"],
      [" \n ", "Untitled project"],
      [7, "Untitled project"],
    ]) {
      await ana.edit(rename(written));
      await flush(test);
      expect(await nameOf(test)).toBe(read);
    }
  });

  it("[ROOM-50] is put right in a project that was renamed before it was followed", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    await ana.edit(rename("Renamed"));
    await flush(test);
    await test.storage.writeMeta({ name: "Test" });
    test.restart();
    const ben = await test.join("ben");
    expect(await nameOf(test)).toBe("Renamed");
    await ben.edit(insert("x"));
    await flush(test);
    expect(test.storage.readMeta().get("name")).toBe("Renamed");
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

  it("[ROOM-6] survives a restart at any moment, as far as anybody has seen it", async () => {
    const test = await TestRoom.create();
    const ana = await test.join("ana");
    const ben = await test.join("ben");
    for (let index = 0; index < 20; index++) {
      await ana.edit(insert(`${index} `));
      await test.clock.pass(1);
    }
    const seen = ben.text;
    expect(seen.length).toBeGreaterThan(10);
    test.restart();
    expect((await test.join("late")).text.endsWith(seen)).toBe(true);
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
});

describe("bad input", () => {
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
});

describe("awareness", () => {
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
