// A crowd in one room: editors who type and viewers who watch, in several processes, against a real server.

import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { useOfTree } from "#test/harness/process-tree.ts";
import type { TestServer } from "#test/harness/server.ts";
import type { Message, Report } from "./messages.ts";

export interface CrowdOptions {
  readonly editors: number;
  readonly viewers: number;
  readonly seconds: number;
  readonly wordsPerSecond: number;
  readonly processes: number;
}

export interface CrowdResult {
  readonly words: number;
  readonly reports: readonly Report[];
  /** Of the server while they typed: processors in use, and MiB at the end. */
  readonly cpu: number;
  readonly memory: number;
}

class Process {
  readonly #child: ChildProcess;
  readonly #waiting: { readonly kind: string; readonly resolve: (message: Message) => void }[] = [];
  readonly #ended: Promise<never>;

  constructor() {
    this.#child = fork(join(import.meta.dirname, "participants.ts"), { execArgv: ["--import", "tsx"] });
    this.#child.on("message", (message: Message) => {
      const index = this.#waiting.findIndex(({ kind }) => kind === message.kind);
      if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve(message);
    });
    this.#ended = new Promise((_, reject) => {
      this.#child.once("exit", (code) => reject(new Error(`participants ended with ${String(code)}`)));
    });
    this.#ended.catch(() => {});
  }

  /** Says something; settles with the answer of that kind. */
  ask<K extends Message["kind"]>(message: Message, kind: K): Promise<Extract<Message, { kind: K }>> {
    const answer = new Promise<Message>((resolve) => {
      this.#waiting.push({ kind, resolve });
    });
    this.#child.send(message);
    return Promise.race([answer as Promise<Extract<Message, { kind: K }>>, this.#ended]);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** So many of `total` for the process of this number. */
function share(total: number, processes: number, index: number): number {
  return Math.floor((total * (index + 1)) / processes) - Math.floor((total * index) / processes);
}

export async function runCrowd(server: TestServer, options: CrowdOptions): Promise<CrowdResult> {
  const { editors, viewers, seconds, wordsPerSecond, processes } = options;
  const project = await server.createProject({ name: "A crowd" });
  const viewer = await server.createLink(project, "viewer");
  const children = Array.from({ length: processes }, () => new Process());
  try {
    // One after the other: this is no test of fifty people who arrive in one second.
    for (const [index, child] of children.entries())
      await child.ask(
        {
          kind: "plan",
          name: String(index),
          server: server.origin,
          projectId: project.id,
          editorToken: project.token,
          viewerToken: viewer.token,
          editors: share(editors, processes, index),
          viewers: share(viewers, processes, index),
          seconds,
          wordsPerSecond,
        },
        "ready",
      );
    const before = useOfTree(server.pid ?? 0);
    const started = Date.now();
    const typed = await Promise.all(children.map((child) => child.ask({ kind: "go" }, "typed")));
    const after = useOfTree(server.pid ?? 0);
    const cpu = (after.cpu - before.cpu) / ((Date.now() - started) / 1000);
    const words = typed.reduce((sum, one) => sum + one.words, 0);
    const reports = await Promise.all(children.map((child) => child.ask({ kind: "ask", words }, "report")));
    return { words, reports, cpu, memory: after.memory };
  } finally {
    for (const child of children) child.kill();
  }
}
