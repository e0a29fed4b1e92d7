// Work that a link does not carry to the server any more: which files it is, and what they are as a file.

import { afterEach, beforeEach, expect, it } from "vitest";
import { rootId } from "#core/project/project.ts";
import { MemoryRoom } from "#test/harness/memory-room.ts";
import { filesAmong, packFiles } from "#ui/files/pack-files.ts";
import { ofSession } from "./leftover-work.ts";

let room: MemoryRoom;

beforeEach(async () => {
  room = await MemoryRoom.create();
});
afterEach(() => room.close());

it("[COPY-14] is what the server does not have when a link is withdrawn, and is gone when it is given up", async () => {
  const ana = await room.join("Ana");
  ana.project.createText(rootId, "saved.txt", "on the server");
  const both = ana.project.createText(rootId, "both.txt", "first");
  await room.test.clock.pass(200);
  expect(ofSession(ana, undefined)).toBeUndefined();

  room.server = "down";
  await room.cut();
  ana.project.text(both.id)?.insert(5, ", then offline");
  ana.project.createText(rootId, "new.txt", "offline");
  room.refusal = { status: 401, sentence: "This link has expired: ask for a fresh one." };
  await room.withdraw("editor");
  room.server = "up";
  await room.test.clock.pass(2000);
  expect(ana.connection).toEqual({ kind: "refused", reason: room.refusal.sentence });

  const work = ofSession(ana, undefined);
  expect(work?.files.toSorted()).toEqual(["both.txt", "new.txt"]);
  // Nothing outlives this tab where the browser keeps no copy.
  expect(work?.kept).toBe(false);
  await work?.discard();
  expect([ana.unsaved, ofSession(ana, undefined)]).toEqual([0, undefined]);
});

it("[COPY-14] is one file as it is, and several as an archive", async () => {
  const ana = await room.join("Ana");
  room.server = "down";
  await room.cut();
  ana.project.createText(rootId, "one.txt", "words");
  const pack = () =>
    packFiles(ana.project, ana.blobs, filesAmong(ana.project, ana.unsavedFiles), "unsaved work");
  const single = await pack();
  expect([single.name, await single.content.text()]).toEqual(["one.txt", "words"]);
  ana.project.createText(rootId, "two.txt", "more words");
  const several = await pack();
  expect(several.name).toBe("unsaved work.tar");
  const text = await several.content.text();
  for (const part of ["unsaved work/one.txt", "words", "unsaved work/two.txt", "more words"])
    expect(text).toContain(part);
});
