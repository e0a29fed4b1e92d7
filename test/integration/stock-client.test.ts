// The door that must stay stable: stock y-websocket clients against the real server.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { TestServer, type TestProject } from "../harness/server.ts";
import { until } from "../harness/until.ts";

let server: TestServer;
const open: WebsocketProvider[] = [];

beforeAll(async () => {
  server = await TestServer.start();
}, 60_000);
afterAll(async () => {
  for (const provider of open) provider.destroy();
  await server.stop();
});

function join(project: string, params: Record<string, string>): WebsocketProvider {
  const provider = new WebsocketProvider(server.rooms, project, new Y.Doc(), {
    params,
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
  open.push(provider);
  return provider;
}

function refusal(provider: WebsocketProvider): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => provider.on("closed", resolve));
}

async function joined(project: TestProject): Promise<WebsocketProvider> {
  const provider = join(project.id, { token: project.token });
  await until("the client is synced", () => provider.synced);
  return provider;
}

describe("stock y-websocket clients", () => {
  it("see each other's edits and presence", async () => {
    const project = await server.createProject({ name: "Stock" });
    const a = await joined(project);
    const b = await joined(project);
    expect(a.doc.getMap("meta").get("name")).toBe("Stock");
    a.doc.getText("t").insert(0, "hello");
    await until("b has it", () => b.doc.getText("t").toJSON() === "hello");
    b.doc.getText("t").insert(5, " world");
    await until("a has it", () => a.doc.getText("t").toJSON() === "hello world");

    a.awareness.setLocalStateField("user", { name: "I am somebody else" });
    a.awareness.setLocalStateField("where", { file: "x" });
    const shown = (): Record<string, unknown> | undefined => b.awareness.getStates().get(a.doc.clientID);
    await until("b sees where a is", () => shown()?.["where"] !== undefined);
    expect(shown()).toMatchObject({ user: { name: expect.stringMatching(/^Guest /) as string } });
    a.destroy();
    await until("b sees a leave", () => shown() === undefined);
  });

  it("[ROOM-1] are refused without a token, with a wrong one, and for an unknown project", async () => {
    const project = await server.createProject();
    const other = await server.createProject();
    expect((await refusal(join(project.id, {}))).code).toBe(4401);
    expect((await refusal(join(project.id, { token: "a.b.c" }))).code).toBe(4401);
    expect((await refusal(join(project.id, { token: other.token }))).code).toBe(4403);
    const unknown = await refusal(join("abcdefghijkmnpqrstuv", { token: project.token }));
    expect(unknown).toMatchObject({ code: 4404, reason: "There is no such project." });
    expect((await refusal(join("../x", { token: project.token }))).code).toBe(4404);
  });

  it("[ROOM-8] read but do not edit with a viewer's link", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const project = await server.createProject();
    const owner = await joined(project);
    owner.doc.getText("t").insert(0, "theirs");
    const viewer = await joined(await server.createLink(project, "viewer"));
    await until("the viewer reads", () => viewer.doc.getText("t").toJSON() === "theirs");
    viewer.doc.getText("t").insert(0, "mine ");
    owner.doc.getText("t").insert(6, "!");
    await until("the viewer reads on", () => viewer.doc.getText("t").toJSON().endsWith("!"));
    expect(owner.doc.getText("t").toJSON()).toBe("theirs!");
    const late = await joined(project);
    expect(late.doc.getText("t").toJSON()).toBe("theirs!");
    expect(warn.mock.calls.flat().join()).toContain("You may look at this project, but not change it.");
    warn.mockRestore();
  });
});
