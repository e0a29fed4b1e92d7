// Edits of many people at once: written together, refused one by one.

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { maxDocumentBytes } from "#core/room/limits.ts";
import { writeStep2, writeUpdate } from "#core/room/messages.ts";
import { nonsense } from "#test/contracts/room.ts";
import { settle, TestRoom, type TestClient } from "#test/harness/room.ts";

const insert =
  (text: string) =>
  (doc: Y.Doc): void =>
    doc.getText("t").insert(0, text);

async function flush(test: TestRoom): Promise<void> {
  await settle();
  await test.clock.pass(10);
}

async function crowd(test: TestRoom, size: number): Promise<TestClient[]> {
  const people: TestClient[] = [];
  for (let index = 0; index < size; index++) people.push(await test.join(`person ${index}`));
  return people;
}

const saved = (client: TestClient): number[] => client.frames("saved").map(({ id }) => id);

describe("a batch of edits", () => {
  it("[ROOM-7] of everybody is one write, and one message to each", async () => {
    const test = await TestRoom.create();
    const people = await crowd(test, 8);
    await people[0]?.edit(insert("first "));
    const before = test.storage.appends;
    for (const person of people) person.take();
    for (const [index, person] of people.entries()) {
      await person.edit(insert(`${index} `));
      await person.sayFrame({ type: "mark", id: 1 });
    }
    expect(test.storage.appends).toBe(before);
    expect(people.flatMap((person) => saved(person))).toEqual([]);
    await flush(test);
    expect(test.storage.appends).toBe(before + 1);
    for (const person of people) {
      expect(person.heard.filter(({ kind }) => kind === "update")).toHaveLength(1);
      expect(saved(person)).toEqual([1]);
    }
    await flush(test);
    expect(new Set(people.map(({ text }) => text)).size).toBe(1);
    test.restart();
    expect((await test.join("late")).text).toBe(people[0]?.text);
  });

  it("[ROOM-7] is collected longer in a large room, and the first still goes at once", async () => {
    const test = await TestRoom.create();
    const people = await crowd(test, 100);
    const [ana, ben] = people as [TestClient, TestClient];
    await test.clock.pass(100);
    ben.take();
    await ana.edit(insert("a"));
    expect(ben.text).toBe("a");
    await ana.edit(insert("b"));
    await test.clock.pass(6);
    await ana.edit(insert("c"));
    expect(ben.text).toBe("a");
    await test.clock.pass(5);
    expect(ben.text).toBe("cba");
    expect(ben.take().filter(({ kind }) => kind === "update")).toHaveLength(2);
  });

  it("[ROOM-6] is seen and acknowledged when a slow write ends, which collects what comes meanwhile", async () => {
    const test = await TestRoom.create();
    const [ana, ben] = (await crowd(test, 2)) as [TestClient, TestClient];
    await test.clock.pass(100);
    const before = test.storage.appends;
    let written = (): void => {};
    test.storage.slow = new Promise((resolve) => (written = resolve));
    await ana.edit(insert("a"));
    await ana.sayFrame({ type: "mark", id: 1 });
    for (let index = 0; index < 30; index++) {
      await ben.edit(insert("b"));
      await test.clock.pass(10);
    }
    await ben.sayFrame({ type: "mark", id: 1 });
    expect([ben.text.includes("a"), ana.text.includes("b")]).toEqual([false, false]);
    // Who comes now is told of nothing that a crash could take back, and hears of it in time.
    const joining = test.join("late");
    await settle();
    written();
    const late = await joining;
    await flush(test);
    expect(test.storage.appends).toBe(before + 2);
    expect(saved(ana)).toEqual([1]);
    expect(saved(ben)).toEqual([1]);
    for (const client of [ana, ben, late]) expect(client.text.length).toBe(31);
  });

  it("[ROOM-16] that cannot be stored is asked for again, of everybody whose edits were in it", async () => {
    const test = await TestRoom.create();
    const people = await crowd(test, 4);
    await people[0]?.edit(insert("0"));
    test.storage.failing = true;
    for (const [index, person] of people.entries()) {
      await person.edit(insert(`${index}`));
      await person.sayFrame({ type: "mark", id: 1 });
    }
    await flush(test);
    await flush(test);
    for (const person of people) {
      expect(saved(person)).toEqual([]);
      expect(person.frames("storage").map(({ ok }) => ok)).toEqual([false]);
    }
    // What could not be stored is not shown to newcomers.
    expect((await test.join("late")).text).toBe("0");
    test.storage.failing = false;
    await test.clock.pass(2000);
    await flush(test);
    await flush(test);
    for (const person of people) {
      expect(saved(person)).toEqual([1]);
      expect(person.text.length).toBe(5);
    }
    test.restart();
    expect((await test.join("later")).text).toBe(people[0]?.text);
  });

  it("[ROOM-14] is not acknowledged to who sends it again while its write fails", async () => {
    const test = await TestRoom.create();
    const [ana, ben] = (await crowd(test, 2)) as [TestClient, TestClient];
    for (const client of [ana, ben]) client.answers = false;
    await test.clock.pass(100);
    let write = (): void => {};
    test.storage.slow = new Promise((resolve) => (write = resolve));
    await ana.edit(insert("a"));
    // Ana's next connection, say: it knows the edit too.
    await ben.say(writeStep2(Y.encodeStateAsUpdate(ana.doc)));
    await ben.sayFrame({ type: "mark", id: 1 });
    test.storage.failing = true;
    write();
    await flush(test);
    expect(saved(ben)).toEqual([]);
    test.storage.failing = false;
    test.storage.slow = undefined;
    await test.clock.pass(2000);
    await ben.say(writeStep2(Y.encodeStateAsUpdate(ana.doc)));
    await flush(test);
    expect(saved(ben)).toEqual([1]);
    test.restart();
    expect((await test.join("late")).text).toBe("a");
  });

  it("[ROOM-9] that has nonsense among it costs the one who said it, and is neither stored nor passed on", async () => {
    const test = await TestRoom.create();
    const [ana, ben, eve, mallory] = (await crowd(test, 4)) as [
      TestClient,
      TestClient,
      TestClient,
      TestClient,
    ];
    await ana.edit(insert("first "));
    await flush(test);
    await ana.edit(insert("a"));
    for (const [index, evil] of [eve, mallory].entries()) {
      await evil.say(writeUpdate(nonsense(90 + index)));
      await evil.sayFrame({ type: "mark", id: 1 });
    }
    await ben.edit(insert("b"));
    for (const client of [ana, ben]) await client.sayFrame({ type: "mark", id: 1 });
    // TestClient applies what it hears: it would throw, too.
    await flush(test);
    await flush(test);
    for (const evil of [eve, mallory]) {
      expect(evil.closed?.code).toBe(4400);
      expect(saved(evil)).toEqual([]);
    }
    for (const client of [ana, ben]) {
      expect(client.closed).toBeUndefined();
      expect(saved(client)).toEqual([1]);
      expect(client.text).toHaveLength(8);
    }
    const doc = new Y.Doc();
    for (const update of test.storage.readUpdates()) Y.applyUpdate(doc, update);
    expect(doc.getText("t").toJSON()).toBe(ana.text);
    expect(test.logged).toEqual([]);
  });

  it("[ROOM-9] counts what waits to be written against the size of the document", async () => {
    const test = await TestRoom.create();
    const [ana, ben] = (await crowd(test, 2)) as [TestClient, TestClient];
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update) => updates.push(update));
    const sixteenth = "x".repeat(maxDocumentBytes / 16 - 1000);
    for (let index = 0; index < 16; index++) doc.getText("big").insert(0, sixteenth);
    for (const update of updates.slice(0, 15)) {
      await ana.say(writeUpdate(update));
      await flush(test);
    }
    let written = (): void => {};
    test.storage.slow = new Promise((resolve) => (written = resolve));
    await ana.say(writeUpdate(updates[15] ?? new Uint8Array()));
    const second = ben.edit(insert("y".repeat(100_000)));
    await settle();
    written();
    await second;
    await flush(test);
    expect(ana.frames("refused")).toEqual([]);
    expect(ben.frames("refused").map(({ reason }) => reason)).toEqual([
      "This project is full: its text and history reach 64 MiB.",
    ]);
    await ana.edit(insert("small"));
    await flush(test);
    expect(ana.frames("refused")).toEqual([]);
  });
});
