// Sessions of ours against the real server: presence, channels, blobs, and what is unsaved.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Session } from "#sync/session.ts";
import { TestServer, type TestProject } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";

let server: TestServer;
const open: Session[] = [];

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(async () => {
  for (const session of open) session.destroy();
  await server.stop();
});

async function enter(project: TestProject, who: string): Promise<Session> {
  const session = openSession(server, project, who);
  open.push(session);
  await session.synced;
  return session;
}

const rootOf = (session: Session): string => session.doc.getText("t").toJSON();

describe("sessions", () => {
  it("see edits, and know when they are saved", async () => {
    const project = await server.createProject({ name: "Ours" });
    const ana = await enter(project, "Ana");
    const ben = await enter(project, "Ben");
    expect(ana.role).toBe("owner");
    ana.doc.getText("t").insert(0, "hello");
    expect(ana.unsaved).toBe(1);
    await until("Ben reads it", () => rootOf(ben) === "hello");
    await until("it is saved", () => ana.unsaved === 0);
  });

  it("see each other by name, and notice who leaves", async () => {
    const project = await server.createProject();
    const ana = await enter(project, "Ana");
    const ben = await enter(project, "Ben");
    ben.setState("where", { file: "f1" });
    await until("Ana sees where Ben is", () =>
      ana.participants().some(({ state }) => state.where?.file === "f1"),
    );
    expect(ana.participants().map(({ self, person }) => [self, person.name])).toEqual([
      [true, "Ana"],
      [false, "Ben"],
    ]);
    expect(ana.participants()[1]?.person.id).toBe(ben.person.id);
    ben.destroy();
    await until("Ben is gone", () => ana.participants().length === 1);
  });

  it("refuse with a sentence", async () => {
    const project = await server.createProject();
    const stranger = openSession(server, { ...project, token: "" }, "Eve");
    open.push(stranger);
    await expect(stranger.synced).rejects.toThrow("only with its link");
    expect(stranger.connection.kind).toBe("refused");
  });

  it("carry channels: snapshot first, then data, then the end, and again when it opens again", async () => {
    const project = await server.createProject();
    const ana = await enter(project, "Ana");
    const ben = await enter(project, "Ben");
    const seen: string[] = [];
    ben.channels.watch("term-1", {
      snapshot: (bytes) => seen.push(`snapshot ${decodeUtf8Lossy(bytes)}`),
      data: (bytes) => seen.push(`data ${decodeUtf8Lossy(bytes)}`),
      closed: () => seen.push("closed"),
    });
    await until("it is not open yet", () => seen.length === 1);
    let screen = "$ ";
    const about = { title: "Terminal 1", kind: "terminal", size: { cols: 80, rows: 24 } } as const;
    const first = ana.channels.publish("term-1", about, () => encodeUtf8(screen));
    await until("the snapshot is here", () => seen.length === 2);
    for (const piece of ["l", "s", "\n"]) {
      screen += piece;
      first.send(encodeUtf8(piece));
    }
    first.close();
    await until("it is closed", () => seen.at(-1) === "closed");
    expect(seen).toEqual(["closed", "snapshot $ ", "data ls\n", "closed"]);
    ana.channels.publish("term-1", about, () => encodeUtf8(screen));
    await until("it is back", () => seen.at(-1) === "snapshot $ ls\n");
  });

  it("send ten thousand edits in one go without being too fast", async () => {
    const project = await server.createProject();
    const ana = await enter(project, "Ana");
    const ben = await enter(project, "Ben");
    for (let index = 0; index < 10_000; index++) ana.doc.getText("t").insert(index, "x");
    expect(ana.unsaved).toBe(10_000);
    await until("Ben has them", () => rootOf(ben).length === 10_000);
    await until("they are saved", () => ana.unsaved === 0);
    expect(ana.connection.kind).toBe("online");
  });

  it("[ROOM-15] send a change larger than a frame in parts", async () => {
    const project = await server.createProject();
    const ana = await enter(project, "Ana");
    const ben = await enter(project, "Ben");
    const text = "0123456789".repeat(300_000);
    ana.doc.getText("t").insert(0, text);
    await until("Ben has all of it", () => rootOf(ben) === text);
    await until("it is saved", () => ana.unsaved === 0);
  });

  it("carry blobs, which the server verifies", async () => {
    const project = await server.createProject();
    const ana = await enter(project, "Ana");
    const ben = await enter(project, "Ben");
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    const ref = ana.blobs.put(bytes);
    expect(ana.unsaved).toBe(1);
    expect(ana.blobs.get(ref)).toEqual(bytes);
    expect(await ben.blobs.get(ref)).toEqual(bytes);
    await until("it is uploaded", () => ana.unsaved === 0);

    const url = `${server.origin}/api/projects/${project.id}/blobs`;
    const headers = { Authorization: `Bearer ${project.token}` };
    const put = (hash: string, init: RequestInit): Promise<Response> =>
      fetch(`${url}/${hash}`, { method: "PUT", body: "not that", headers, ...init });
    expect((await put("0".repeat(64), {})).status).toBe(422);
    expect((await put(ref.hash, { headers: {} })).status).toBe(401);
    expect((await fetch(`${url}/${"0".repeat(64)}`, { headers })).status).toBe(404);
    const head = await fetch(`${url}/${ref.hash}`, { method: "HEAD", headers });
    expect(head.headers.get("Content-Length")).toBe("50000");
  });

  it("go on under another name", async () => {
    const project = await server.createProject();
    const ana = await enter(project, "Ana");
    const ben = await enter(project, "Ben");
    ben.setIdentity({ key: "test-person-Ben", ...ben.person, name: "Benjamin" });
    await until("Ana sees the new name", () =>
      ana.participants().some(({ person }) => person.name === "Benjamin"),
    );
    expect(ana.participants()).toHaveLength(2);
  });
});
