// The room's contract with everything in memory: nothing but the room itself can be at fault.

import { describe, it } from "vitest";
import { roomContract, type RoomUnderTest } from "#test/contracts/room.ts";
import { settle, TestClient, TestRoom } from "#test/harness/room.ts";

async function inMemory(): Promise<RoomUnderTest> {
  const test = await TestRoom.create();
  return {
    join: (who, options) => test.join(who, options),
    drop: async (client) => {
      if (client instanceof TestClient) await test.room.disconnect(client, { fell: true });
    },
    restart: async () => test.restart(),
    until: async (what, condition) => {
      for (let step = 0; step < 1000; step++) {
        await settle();
        if (condition()) return;
        await test.clock.pass(10);
      }
      throw new Error(`waited in vain: ${what}`);
    },
  };
}

describe("a room in memory", () => {
  for (const { name, run } of roomContract) it(name, async () => await run(await inMemory()));
});
