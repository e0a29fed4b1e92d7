// Who is here, and who only seems to be: lines that fall, and networks that are gone without a word.

import { describe, expect, it } from "vitest";
import {
  answerMilliseconds,
  lingerMilliseconds,
  silenceMilliseconds,
  stockSilenceMilliseconds,
} from "#core/room/limits.ts";
import { settle, TestRoom, type TestClient } from "#test/harness/room.ts";

async function pass(test: TestRoom, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 500) {
    await test.clock.pass(500);
    await settle();
  }
}

/** Types on, so that the room is awake. */
async function busy(test: TestRoom, client: TestClient, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 500) {
    await client.edit((doc) => doc.getText("t").insert(0, "x"));
    await pass(test, 500);
  }
}

describe("a line that fell", () => {
  it("[ROOM-12] makes nobody flicker where it is put up again at once", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    const ana = await test.join("ana");
    await ana.sayAwareness({ client: 1, clock: 1, state: { line: "first" } });
    await pass(test, 500);
    ben.take();
    await test.room.disconnect(ana, { fell: true });
    await pass(test, lingerMilliseconds - 1000);
    expect(ben.presence().size).toBe(0);
    const again = await test.join("ana");
    await again.sayAwareness({ client: 1, clock: 2, state: { line: "second" } });
    await pass(test, 2 * lingerMilliseconds);
    expect(ben.presence().get(1)).toMatchObject({ line: "second" });
    expect(ben.count("awareness")).toBe(1);
  });

  it("[ROOM-12] is the end of who does not come back", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    const ana = await test.join("ana");
    await ana.sayAwareness({ client: 1, clock: 1, state: {} });
    await test.room.disconnect(ana, { fell: true });
    await pass(test, lingerMilliseconds + 500);
    expect(ben.presence().get(1)).toBeNull();
    expect((await test.join("late")).presence().has(1)).toBe(false);
  });

  it("[ROOM-12] leaves the place of a stock client free, which comes back as a stranger", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    const stock = await test.join("stock", { conch: false });
    await stock.sayAwareness({ client: 1, clock: 1, state: {} });
    await test.room.disconnect(stock, { fell: true });
    const again = await test.join("another", { conch: false });
    await again.sayAwareness({ client: 1, clock: 2, state: { back: true } });
    await pass(test, 500);
    expect(ben.presence().get(1)).toMatchObject({ back: true });
  });
});

describe("silence", () => {
  for (const conch of [true, false])
    it(`[ROOM-32] ends who does not answer any more (${conch ? "our client" : "a stock client"})`, async () => {
      const test = await TestRoom.create();
      const ben = await test.join("ben");
      const gone = await test.join("gone", { conch });
      gone.answers = false;
      await gone.sayAwareness({ client: 1, clock: 1, state: {} });
      const silence = conch ? silenceMilliseconds : stockSilenceMilliseconds;
      await busy(test, ben, silence - 1000);
      expect(gone.closed).toBeUndefined();
      await busy(test, ben, answerMilliseconds + 6000);
      expect(gone.closed?.code).toBe(4508);
      expect(ben.presence().get(1)).toBeNull();
      expect(ben.closed).toBeUndefined();
    });

  it("[ROOM-32] is no fault of who answers, or pings", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    const quiet = await test.join("quiet");
    const pinging = await test.join("pinging");
    pinging.answers = false;
    const pings = test.clock;
    Object.defineProperty(pinging, "lastPing", { get: () => pings.now() - 4000 });
    await busy(test, ben, 60_000);
    for (const client of [quiet, pinging, ben]) expect(client.closed).toBeUndefined();
    expect(quiet.frames("probe").length).toBeGreaterThan(3);
    expect(pinging.frames("probe")).toEqual([]);
  });

  it("[ROOM-32] is no fault of anybody where the room itself was held up", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    const ana = await test.join("ana");
    await busy(test, ben, silenceMilliseconds);
    ana.answers = false;
    await busy(test, ben, silenceMilliseconds + 1000);
    expect(ana.frames("probe").length).toBeGreaterThan(0);
    // A minute passes in one go, and her answer waits behind it.
    await test.clock.jump(60_000);
    expect(ana.closed).toBeUndefined();
    await ana.sayFrame({ type: "heard", id: "late" });
    await busy(test, ben, 4000);
    expect(ana.closed).toBeUndefined();
  });

  it("[ROOM-32] of a stock client that nobody sees is its own business", async () => {
    const test = await TestRoom.create();
    const ben = await test.join("ben");
    const reader = await test.join("reader", { conch: false });
    reader.answers = false;
    await busy(test, ben, 2 * stockSilenceMilliseconds);
    expect(reader.closed).toBeUndefined();
  });

  it("[ROOM-32] is let be where nothing happens, so that the room may sleep", async () => {
    const test = await TestRoom.create();
    const people = [await test.join("ana"), await test.join("ben")];
    await pass(test, 60_000);
    const asked = people.map((client) => client.frames("probe").length);
    await pass(test, 60_000);
    expect(people.map((client) => client.frames("probe").length)).toEqual(asked);
  });
});
