// Blobs against the real server (worker/blobs/SPEC.md): they come whole over lines that break, and go when nobody needs them.

import { randomFillSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashBytes, type BlobRef } from "#core/project/blobs.ts";
import { blobPartBytes } from "#core/project/limits.ts";
import { rootId } from "#core/project/project.ts";
import { HttpBlobStore } from "#sync/blobs.ts";
import type { Session } from "#sync/session.ts";
import { BrokenLine } from "#test/harness/broken-line.ts";
import { TestServer, type TestProject } from "#test/harness/server.ts";
import { openSession } from "#test/harness/session.ts";
import { until } from "#test/harness/until.ts";

/** Seconds. */
const grace = 3;

let server: TestServer;
let project: TestProject;

async function begin(env: Record<string, string>): Promise<void> {
  server = await TestServer.start({ env });
  project = await server.createProject();
}

function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let from = 0; from < size; from += 65_536) randomFillSync(bytes.subarray(from, from + 65_536));
  return bytes;
}

type Init = Omit<RequestInit, "headers"> & { readonly headers?: Record<string, string> };

function request(path: string, init: Init = {}): Promise<Response> {
  return fetch(`${server.origin}/api/projects/${project.id}/blobs/${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${project.token}`, ...init.headers },
  });
}

async function has(hash: string): Promise<boolean> {
  return (await request(hash, { method: "HEAD" })).status === 200;
}

function storeAt(origin: string): HttpBlobStore {
  return new HttpBlobStore({
    url: `${origin}/api/projects/${project.id}/blobs`,
    token: () => Promise.resolve(project.token),
  });
}

describe("a large blob", () => {
  beforeAll(() => begin({}));
  afterAll(() => server.stop());

  const size = 3 * blobPartBytes + 12_345;

  it("[BLOB-2] goes on where it was when its line breaks, and costs what was on its way and a part at most", async () => {
    const bytes = randomBytes(size);
    const line = await BrokenLine.to(server.origin);
    line.breakAfter = 1.5 * blobPartBytes;
    const blobs = storeAt(line.origin);
    const { hash } = blobs.put(bytes);
    await until("it is uploaded", () => blobs.pending === 0, 100_000);
    expect(line.sent).toBeLessThan(size + 2 * blobPartBytes);
    expect(line.sent).toBeGreaterThan(size + blobPartBytes / 4);
    const back = new Uint8Array(await (await request(hash)).arrayBuffer());
    expect(hashBytes(back)).toBe(hash);
    blobs.destroy();
    await line.close();
  });

  it("[BLOB-2] goes on in another session, after the tab was closed", async () => {
    const bytes = randomBytes(size);
    const line = await BrokenLine.to(server.origin);
    const first = storeAt(line.origin);
    const { hash } = first.put(bytes);
    await until("most of it is sent", () => line.sent > 2.5 * blobPartBytes, 100_000);
    first.destroy();
    line.break();
    const { sent } = line;
    const second = storeAt(line.origin);
    second.put(bytes);
    await until("it is uploaded", () => second.pending === 0, 100_000);
    expect(line.sent - sent).toBeLessThan(size - blobPartBytes);
    expect(await has(hash)).toBe(true);
    second.destroy();
    await line.close();
  });

  it("[BLOB-3] that is not what it says is refused, and its parts begin anew", async () => {
    const bytes = randomBytes(blobPartBytes + 10);
    const hash = hashBytes(bytes);
    const damaged = bytes.slice();
    damaged[5] = (damaged[5] ?? 0) ^ 1;
    const finish = { method: "POST", body: JSON.stringify({ size: bytes.length }) };
    const put = (number: number, part: Uint8Array): Promise<Response> =>
      request(`${hash}/parts/${number}`, { method: "PUT", body: part.slice() });
    expect((await request(`${hash}/parts`, finish)).status).toBe(409);
    await put(0, damaged.subarray(0, blobPartBytes));
    await put(1, bytes.subarray(blobPartBytes));
    expect((await request(`${hash}/parts`, finish)).status).toBe(422);
    expect(await has(hash)).toBe(false);
    const { parts } = (await (await request(`${hash}/parts`)).json()) as { readonly parts: unknown[] };
    expect(parts).toEqual([]);
    expect(
      (await request(`${hash}/parts/9999`, { method: "PUT", body: randomBytes(1).slice() })).status,
    ).toBe(413);
  });

  it("[BLOB-1] is read from where a reader wants to go on", async () => {
    const bytes = randomBytes(1000);
    const blobs = storeAt(server.origin);
    const { hash } = blobs.put(bytes);
    await until("it is uploaded", () => blobs.pending === 0);
    const rest = await request(hash, { headers: { Range: "bytes=400-" } });
    expect(rest.status).toBe(206);
    expect(rest.headers.get("Content-Range")).toBe("bytes 400-999/1000");
    expect(new Uint8Array(await rest.arrayBuffer())).toEqual(bytes.subarray(400));
    expect((await request(hash, { headers: { Range: "bytes=1000-" } })).status).toBe(200);
    blobs.destroy();
  });
});

describe("a blob that nobody needs", () => {
  const sessions: Session[] = [];
  const open = async (who: string): Promise<Session> => {
    const session = openSession(server, project, who);
    sessions.push(session);
    await session.synced;
    await until("it may edit", () => session.role !== undefined);
    return session;
  };
  const uploaded = async (session: Session): Promise<void> =>
    until("everything is at the server", () => session.unsaved === 0);
  /** As long as it takes until whatever can be deleted is. */
  const limit = 30_000;
  beforeAll(() => begin({ CONCH_BLOB_GRACE: String(grace) }));
  afterAll(async () => {
    for (const session of sessions) session.destroy();
    await server.stop();
  });

  it("[BLOB-5] is deleted after the time of grace, and what is needed in any way is not", async () => {
    const ana = await open("ana");
    const make = (): BlobRef => ana.blobs.put(randomBytes(300));
    const [unneeded, live, trashed, old] = [make(), make(), make(), make()];
    ana.project.createBytes(rootId, "live.bin", live);
    const trash = ana.project.createBytes(rootId, "trash.bin", trashed);
    ana.project.trash(trash.id, "Ana");
    const changed = ana.project.createBytes(rootId, "changed.bin", old);
    ana.project.writeBytes(changed.id, Uint8Array.of(0, 1, 2), ana.blobs);
    const output = make();
    const notebook = ana.project.createNotebook(rootId, "n", "```sh\nls\n```\n");
    const cells = ana.project.notebook(notebook.id);
    const [cell] = cells?.cells ?? [];
    if (cells === undefined || cell === undefined) throw new Error("there is no cell");
    cells.setRun(cell.id, {
      id: "run",
      by: { id: "a", name: "Ana", color: "#000000" },
      client: 1,
      machine: "Ana's machine",
      sourceHash: "00",
      started: 1,
      state: "done",
      channel: "run",
      output: { head: "", tail: "", omitted: 5, blob: output },
    });
    await uploaded(ana);
    expect(await has(unneeded.hash)).toBe(true);
    await until("the unneeded one is deleted", async () => !(await has(unneeded.hash)), limit);
    for (const { hash } of [live, trashed, old, output]) expect(await has(hash)).toBe(true);
  });

  it("[BLOB-5] is never deleted between its upload and the edit that names it", async () => {
    const ben = await open("ben");
    const bytes = randomBytes(300);
    const { hash } = ben.blobs.put(bytes);
    await uploaded(ben);
    // Others upload the same again and again, and need it at last when its time was nearly over each time.
    const begun = Date.now();
    while (Date.now() - begun < 2.5 * grace * 1000) {
      expect((await request(hash, { method: "PUT", body: bytes.slice() })).status).toBe(204);
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
    ben.project.createBytes(rootId, "late.bin", { hash, size: bytes.length });
    await uploaded(ben);
    await new Promise((resolve) => {
      setTimeout(resolve, 1.5 * grace * 1000);
    });
    expect(await has(hash)).toBe(true);
  });

  it("[BLOB-5] leaves no parts behind that never became one, though nobody has come since", async () => {
    project = await server.createProject();
    const part = randomBytes(blobPartBytes);
    const hash = hashBytes(part);
    expect((await request(`${hash}/parts/0`, { method: "PUT", body: part.slice() })).status).toBe(201);
    const missing = async (): Promise<unknown> => {
      const announced = { method: "POST", body: JSON.stringify({ size: 2 * blobPartBytes }) };
      return ((await (await request(`${hash}/parts`, announced)).json()) as { missing: unknown }).missing;
    };
    expect(await missing()).toEqual([1]);
    await until("the part is deleted", async () => JSON.stringify(await missing()) === "[0,1]", limit);
  });

  it("[BLOB-6] comes back with somebody who was away and needs it", async () => {
    project = await server.createProject();
    const cem = await open("cem");
    const ref = cem.blobs.put(randomBytes(300));
    await uploaded(cem);
    await until("it is deleted", async () => !(await has(ref.hash)), limit);
    await server.kill();
    await until("the line is down", () => cem.connection.kind === "offline");
    cem.project.createBytes(rootId, "offline.bin", ref);
    await server.start();
    await until("it is there again", async () => await has(ref.hash), limit);
    const dan = await open("dan");
    await until("the file has come", () => dan.project.resolve("offline.bin") !== undefined);
    const entry = dan.project.resolve("offline.bin");
    expect(await dan.project.readBytes(entry?.id ?? "", dan.blobs)).toHaveLength(300);
  });
});
