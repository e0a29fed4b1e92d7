// Workers for programs in Node. Their script is bundled once a process: a thread that reads TypeScript by itself takes
// a second to start, one with a plain script some milliseconds.

import { Worker } from "node:worker_threads";
import type { ProgramListener, ProgramPort, ProgramWorkers, ToProgram } from "./program-messages.ts";

export function nodeProgramWorkers(options: { readonly shared?: boolean } = {}): ProgramWorkers {
  return { start: () => new NodeProgram(), shared: options.shared ?? true };
}

class NodeProgram implements ProgramPort {
  /** Until there is a worker, what is to be posted. */
  #waiting: ToProgram[] = [];
  #worker: Worker | undefined;
  #listener: ProgramListener | undefined;
  #ended = false;

  constructor() {
    this.#start().catch((error: unknown) =>
      this.#listener?.lost(`The program's thread cannot be started: ${String(error)}.`),
    );
  }

  post(message: ToProgram): void {
    if (this.#worker === undefined) this.#waiting.push(message);
    else this.#worker.postMessage(message, []);
  }

  listen(listener: ProgramListener | undefined): void {
    this.#listener = listener;
    // One that waits for a program keeps no process from ending.
    if (listener === undefined) this.#worker?.unref();
    else this.#worker?.ref();
  }

  end(): void {
    this.#ended = true;
    void this.#worker?.terminate();
  }

  async #start(): Promise<void> {
    bundled ??= bundle();
    const script = await bundled;
    if (this.#ended) return;
    // A program's own environment and arguments come with its start.
    const worker = new Worker(script, { eval: true, execArgv: [], env: {}, stdout: true, stderr: true });
    worker.on("message", (data) => this.#listener?.message(data));
    worker.on("error", (error) => this.#listener?.lost(`The program's thread ended: ${error.message}.`));
    this.#worker = worker;
    this.listen(this.#listener);
    for (const message of this.#waiting.splice(0)) this.post(message);
  }
}

let bundled: Promise<string> | undefined;

/** One classic script, whose modules are all in it. */
async function bundle(): Promise<string> {
  const { build } = await import("vite");
  const result = await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: new URL("node-program.ts", import.meta.url).pathname,
      write: false,
      target: "node20",
      rolldownOptions: { output: { format: "cjs", codeSplitting: false } },
    },
  });
  const [built] = Array.isArray(result) ? result : [result];
  const chunk = built && "output" in built ? built.output[0] : undefined;
  if (chunk?.type !== "chunk") throw new Error("invariant violation: the bundle has no script");
  return chunk.code;
}
