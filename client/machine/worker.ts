// The machine's worker: Linux runs here, away from the page. The composition root of this side: it joins the project
// (a replica of the page's), the built guest (over HTTP) and v86, and serves the machine to the page that made it.

import wasmUrl from "v86/build/v86.wasm?url";
import * as Y from "yjs";
import { Project } from "#core/project/project.ts";
import { SyncFs } from "#machine/fs/syncfs/sync-fs.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { httpProductSource } from "#machine/link/http-product.ts";
import { serveMachine } from "#machine/link/serve-machine.ts";
import { LocalMachine } from "#machine/local-machine.ts";
import { connectReplica, PortBlobStore } from "#sync/replica.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;

// Compiled while the guest is fetched; whoever starts the machine hears of a failure.
const emulator = WebAssembly.compileStreaming(fetch(wasmUrl));
emulator.catch(() => undefined);

// The listeners come first: what the page has sent meanwhile is delivered after this script.
const ready = firstUpdate(scope);
const doc = new Y.Doc();
connectReplica(scope, doc);
const files = new SyncFs({
  project: new Project(doc),
  blobs: new PortBlobStore(scope),
  onError: (path, error) => console.error(`${path} cannot be saved:`, error),
});
const machine = new LocalMachine({
  product: httpProductSource(new URL("/guest/", scope.location.href).href),
  project: files,
  host: browserHost(),
  ready,
  prefetch: true,
  onConsole: (line) => console.debug("guest:", line),
});
serveMachine(
  {
    get state() {
      return machine.state;
    },
    onState: (listener) => machine.onState(listener),
    start: () => machine.start(),
    stop: async () => {
      await machine.stop();
      // What the guest wrote last leaves before the answer, after which the page ends this worker.
      files.flush();
    },
    spawn: (spec, events) => machine.spawn(spec, events),
    runCell: (spec, events) => machine.runCell(spec, events),
    restartSession: (kind, session) => machine.restartSession(kind, session),
  },
  scope,
);

// v86 leaves the failures of its own start (no memory, say) unhandled: as errors of this worker, the page hears of them.
scope.addEventListener("unhandledrejection", ({ reason }) => {
  if (machine.state.kind !== "restoring" && machine.state.kind !== "booting") return;
  setTimeout(() => {
    throw reason instanceof Error ? reason : new Error(String(reason));
  });
});

/** Settles when the page's replica has answered for the first time. */
function firstUpdate(port: DedicatedWorkerGlobalScope): Promise<void> {
  return new Promise((resolve) => {
    const onMessage = ({ data }: MessageEvent<{ replica?: string } | null>): void => {
      if (data?.replica !== "update") return;
      port.removeEventListener("message", onMessage);
      // After the replica's own listener.
      setTimeout(resolve);
    };
    port.addEventListener("message", onMessage);
  });
}

function browserHost(): GuestHost {
  // A task of its own without a timer's least delay.
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.addEventListener("message", () => waiting.shift()?.());
  port1.start();
  return {
    // v86 makes these imports for exactly this module.
    instantiate: async (imports) =>
      (await WebAssembly.instantiate(await emulator, imports as WebAssembly.Imports)).exports,
    soon: (callback) => {
      waiting.push(callback);
      port2.postMessage(undefined);
    },
  };
}
