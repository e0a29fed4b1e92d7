// Run inside a network namespace of its own by partykit.test.ts: starts `partykit dev`, joins it with stock clients, and
// holds it against the room's contract, as far as it has one role and restarts slowly.
// Prints "ok" as its last line.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { roomContract } from "../contracts/room.ts";
import type { TestProject } from "../harness/server.ts";
import { SocketClient } from "../harness/socket-client.ts";
import { until } from "../harness/until.ts";

const root = join(import.meta.dirname, "../..");
const port = 1999;
const data = await mkdtemp(join(tmpdir(), "conch-partykit-"));

function start(): { stop: () => Promise<void> } {
  const child = spawn(
    join(root, "node_modules/.bin/partykit"),
    [
      "dev",
      "--no-hotkeys",
      "--disable-request-cf-fetch",
      `--port=${port}`,
      `--persist=${data}`,
      `--var=CONCH_SECRET=${"s".repeat(32)}`,
    ],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
      env: { ...process.env, CI: "1", PARTYKIT_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    },
  );
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  return {
    stop: () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

async function create(): Promise<TestProject | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/projects`, {
      method: "POST",
      body: JSON.stringify({ name: "On PartyKit" }),
    });
    return response.status === 201 ? ((await response.json()) as TestProject) : undefined;
  } catch {
    return undefined;
  }
}

function enter(project: TestProject, token: string): WebsocketProvider {
  return new WebsocketProvider(`ws://127.0.0.1:${port}/parties/project`, project.id, new Y.Doc(), {
    params: { token },
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
}

const text = (provider: WebsocketProvider): string => provider.doc.getText("t").toJSON();

let party = start();
let project: TestProject | undefined;
await until("a project is made", async () => (project = await create()) !== undefined, 60_000);
if (project === undefined) throw new Error("invariant violation: no project");
const { token } = project;

const a = enter(project, token);
const b = enter(project, token);
await until("both are synced", () => a.synced && b.synced);
if (a.doc.getMap("meta").get("name") !== "On PartyKit") throw new Error("the name is missing");
a.doc.getText("t").insert(0, "hello");
await until("b has it", () => text(b) === "hello");
await until("b sees a", () => b.awareness.getStates().has(a.doc.clientID));
const refused = enter(project, "");
const close = await new Promise<{ code: number }>((resolve) => refused.on("closed", resolve));
if (close.code !== 4401) throw new Error(`no token was answered by ${close.code}`);
for (const provider of [a, b, refused]) provider.destroy();

for (const { name, needs, run } of roomContract) {
  if (needs !== undefined) continue;
  const fresh = await create();
  if (fresh === undefined) throw new Error(`no project for: ${name}`);
  process.stderr.write(`${name}\n`);
  await run({
    join: async (who, { conch = true, epoch } = {}) => {
      const query = new URLSearchParams({ token: fresh.token, person: `key-of-${who}`, name: who });
      if (conch) query.set("conch", "1");
      if (epoch !== undefined) query.set("epoch", epoch);
      return await SocketClient.join(`ws://127.0.0.1:${port}/parties/project/${fresh.id}?${query}`);
    },
    drop: async (client) => {
      if (client instanceof SocketClient) client.leave();
    },
    restart: () => Promise.reject(new Error("invariant violation: nobody needs it")),
    until,
  });
}

await party.stop();
party = start();
const late = enter(project, token);
await until("it is there after a restart", () => text(late) === "hello", 60_000);
late.destroy();
await party.stop();
await rm(data, { recursive: true, force: true });
process.stdout.write("ok\n");
process.exit(0);
