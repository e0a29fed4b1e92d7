// Participants of another version of our frames (core/room/SPEC.md).

import { expect, it } from "vitest";
import { roomProtocolVersion } from "#core/room/frames.ts";
import { TestClient, TestRoom } from "#test/harness/room.ts";

async function join(test: TestRoom, protocol: string | undefined): Promise<TestClient> {
  const client = new TestClient(test.room);
  await test.room.connect(client, {
    connection: `connection-of-${String(protocol)}`,
    pass: { project: "test", link: "editor" },
    person: { id: "0123456789abcdef0123", name: "Ana", color: "#1a7f64" },
    ...(protocol === undefined ? {} : { protocol }),
  });
  return client;
}

it("[ROOM-41] joins with the room's version of the frames, and without any", async () => {
  const test = await TestRoom.create();
  for (const protocol of [roomProtocolVersion, undefined])
    expect((await join(test, protocol)).closed).toBeUndefined();
});

it("[ROOM-41] is refused with another, finally and with advice", async () => {
  const test = await TestRoom.create();
  for (const protocol of ["0", "2", "", "1.0"]) {
    const client = await join(test, protocol);
    expect(client.closed).toEqual({ code: 4426, reason: expect.stringContaining("reload the page") });
    expect(client.heard).toEqual([]);
  }
  expect(test.room.connections).toBe(0);
});
