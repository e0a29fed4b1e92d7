// The document as the room keeps it, against updates that no client of ours sends.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { nodesOf, type NodeMap } from "#core/project/schema.ts";
import { RoomDocument } from "./document.ts";
import { MemoryRoomStorage } from "./memory-storage.ts";

function addFile(doc: Y.Doc, id: string, forms: number): void {
  doc.transact(() => {
    const node: NodeMap = new Y.Map();
    nodesOf(doc).set(id, node);
    node.set("at", ["root", `${id}.txt`]);
    node.set("kind", "text:a");
    node.set("text:a", new Y.Text("hello\n"));
    node.set("from:a", ["bytes:gone", "", 1]);
    for (let index = 0; index < forms; index++) {
      node.set(`text:f${index}`, new Y.Text(`hello\nline ${index}\n`));
      node.set(`from:f${index}`, ["text:a", "hello\n", 1]);
    }
  });
}

function liveText(doc: Y.Doc, id: string): string {
  const text = nodesOf(doc).get(id)?.get("text:a");
  return text instanceof Y.Text ? text.toJSON() : "";
}

it("[ROOM-36] [PR-88] an edit is stored whatever it would cost to reconcile it, and the rest follows in time", async () => {
  let now = 0;
  const storage = new MemoryRoomStorage();
  const logged: string[] = [];
  const host = { now: () => now, log: (sentence: string) => logged.push(sentence) };
  const document = await RoomDocument.open(storage, host);
  const sender = new Y.Doc();
  const files = Array.from({ length: 110 }, (_, index) => `n${index}`);
  for (const id of files) addFile(sender, id, 100);
  await document.commit([Y.encodeStateAsUpdate(sender)]);
  const done = (doc: Y.Doc): number => files.filter((id) => liveText(doc, id).includes("line 0")).length;
  const first = done(document.doc);
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(files.length);
  // A later edit of anybody's, about anything.
  for (let rounds = 0; done(document.doc) < files.length && rounds < 100; rounds++) {
    now += 20_000;
    const before = Y.encodeStateVector(sender);
    addFile(sender, `m${rounds}`, 0);
    await document.commit([Y.encodeStateAsUpdate(sender, before)]);
  }
  expect(done(document.doc)).toBe(files.length);
  const again = await RoomDocument.open(storage, host);
  for (const id of files) expect(liveText(again.doc, id)).toBe(liveText(document.doc, id));
  expect(logged).toEqual([]);
});
