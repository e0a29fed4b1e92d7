// A program's worker in a browser: the entry of its script.

import type { ToProgram } from "./program-messages.ts";
import { serveProgram } from "./program-worker.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;

serveProgram({
  post: (message) => scope.postMessage(message, []),
  listen: (listener) =>
    scope.addEventListener("message", ({ data }: MessageEvent<ToProgram>) => listener(data)),
});
