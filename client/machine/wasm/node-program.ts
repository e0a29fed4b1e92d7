// A program's worker in Node: the entry of its script.

import { parentPort } from "node:worker_threads";
import type { ToProgram } from "./program-messages.ts";
import { serveProgram } from "./program-worker.ts";

serveProgram({
  post: (message) => parentPort?.postMessage(message, []),
  listen: (listener) => parentPort?.on("message", (message: ToProgram) => listener(message)),
});
