// Clients edit at random while the server is killed and started again at random. At the end everybody, and the storage,
// has every edit exactly once. CONCH_TEST=nightly makes many rounds of it; CONCH_SEED repeats one run's choices.

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Session } from "#sync/session.ts";
import { TestServer, type TestProject } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { Random } from "../harness/random.ts";
import { until } from "../harness/until.ts";

const rounds = process.env["CONCH_TEST"] === "nightly" ? 50 : 5;
const people = ["Ana", "Ben", "Cleo", "Dan"];
const seed = Number(process.env["CONCH_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let server: TestServer;
let project: TestProject;

beforeAll(async () => {
  server = await TestServer.start();
  project = await server.createProject();
});
afterAll(() => server.stop());

/** One person who writes words into a text, a list and a table, and takes some of their own back. */
class Writer {
  readonly who: string;
  readonly session: Session;
  /** What must be there at the end, and what must not. */
  readonly kept = new Set<string>();
  readonly removed = new Set<string>();
  readonly #random: Random;
  #count = 0;

  constructor(who: string, random: Random) {
    this.who = who;
    this.session = openSession(server, project, who);
    this.#random = random;
  }

  write(): void {
    const { doc } = this.session;
    const word = `<${this.who}${this.#count++}>`;
    switch (this.#random.below(5)) {
      case 0:
        doc.getArray<string>("list").insert(this.#random.below(doc.getArray("list").length + 1), [word]);
        break;
      case 1:
        doc.getMap<string>("table").set(word, word);
        break;
      case 2: {
        const text = doc.getText("text");
        const [victim] = this.kept;
        const at = victim === undefined ? -1 : text.toJSON().indexOf(victim);
        if (victim === undefined || at < 0) return;
        text.delete(at, victim.length);
        this.kept.delete(victim);
        this.removed.add(victim);
        return;
      }
      default: {
        const text = doc.getText("text");
        // Between words: a word that another splits could not be counted.
        const places = [0, ...[...text.toJSON().matchAll(/>/g)].map(({ index }) => index + 1)];
        text.insert(places[this.#random.below(places.length)] ?? 0, word);
      }
    }
    this.kept.add(word);
  }
}

function wordsOf({ doc }: Session): string[] {
  return [
    ...doc.getArray<string>("list"),
    ...doc.getMap<string>("table").values(),
    ...(doc.getText("text").toJSON().match(/<\w+>/g) ?? []),
  ].sort();
}

it(
  `[ROOM-6] ${rounds} kills lose nothing and double nothing (seed ${seed})`,
  async () => {
    const random = new Random(seed);
    const writers = people.map((who, index) => new Writer(who, new Random(seed + index + 1)));
    await Promise.all(writers.map(({ session }) => session.synced));
    const over = new AbortController();
    const writing = writers.map(async (writer, index) => {
      const pause = new Random(seed * 7 + index);
      while (!over.signal.aborted) {
        // In bursts, as people and programs write.
        for (let burst = pause.below(6); burst >= 0; burst--) writer.write();
        await sleep(pause.below(40));
      }
    });
    for (let round = 0; round < rounds; round++) {
      await sleep(random.below(600));
      await server.kill();
      // Sometimes at once, sometimes when all have noticed.
      await sleep(random.below(300));
      await server.start();
      const online = (): number =>
        writers.filter(({ session }) => session.connection.kind === "online").length;
      const enough = 1 + random.below(people.length);
      await until(`${enough} are back in round ${round}`, () => online() >= enough);
    }
    over.abort();
    await Promise.all(writing);
    await until("all is saved", () => writers.every(({ session }) => session.unsaved === 0), 60_000);
    // What was acknowledged is on the disk: another kill changes nothing.
    await server.kill();
    await server.start();

    const expected = writers.flatMap(({ kept }) => [...kept]).sort();
    const late = openSession(server, project, "Late");
    await late.synced;
    expect(wordsOf(late)).toEqual(expected);
    for (const { session, who } of writers) {
      await until(`${who} is back`, () => session.connection.kind === "online");
      await until(`${who} has everything`, () => wordsOf(session).length === expected.length);
      expect(wordsOf(session), who).toEqual(expected);
      expect(session.doc.getText("text").toJSON()).toBe(late.doc.getText("text").toJSON());
      expect(session.doc.getArray("list").toJSON()).toEqual(late.doc.getArray("list").toJSON());
    }
    for (const { removed } of writers)
      for (const word of removed) expect(late.doc.getText("text").toJSON()).not.toContain(word);
    for (const session of [late, ...writers.map((writer) => writer.session)]) session.destroy();
  },
  rounds * 30_000 + 120_000,
);
