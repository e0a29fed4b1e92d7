// The server as a program and over HTTP: how it starts and stops, whom it lets in, what headers it sends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renameProject } from "#core/project/meta.ts";
import { TestServer } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";

const root = join(import.meta.dirname, "../..");
let server: TestServer;
let site: string;

beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), "conch-site-"));
  await writeFile(join(site, "index.html"), "<!doctype html><title>Conch</title>");
  await writeFile(join(site, "guest.json"), "{}");
  server = await TestServer.start({ client: site, guest: site });
});
afterAll(async () => {
  await server.stop();
  await rm(site, { recursive: true, force: true });
});

/** Runs the server to its end; what it said. */
async function run(env: Record<string, string>): Promise<{ code: number | null; error: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/serve.ts"], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let error = "";
  child.stderr.on("data", (chunk: Buffer) => (error += chunk.toString()));
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, error };
}

const status = async (path: string, init?: RequestInit): Promise<number> =>
  (await fetch(server.origin + path, init)).status;

describe("the server as a program", () => {
  it("says in one sentence what is wrong with its port or its data", async () => {
    const { port } = new URL(server.origin);
    for (const [env, sentence] of [
      [{ PORT: "abc" }, 'PORT is "abc": it must be a number from 0 to 65535.'],
      [{ PORT: port }, `Port ${port} is in use: set PORT to a free one, or to 0 for any.`],
      [
        { PORT: "0", CONCH_DATA: server.data },
        `Another Conch server uses ${server.data}: stop it, or set CONCH_DATA to another folder.`,
      ],
    ] as const)
      expect(await run(env)).toEqual({ code: 1, error: `${sentence}\n` });
  });

  it("leaves nothing behind when it is killed, and opens its data again", async () => {
    const other = await TestServer.start();
    const project = await other.createProject({ name: "Mine" });
    await other.kill();
    // The port is free as soon as workerd is gone.
    for (;;) {
      try {
        await fetch(other.origin);
      } catch {
        break;
      }
      await sleep(5);
    }
    await other.start();
    const response = await fetch(`${other.origin}/api/projects/${project.id}`, {
      headers: { Authorization: `Bearer ${project.token}` },
    });
    expect(await response.json()).toMatchObject({ name: "Mine" });
    await other.stop();
  });
});

describe("the server over HTTP", () => {
  it("isolates the page and says what it may load", async () => {
    for (const path of ["/", "/p/abc", "/guest/guest.json", "/api/projects/x"]) {
      const { headers } = await fetch(server.origin + path);
      expect(headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
      expect(headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
      expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    }
  });

  it("serves the page behind every address of the app, and asks for it again by its tag", async () => {
    const page = await fetch(`${server.origin}/p/whatever`);
    expect(await page.text()).toContain("<title>Conch</title>");
    const etag = page.headers.get("ETag") ?? "";
    expect(await status("/", { headers: { "If-None-Match": etag } })).toBe(304);
    expect(await status("/guest/guest.json")).toBe(200);
    for (const path of ["/nothing.js", "/guest/", "/guest/%2e%2e/secret", "/assets/"])
      expect(await status(path), path).toBe(404);
    expect(await status("/", { method: "POST" })).toBe(405);
  });

  it("makes projects, with the welcome or another notebook", async () => {
    const post = (body?: string): Promise<Response> =>
      fetch(`${server.origin}/api/projects`, { method: "POST", ...(body === undefined ? {} : { body }) });
    const made = await post();
    expect(made.status).toBe(201);
    const project = (await made.json()) as { id: string; url: string; token: string };
    expect(project.url).toBe(`${server.origin}/p/${project.id}#${project.token}`);
    expect((await post('{"name":"N","example":"data"}')).status).toBe(201);
    for (const body of ["{", "7", '{"name":""}', '{"name":7}', '{"example":"none"}']) {
      const refused = await post(body);
      expect(refused.status, body).toBe(400);
      expect(await refused.json()).toMatchObject({ error: expect.stringContaining("name") as string });
    }
  });

  it("says what a project is called now", async () => {
    const project = await server.createProject({ name: "At first" });
    const session = openSession(server, project, "ana");
    await session.synced;
    renameProject(session.doc, "Later");
    await until("the name is stored", () => session.unsaved === 0);
    session.destroy();
    await server.kill();
    await server.start();
    const headers = { Authorization: `Bearer ${project.token}` };
    const asked = await fetch(`${server.origin}/api/projects/${project.id}`, { headers });
    expect(await asked.json()).toMatchObject({ name: "Later" });
  });

  it("hands on no more than the giver has", async () => {
    const project = await server.createProject();
    const at = (path: string, token?: string, init: RequestInit = {}): Promise<number> =>
      status(`/api/projects/${project.id}${path}`, {
        ...init,
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      });
    const wish = (role: string): RequestInit => ({ method: "POST", body: JSON.stringify({ role }) });
    const editor = await server.createLink(project, "editor");
    const viewer = await server.createLink(project, "viewer");
    expect(await at("/links", editor.token, wish("viewer"))).toBe(200);
    expect(await at("/links", editor.token, wish("owner"))).toBe(403);
    expect(await at("/links", viewer.token, wish("viewer"))).toBe(403);
    expect(await at("/links", project.token, wish("king"))).toBe(400);
    expect(await at("/links", undefined, wish("viewer"))).toBe(401);
    expect(await at("", viewer.token)).toBe(200);
    expect(await at("")).toBe(401);
    const other = await server.createProject();
    expect(await at("", other.token)).toBe(403);
    const unknown = { headers: { Authorization: `Bearer ${project.token}` } };
    expect(await status("/api/projects/abcdefghijkmnpqrstuv", unknown)).toBe(404);
    expect(await status("/api/projects/x", unknown)).toBe(404);
    const blob = `/blobs/${"0".repeat(64)}`;
    expect(await at(blob, viewer.token, { method: "PUT", body: "x" })).toBe(403);
  });
});
