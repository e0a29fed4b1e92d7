// The hosts that the bench compares, each in a process of its own: started, stopped, started again on the same data.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { TestServer, type TestProject } from "#test/harness/server.ts";
import type { Target } from "./client.ts";

export interface RunningHost {
  readonly pid: number;
  readonly target: Target;
  stop(): Promise<void>;
}

export interface Host {
  readonly name: string;
  /** When what arrives is written down. */
  readonly writes: string;
  /** Whether there is anything to load after a restart. */
  readonly keeps: boolean;
  /** On a folder that is the host's own. */
  start(data: string): Promise<RunningHost>;
}

const serveScript = join(import.meta.dirname, "serve.ts");
const readyLine = /^ready (\S+)$/m;

async function startPeer(kind: string, data: string, document?: string): Promise<RunningHost> {
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", serveScript, kind, data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const found = readyLine.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`${kind} ended with ${String(code)}`)));
  });
  return {
    pid: child.pid ?? 0,
    target: { url, ...(document === undefined ? {} : { document }) },
    stop: async () => {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** The whole product, as `npm start` runs it; a project is made at the first start on a folder. */
function conchServer(): Host {
  const projects = new Map<string, TestProject>();
  return {
    name: "Conch, workerd",
    writes: "first",
    keeps: true,
    start: async (data) => {
      const server = await TestServer.start({ data });
      const project = projects.get(data) ?? (await server.createProject({ name: "Bench" }));
      projects.set(data, project);
      return {
        pid: server.pid ?? 0,
        target: { url: `${server.rooms}/${project.id}?token=${project.token}` },
        stop: () => server.stop(),
      };
    },
  };
}

export const hosts: readonly Host[] = [
  {
    name: "bare handler, Node",
    writes: "never",
    keeps: false,
    start: (data) => startPeer("bare", data),
  },
  conchServer(),
  {
    name: "Conch's room, Node",
    writes: "first",
    keeps: true,
    start: (data) => startPeer("conch", data),
  },
  {
    name: "y-partyserver, workerd",
    writes: "2-10 s later",
    keeps: true,
    start: (data) => startPeer("y-partyserver", data),
  },
  {
    name: "Hocuspocus, Node",
    writes: "2-10 s later",
    keeps: true,
    start: (data) => startPeer("hocuspocus", data, "bench"),
  },
  {
    name: "@y/websocket-server, Node",
    writes: "afterwards",
    keeps: true,
    start: (data) => startPeer("y-websocket-server", data),
  },
];
