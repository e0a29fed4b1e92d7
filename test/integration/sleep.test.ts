// A room that slept: the runtime evicts it when nobody has said anything for about ten seconds, and its sockets stay.

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { TestServer } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

/** Longer than the runtime waits, shorter than awareness waits before it renews itself. */
const idleMilliseconds = 14_000;

it("[ROOM-20] knows who is here when it wakes, and shows no ghosts", async () => {
  const project = await server.createProject();
  const ana = openSession(server, project, "Ana");
  const ben = openSession(server, project, "Ben");
  await Promise.all([ana.synced, ben.synced]);
  // Hears all that the room says, and says nothing: it can tell whether the room slept.
  const witness = new WebSocket(`${server.rooms}/${project.id}?token=${project.token}`);
  const heard: number[] = [];
  witness.on("message", (data: Buffer) => heard.push(data[0] ?? -1));
  await until("they see each other", () => ana.participants().length === 2 && heard.length > 0);
  await sleep(idleMilliseconds);

  const cleo = openSession(server, project, "Cleo");
  await cleo.synced;
  const queryAwareness = 3;
  await until("the room has asked who is here", () => heard.includes(queryAwareness));
  const names = (): string =>
    cleo
      .participants()
      .map(({ person }) => person.name)
      .join();
  await until("Cleo sees everybody", () => names() === "Cleo,Ana,Ben");
  ana.doc.getText("t").insert(0, "awake");
  await until("edits flow", () => cleo.doc.getText("t").toJSON() === "awake");
  await until("and are saved", () => ana.unsaved === 0);
  ben.destroy();
  await until("Ben is gone", () => names() === "Cleo,Ana");
  expect(witness.readyState).toBe(WebSocket.OPEN);
  witness.close();
  ana.destroy();
  cleo.destroy();
});
