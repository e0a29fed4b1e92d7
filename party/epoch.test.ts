// Copies of a project from before it was started over: the room does not let them in (core/room/SPEC.md).

import { expect, it } from "vitest";
import type * as Y from "yjs";
import { roomProtocolVersion } from "#core/room/frames.ts";
import { settle, TestClient, TestRoom } from "#test/harness/room.ts";

async function join(test: TestRoom, copy: TestClient, epoch: string | undefined): Promise<void> {
  await test.room.connect(copy, {
    connection: "connection-of-copy",
    pass: { project: "test", link: "editor" },
    protocol: roomProtocolVersion,
    person: { id: "0123456789abcdef0123", name: "Ana", color: "#1a7f64" },
    ...(epoch === undefined ? {} : { epoch }),
  });
  await settle();
}

const epochOf = (doc: Y.Doc): unknown => doc.getMap("meta").get("epoch");

it("[ROOM-24] lets in who brings a document of its epoch, or none", async () => {
  const test = await TestRoom.create();
  const first = await test.join("ben");
  const epoch = epochOf(first.doc);
  expect(epoch).toEqual(expect.any(String));
  const copy = new TestClient(test.room);
  await join(test, copy, String(epoch));
  expect(copy.closed).toBeUndefined();
  expect(copy.heard).not.toEqual([]);
});

it("[ROOM-24] refuses a document of another epoch before a byte is exchanged", async () => {
  const test = await TestRoom.create();
  const ben = await test.join("ben");
  const copy = new TestClient(test.room);
  copy.doc.getText("t").insert(0, "from before");
  await join(test, copy, "before");
  expect(copy.closed?.code).toBe(4409);
  expect(copy.heard).toEqual([]);
  await copy.edit((doc) => doc.getText("t").insert(0, "again "));
  await test.clock.pass(10);
  expect(ben.text).toBe("");
});
