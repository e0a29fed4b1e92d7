// Typing into a colleague's terminal: with their consent, by those who may run, and no longer than they like.

import { expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { maxInputBytes } from "#core/room/limits.ts";
import { TestRoom, type TestClient } from "#test/harness/room.ts";

const channel = "terminal-1";
const publish = { type: "publish", channel, title: "Terminal 1", kind: "terminal" } as const;
const watch = { type: "watch", channel } as const;
const offer = (offered: boolean) => ({ type: "offer", channel, offered }) as const;

const type = (client: TestClient, text: string): Promise<void> =>
  client.sayFrame({ type: "input", channel }, encodeUtf8(text));
const typed = (client: TestClient): string[] =>
  client.frames("input").map(({ bytes, from }) => `${from.name}: ${new TextDecoder().decode(bytes)}`);

it("[ROOM-33] reaches whoever offers it, with the name of who types", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  const ben = await test.join("ben", { role: "runner" });
  await ana.sayFrame(publish);
  await ben.sayFrame(watch);
  await type(ben, "too early");
  await ana.sayFrame(offer(true));
  await type(ben, "ls\r");
  await ana.sayFrame(offer(false));
  await type(ben, "too late");
  expect(typed(ana)).toEqual(["ben: ls\r"]);
  expect(ben.frames("offered").map(({ offered }) => offered)).toEqual([false, true, false]);
  expect(ben.frames("refused").map(({ what }) => what)).toEqual(["input", "input"]);
});

it("[ROOM-33] is for those who may run, watch it, and type as people do", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  const viewer = await test.join("viewer", { role: "viewer" });
  const stranger = await test.join("stranger");
  const ben = await test.join("ben");
  await ana.sayFrame({ ...publish, offered: true });
  for (const client of [viewer, ben]) await client.sayFrame(watch);
  await type(viewer, "viewer");
  await type(stranger, "does not watch");
  await type(ben, "x".repeat(maxInputBytes + 1));
  // Nor does anybody offer what is not theirs.
  await ana.sayFrame(offer(false));
  await ben.sayFrame(offer(true));
  await type(ben, "self-made");
  expect(typed(ana)).toEqual([]);
  for (const client of [viewer, stranger, ben]) expect(client.frames("refused").length).toBeGreaterThan(0);
});

it("[ROOM-33] does not outlive the terminal", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  const ben = await test.join("ben");
  await ana.sayFrame({ ...publish, offered: true });
  await ben.sayFrame(watch);
  await ana.sayFrame({ type: "unpublish", channel });
  await ana.sayFrame(publish);
  await type(ben, "ls\r");
  expect(typed(ana)).toEqual([]);
});

it("[ROOM-39] each piece has its number, and who types is told what was taken", async () => {
  const test = await TestRoom.create();
  const ana = await test.join("ana");
  const ben = await test.join("ben");
  const eve = await test.join("eve");
  await ana.sayFrame({ ...publish, offered: true });
  await ben.sayFrame(watch);
  await ben.sayFrame({ type: "input", channel, stream: "ben-1", at: 7 }, encodeUtf8("ls\r"));
  const [input] = ana.frames("input");
  expect(input).toMatchObject({ stream: "ben-1", at: 7 });
  const to = input?.id ?? "";
  const taken = { type: "taken", channel, to, stream: "ben-1", next: 8 } as const;
  // Only its publisher knows.
  await eve.sayFrame(taken);
  expect(ben.frames("taken")).toEqual([]);
  await ana.sayFrame(taken);
  expect(ben.frames("taken")).toMatchObject([{ channel, stream: "ben-1", next: 8 }]);
});
