// Workers for programs in a browser, made by the machine's own worker.

import type { ProgramListener, ProgramPort, ProgramWorkers } from "./program-messages.ts";

export function browserProgramWorkers(): ProgramWorkers {
  return { start, shared: globalThis.crossOriginIsolated };
}

function start(): ProgramPort {
  const worker = new Worker(new URL("browser-program.ts", import.meta.url), {
    type: "module",
    name: "program",
  });
  let listener: ProgramListener | undefined;
  worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => listener?.message(data));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    listener?.lost(`The program's thread ended: ${event.message || "its script could not be loaded"}.`);
  });
  return {
    post: (message) => worker.postMessage(message, []),
    listen: (next) => {
      listener = next;
    },
    end: () => worker.terminate(),
  };
}
