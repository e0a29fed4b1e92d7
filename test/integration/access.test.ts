// Tokens, links and roles against the real server: what ends, what is refused, and what changes on an open line.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { keyPeriod, ServerKeys } from "#core/auth/keys.ts";
import { signAccess, signLink } from "#core/auth/token.ts";
import { writeFrame, writeUpdate } from "#core/room/messages.ts";
import type { RoomFrame } from "#core/room/frames.ts";
import { rootId } from "#core/project/project.ts";
import type { GrantedAccess } from "#sync/access-exchange.ts";
import { personFromSeed } from "#sync/person.ts";
import { Session } from "#sync/session.ts";
import { filesAmong, packFiles } from "#ui/files/pack-files.ts";
import { SocketClient } from "../harness/socket-client.ts";
import { TestServer, type TestProject } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { makeLink, share, tryShare } from "../harness/sharing.ts";
import { until } from "../harness/until.ts";

/** Seconds that an access token lasts on this server. */
const life = 4;
let server: TestServer;
let keys: ServerKeys;
const open: Session[] = [];

beforeAll(async () => {
  server = await TestServer.start({ env: { CONCH_ACCESS_SECONDS: String(life) } });
  keys = new ServerKeys((await readFile(join(server.data, "secret"), "utf8")).trim());
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

async function grantedAccess(project: TestProject, person = "a-person-of-tests"): Promise<GrantedAccess> {
  const response = await fetch(`${server.origin}/api/projects/${project.id}/access`, {
    method: "POST",
    headers: { Authorization: `Bearer ${project.token}` },
    body: JSON.stringify({ person, name: "Raw" }),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as GrantedAccess;
}

async function exchange(project: TestProject, person?: string): Promise<string> {
  return (await grantedAccess(project, person)).token;
}

const raw = (project: TestProject, token: string): Promise<SocketClient> =>
  SocketClient.open(server, project.id, { token, conch: "1" });

const frames = (client: SocketClient): RoomFrame[] =>
  client.heard.flatMap((message) =>
    message.kind === "frame" ? [JSON.parse(message.json) as RoomFrame] : [],
  );

/** Milliseconds that `change` needs to show. */
async function timed(change: Promise<unknown>, what: string, shows: () => boolean): Promise<number> {
  const start = performance.now();
  await change;
  await until(what, shows);
  return performance.now() - start;
}

const text = (session: Session): string => session.doc.getText("t").toJSON();

describe("an access token", () => {
  it("[AUTH-3] is what a link is exchanged for, says who one is, and cannot be exchanged again", async () => {
    const project = await server.createProject();
    const token = await exchange(project);
    const client = await raw(project, token);
    await until("the room welcomes", () => frames(client).length > 0);
    expect(frames(client)[0]).toMatchObject({ type: "welcome", role: "owner", person: { name: "Raw" } });
    await expect(exchange({ ...project, token })).rejects.toThrow("link itself");
    await client.close();
  });

  it("[ROOM-29] ends the line when it ends, and opens none afterwards", async () => {
    const project = await server.createProject();
    const token = await exchange(project);
    const client = await raw(project, token);
    const begun = Date.now();
    await until("the room closes the line", () => client.isEnding);
    expect(frames(client).at(-1)).toEqual({
      type: "ended",
      code: 4401,
      reason: "This access has ended: open the project's link again.",
    });
    expect(Date.now() - begun).toBeGreaterThan(life * 1000 - 1500);
    const replayed = await raw(project, token);
    expect((await replayed.end()).code).toBe(4401);
    expect(replayed.heard).toEqual([]);
    const blob = await fetch(`${server.origin}/api/projects/${project.id}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(blob.status).toBe(401);
  });

  it("[ROOM-30] is renewed on the open line, which stays the same for many lives of a token", async () => {
    const project = await server.createProject();
    const ana = await enter(project, "Ana");
    const history: string[] = [];
    ana.onConnection(({ kind }) => history.push(kind));
    const stock = new WebsocketProvider(server.rooms, project.id, new Y.Doc(), {
      params: { token: project.token },
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
    });
    const closed: unknown[] = [];
    stock.on("connection-close", (event) => closed.push(event));
    await sleep(life * 1000 * 2.5);
    ana.doc.getText("t").insert(0, "still here");
    await until("it is saved", () => ana.unsaved === 0);
    await until("a stock client with the link itself has it", () => stock.doc.getText("t").length > 0);
    expect([history, closed]).toEqual([[], []]);
    stock.destroy();
  });

  it("[ROOM-30] that does not hold ends the line", async () => {
    const project = await server.createProject();
    const other = await server.createProject();
    const expired = await signAccess(
      keys,
      { project: project.id, person: { id: "x", name: "x", color: "#000" }, until: Date.now() - 5000 },
      Date.now() - 9000,
    );
    for (const wrong of [
      "a.b.c",
      expired,
      await exchange(other),
      await signLink(keys, project.id, "x", "owner"),
    ]) {
      const client = await raw(project, await exchange(project));
      client.send(writeFrame({ type: "token", token: wrong }));
      expect((await client.end()).code).toBe(4401);
    }
  });

  const person = { id: "0123456789abcdef0123", name: "Eve", color: "#000" };
  const forge = (project: string, kid: string, key: Uint8Array, alg = "HS256"): Promise<string> =>
    new SignJWT({ project, person })
      .setProtectedHeader({ alg, kid })
      .setIssuer("conch")
      .setSubject(person.id)
      .setIssuedAt()
      .setExpirationTime("3s")
      .sign(key);

  it("[AUTH-4] of a forged key or algorithm opens nothing", async () => {
    const project = await server.createProject();
    const period = Math.floor(Date.now() / keyPeriod);
    for (const token of [
      await forge(project.id, `a${period - 2}`, keys.access(period - 2)),
      await forge(project.id, `a${period + 2}`, keys.access(period + 2)),
      await forge(project.id, `a${period}`, keys.links),
      await forge(project.id, `a${period}`, new Uint8Array(64), "HS512"),
      await forge(project.id, `a${period}`, new Uint8Array(32)),
      await forge(project.id, "../etc/passwd", keys.access(period)),
    ]) {
      const client = await raw(project, token);
      expect((await client.end()).code).toBe(4401);
      expect(client.heard).toEqual([]);
    }
  });

  it("[AUTH-6] is worth nothing by itself: without a link or a record it opens no project", async () => {
    const project = await server.createProject();
    const period = Math.floor(Date.now() / keyPeriod);
    const client = await raw(project, await forge(project.id, `a${period}`, keys.access(period)));
    expect((await client.end()).code).toBe(4401);
    expect(client.heard).toEqual([]);
  });
});

describe("a link", () => {
  it("[ROOM-31] that is revoked ends every line it opened, within a second, and opens none again", async () => {
    const project = await server.createProject();
    const link = await makeLink(server, project, { role: "editor", label: "Class" });
    const ben = await enter(link, "Ben");
    const ana = await enter(project, "Ana");
    const stock = await SocketClient.open(server, project.id, { token: link.token });
    const token = await exchange(link);
    const took = await timed(
      share(server, project, { type: "revoke-link", link: link.link }),
      "Ben and the stock client are out",
      () => ben.connection.kind === "refused" && stock.isEnding,
    );
    expect(took).toBeLessThan(1000);
    expect(ben.connection).toEqual({
      kind: "refused",
      reason: "This link was withdrawn: ask whoever shared it for a fresh one.",
    });
    // Neither the link, nor what it was exchanged for before, for edits, blobs or anything else.
    for (const replayed of [token, link.token]) {
      expect((await (await raw(project, replayed)).end()).code).toBe(4401);
      const blob = `${server.origin}/api/projects/${project.id}/blobs/${"0".repeat(64)}`;
      const headers = { Authorization: `Bearer ${replayed}` };
      expect((await fetch(blob, { headers })).status).toBe(401);
      expect((await fetch(blob, { method: "PUT", body: "x", headers })).status).toBe(401);
    }
    await expect(exchange(link)).rejects.toThrow("withdrawn");
    ana.doc.getText("t").insert(0, "on");
    await until("Ana works on", () => ana.unsaved === 0);
  });

  it("[ROOM-31] that is lowered takes effect on open lines within a second, and so does raising it", async () => {
    const project = await server.createProject();
    const link = await makeLink(server, project, { role: "editor" });
    const ana = await enter(project, "Ana");
    const ben = await enter(link, "Ben");
    const eve = await raw(link, link.token);
    const heard: string[] = [];
    ben.onRole((role) => heard.push(role));
    const change = (role: "viewer" | "editor"): Promise<unknown> =>
      share(server, project, { type: "change-link", link: link.link, role });
    expect(await timed(change("viewer"), "Ben reads", () => ben.role === "viewer")).toBeLessThan(1000);
    // A client that does not heed its role is refused; ours does not even send it.
    const doc = new Y.Doc();
    doc.getText("t").insert(0, "evil");
    eve.send(writeUpdate(Y.encodeStateAsUpdate(doc)));
    await until("it is refused", () => frames(eve).some(({ type }) => type === "refused"));
    ben.doc.getText("t").insert(0, "mine alone");
    // What he says after it has arrived: so would the edit have.
    ben.setState("where", { file: rootId });
    await until("Ana sees where he is", () =>
      ana.participants().some(({ state }) => state.where !== undefined),
    );
    expect([text(ana), ben.unsaved]).toEqual(["", 0]);
    expect(await timed(change("editor"), "Ben edits", () => ben.role === "editor")).toBeLessThan(1000);
    ben.doc.getText("t").insert(0, "again ");
    await until("his edits arrive again", () => text(ana).startsWith("again "));
    await until("and are saved", () => ben.unsaved === 0);
    expect(heard).toEqual(["viewer", "editor"]);
    eve.leave();
    expect(ben.connection.kind).toBe("online");
  });

  it("[ROOM-29] ends by itself, and with it the lines it opened, also those of stock clients", async () => {
    const project = await server.createProject();
    const link = await makeLink(server, project, { role: "editor", expires: Date.now() + 2500 });
    const stock = await SocketClient.open(server, project.id, { token: link.token });
    const ben = await enter(link, "Ben");
    await until("the stock client is out", () => stock.isEnding);
    await until("Ben is out", () => ben.connection.kind === "refused");
    expect(ben.connection).toMatchObject({ reason: "This link has expired: ask for a fresh one." });
    await expect(exchange(link)).rejects.toThrow("expired");
    const past = await tryShare(server, project, { type: "make-link", role: "viewer", expires: 1 });
    expect(past.status).toBe(409);
  });

  it("[COPY-14] that expires while the server is away ends the session with its sentence, and the unsent files are known", async () => {
    const project = await server.createProject();
    const expires = Date.now() + 3000;
    const link = await makeLink(server, project, { role: "editor", expires });
    const ben = await enter(link, "Ben");
    const saved = ben.project.createText(rootId, "saved.txt", "on the server");
    await until("it is saved", () => ben.unsaved === 0);
    await server.kill();
    await until("Ben is offline", () => ben.connection.kind === "offline");
    const unsent = ben.project.createText(rootId, "unsent.txt", "words");
    await until("the link has expired", () => Date.now() > expires);
    await server.start();
    await until("Ben is out", () => ben.connection.kind === "refused");
    expect(ben.connection).toMatchObject({ reason: "This link has expired: ask for a fresh one." });
    expect([...ben.unsavedFiles]).toContain(unsent.id);
    expect([...ben.unsavedFiles]).not.toContain(saved.id);
    const files = filesAmong(ben.project, new Set([unsent.id]));
    const { content } = await packFiles(ben.project, ben.blobs, files, "unsaved work");
    expect(await content.text()).toBe("words");
  });

  it("[CONN-1] [CONN-2] counts as not online on a server that opens sockets, answers pings and lets nobody in", async () => {
    const silent = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(silent, "listening");
    const pings: number[] = [];
    silent.on("connection", (socket) =>
      socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (isBinary || data.toString() !== "ping") return;
        pings.push(Date.now());
        socket.send("pong");
      }),
    );
    const project = await server.createProject();
    const { port } = silent.address() as AddressInfo;
    const access = await grantedAccess(project);
    const session = new Session({
      server: `http://127.0.0.1:${port}`,
      projectId: project.id,
      token: project.token,
      access,
      person: personFromSeed("patient"),
      WebSocket,
    });
    open.push(session);
    session.doc.getText("t").insert(0, "x");
    await until("it was asked for a sign", () => pings.length > 0);
    expect([session.connection.kind, session.unsaved]).toEqual(["connecting", 1]);
    session.destroy();
    silent.close();
  });

  it("of another project opens nothing here", async () => {
    const project = await server.createProject();
    const other = await server.createProject();
    for (const token of [other.token, await exchange(other)]) {
      expect((await (await raw(project, token)).end()).code).toBe(4403);
      expect((await tryShare(server, { ...project, token })).status).toBe(403);
    }
  });

  it("that was signed by us and never made opens nothing", async () => {
    const project = await server.createProject();
    const client = await raw(project, await signLink(keys, project.id, "owner", "owner"));
    expect((await client.end()).code).toBe(4401);
  });
});

describe("who may change who may do what", () => {
  it("[AUTH-8] nobody makes a link for more than they are", async () => {
    const project = await server.createProject();
    const editor = await makeLink(server, project, { role: "editor" });
    const runner = await makeLink(server, project, { role: "runner" });
    const viewer = await makeLink(server, project, { role: "viewer" });
    const status = async (who: TestProject, wish: object): Promise<number> =>
      (await tryShare(server, who, wish)).status;
    expect(await status(editor, { type: "make-link", role: "owner" })).toBe(403);
    expect(await status(editor, { type: "make-link", role: "editor" })).toBe(200);
    for (const who of [runner, viewer])
      expect(await status(who, { type: "make-link", role: "viewer" })).toBe(403);
    // Nor raises one.
    for (const who of [editor, runner, viewer]) {
      const change = { type: "change-link", link: viewer.link, role: "editor" };
      expect(await status(who, change)).toBe(403);
      expect(await status(who, { ...change, link: editor.link, role: "owner" })).toBe(403);
      expect(await status(who, { type: "invite", email: "eve@example.org", role: "owner" })).toBe(403);
    }
    // And sees none that they could not have made.
    const roles = async (who: TestProject): Promise<string[]> =>
      (await share(server, who)).links.map(({ role }) => role);
    expect(await roles(project)).toContain("owner");
    expect(new Set(await roles(editor))).toEqual(new Set(["editor", "runner", "viewer"]));
    expect(await roles(viewer)).toEqual([]);
  });

  it("[AUTH-9] a non-owner takes nobody's access, and the last owner stays", async () => {
    const project = await server.createProject();
    const editor = await makeLink(server, project, { role: "editor" });
    const ana = await enter(project, "Ana");
    const ben = await enter(editor, "Ben");
    const own = (await share(server, project)).links.find(({ role }) => role === "owner");
    const ids = { type: "set-person", person: ana.person.id, role: "none" };
    for (const wish of [ids, { ...ids, role: "viewer" }, { type: "revoke-link", link: own?.id }])
      expect((await tryShare(server, editor, wish)).status).toBe(403);
    const asAna = { ...project, token: await ana.accessToken() };
    for (const wish of [
      ids,
      { ...ids, role: "editor" },
      { type: "revoke-link", link: own?.id },
      { type: "change-link", link: own?.id, role: "editor" },
      { type: "change-link", link: own?.id, expires: Date.now() + 60_000 },
    ]) {
      const { status, answer } = await tryShare(server, asAna, wish);
      expect([status, answer.error], JSON.stringify(wish)).toEqual([409, expect.stringContaining("owner")]);
    }
    // Another owner's link, and the first one may go.
    const second = await makeLink(server, project, { role: "owner" });
    await share(server, second, { type: "revoke-link", link: own?.id ?? "" });
    await until("Ana is out", () => ana.connection.kind === "refused");
    expect(ben.connection.kind).toBe("online");
  });

  it("[AUTH-6] a person's role holds against their link's, at once, and a removed one stays out", async () => {
    const project = await server.createProject();
    const link = await makeLink(server, project, { role: "viewer" });
    const ben = await enter(link, "Ben");
    const cleo = await enter(link, "Cleo");
    const set = (role: "editor" | "none"): Promise<unknown> =>
      share(server, project, { type: "set-person", person: ben.person.id, role });
    expect(await timed(set("editor"), "Ben edits", () => ben.role === "editor")).toBeLessThan(1000);
    expect(cleo.role).toBe("viewer");
    expect(await timed(set("none"), "Ben is out", () => ben.connection.kind === "refused")).toBeLessThan(
      1000,
    );
    expect(ben.connection).toMatchObject({ reason: "You were removed from this project." });
    const again = openSession(server, link, "Ben");
    open.push(again);
    await expect(again.synced).rejects.toThrow("removed");
    await share(server, project, { type: "forget-person", person: ben.person.id });
    expect((await enter(link, "Ben")).role).toBe("viewer");
  });
});
