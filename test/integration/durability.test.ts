// What the room has acknowledged survives: restarts, and kills in the middle of typing.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "#sync/session.ts";
import { TestServer, type TestProject } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

const words = (session: Session): string[] => session.doc.getText("t").toJSON().split(" ").filter(Boolean);

async function read(project: TestProject): Promise<string[]> {
  const reader = openSession(server, project, "Reader");
  await reader.synced;
  const found = words(reader);
  reader.destroy();
  return found;
}

/** Types a word every few milliseconds until told to stop. */
function type(session: Session, prefix: string): { readonly typed: string[]; stop: () => Promise<void> } {
  const typed: string[] = [];
  const stop = new AbortController();
  const text = session.doc.getText("t");
  const done = (async () => {
    while (!stop.signal.aborted) {
      const word = `${prefix}${typed.length}`;
      typed.push(word);
      text.insert(text.length, `${word} `);
      await sleep(2);
    }
  })();
  return {
    typed,
    stop: () => {
      stop.abort();
      return done;
    },
  };
}

describe("durability", () => {
  it("keeps projects across a restart of the server", async () => {
    const project = await server.createProject({ name: "Kept" });
    const ana = openSession(server, project, "Ana");
    await ana.synced;
    ana.doc.getText("t").insert(0, "kept");
    await until("it is saved", () => ana.unsaved === 0);
    ana.destroy();
    await server.terminate();
    await server.start();
    expect(await read(project)).toEqual(["kept"]);
    const response = await fetch(`${server.origin}/api/projects/${project.id}`, {
      headers: { Authorization: `Bearer ${project.token}` },
    });
    expect(await response.json()).toEqual({ id: project.id, name: "Kept", role: "owner" });
  });

  it("[ROOM-6] loses nothing acknowledged when it is killed under typing", async () => {
    const project = await server.createProject();
    for (let round = 0; round < 3; round++) {
      const ana = openSession(server, project, "Ana");
      await ana.synced;
      const before = words(ana).length;
      const typing = type(ana, `${round}-`);
      await until("some of it is saved", () => typing.typed.length - ana.unsaved > 20);
      await server.kill();
      const acknowledged = typing.typed.length - ana.unsaved;
      await typing.stop();
      // Gone for good: what is found now was stored by the server.
      ana.destroy();
      await server.start();
      const found = await read(project);
      expect(found.length - before).toBeGreaterThanOrEqual(acknowledged);
      expect(found.slice(before)).toEqual(typing.typed.slice(0, found.length - before));
    }
  });

  it("brings everything together when clients outlive the server", async () => {
    const project = await server.createProject();
    const ana = openSession(server, project, "Ana");
    const ben = openSession(server, project, "Ben");
    await Promise.all([ana.synced, ben.synced]);
    const typings = [type(ana, "a"), type(ben, "b")];
    for (let round = 0; round < 2; round++) {
      await sleep(150);
      await server.kill();
      await until("they notice", () => ana.connection.kind === "offline");
      await server.start();
      await until("they are back", () => [ana, ben].every(({ connection }) => connection.kind === "online"));
    }
    for (const typing of typings) await typing.stop();
    await until("all is saved", () => ana.unsaved === 0 && ben.unsaved === 0);
    await until("both have the same", () => words(ana).join() === words(ben).join());
    const all = typings.flatMap(({ typed }) => typed).sort();
    expect(words(ana).sort()).toEqual(all);
    expect((await read(project)).sort()).toEqual(all);
    ana.destroy();
    ben.destroy();
  });
});
