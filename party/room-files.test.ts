// Files that the room itself reads and changes.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { rootId, type Project } from "#core/project/project.ts";
import { nodesOf, type NodeMap } from "#core/project/schema.ts";
import { maxDocumentBytes, replicaIdleMilliseconds } from "#core/room/limits.ts";
import { settle, TestRoom, type TestClient } from "#test/harness/room.ts";

const blobs = new MemoryBlobStore();
const write =
  (path: string, text: string) =>
  (project: Project): unknown =>
    project.writePath(path, encodeUtf8(text), blobs);
const names = (project: Project): string[] => [...project.names(rootId).keys()].sort();
const fileNode = (name: string): NodeMap =>
  new Y.Map<unknown>([
    ["at", [rootId, name]],
    ["kind", "text"],
    ["text", new Y.Text("hello\n")],
  ]);
const filesOf = (client: TestClient): number => client.doc.getMap("nodes").size;

it("[ROOM-42] are read and changed in place: one replica follows what everybody writes", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  const replica = await test.room.read((project) => project);
  expect(await test.room.change(write("room.txt", "of the room\n"))).toBeDefined();
  expect(filesOf(ana)).toBe(1);
  await ana.edit((doc) => nodesOf(doc).set("n", fileNode("ana.txt")));
  await settle();
  expect(await test.room.read(names)).toEqual(["ana.txt", "room.txt"]);
  expect(await test.room.read((project) => project)).toBe(replica);
  test.restart();
  expect(await test.room.read(names)).toEqual(["ana.txt", "room.txt"]);
});

it("[ROOM-42] are not changed by what fails half way, and nobody has seen it", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  await expect(
    test.room.change((project) => {
      write("half.txt", "half\n")(project);
      throw new Error("half way");
    }),
  ).rejects.toThrow("half way");
  await ana.askStep1();
  await settle();
  expect(filesOf(ana)).toBe(0);
  expect(await test.room.read(names)).toEqual([]);
});

it("[ROOM-42] [ROOM-16] are not changed while storage fails, and can be afterwards", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  test.storage.failing = true;
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(test.room.change(write("a.txt", "a\n"))).rejects.toThrow("cannot write");
    expect(await test.room.read(names)).toEqual([]);
  }
  test.storage.failing = false;
  await test.clock.pass(2000);
  await test.room.change(write("a.txt", "a\n"));
  expect(await test.room.read(names)).toEqual(["a.txt"]);
  expect(filesOf(ana)).toBe(1);
});

it("[ROOM-6] [ROOM-42] are told to nobody before they are stored", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  await test.clock.pass(100);
  let written = (): void => {};
  test.storage.slow = new Promise((resolve) => (written = resolve));
  const changed = test.room.change(write("slow.txt", "slow\n"));
  await settle();
  const asked = ana.askStep1();
  await settle();
  expect(filesOf(ana)).toBe(0);
  written();
  await Promise.all([changed, asked]);
  expect(filesOf(ana)).toBe(1);
});

it("[ROOM-42] are refused where the document is full, but for what only deletes", async () => {
  const test = await TestRoom.create();
  await test.room.change(write("old.txt", "old\n"));
  // Much that a snapshot leaves out would be made room of: this stays.
  const half = "x".repeat(maxDocumentBytes / 2 - 1000);
  for (const key of ["a", "b"]) await test.room.change(({ doc }) => doc.getMap("big").set(key, half));
  await expect(test.room.change(write("new.txt", "new\n".repeat(1000)))).rejects.toThrow("full");
  await test.room.change((project) => {
    const old = project.resolve("old.txt");
    if (old !== undefined) project.discard(old.id);
  });
  expect(await test.room.read(names)).toEqual([]);
});

it("[ROOM-42] are let go of when the room has not used them for a while", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  await test.room.change(write("a.txt", "a\n"));
  const replica = await test.room.read((project) => project);
  await test.clock.pass(replicaIdleMilliseconds + 1);
  await ana.edit((doc) => doc.getText("t").insert(0, "x"));
  await settle();
  const next = await test.room.read((project) => project);
  expect(next).not.toBe(replica);
  expect(names(next)).toEqual(["a.txt"]);
});
