// The machine's worker: Linux runs here, away from the page. The composition root of this side: it joins the project
// (a replica of the page's), the built guest (over HTTP) and v86, and serves the machine to the page that made it.

import wasmUrl from "v86/build/v86.wasm?url";
import * as Y from "yjs";
import { systemClock } from "#core/base/system-clock.ts";
import { Project } from "#core/project/project.ts";
import { FsKeeper } from "#machine/fs/fs-keeper.ts";
import type { ChangedInode } from "#machine/fs/overlay-state.ts";
import { SyncFs } from "#machine/fs/syncfs/sync-fs.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { httpProductSource } from "#machine/product/http-source.ts";
import { serveMachine } from "#machine/link/serve-machine.ts";
import { LocalMachine } from "#machine/local-machine.ts";
import { browserProgramWorkers } from "#machine/wasm/browser-workers.ts";
import { guestLock } from "./offline/caches.ts";
import { sendFileNews } from "#machine/link/file-news-port.ts";
import { hearPersonName } from "#machine/link/person-port.ts";
import { BatchedPort } from "#sync/batched-port.ts";
import { acceptKeep, tellKeepTrouble } from "#sync/machine-keep.ts";
import { connectReplica, type Port, PortBlobStore } from "#sync/replica.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;

// Compiled while the guest is fetched; whoever starts the machine hears of a failure.
const emulator = WebAssembly.compileStreaming(fetch(wasmUrl));
emulator.catch(() => undefined);

// The page may have made this worker before it had a project. The listeners come first: what it has sent meanwhile is
// delivered after this script.
const doc = new Y.Doc();
const port = new BatchedPort({ port: scope });
const replica = replicaReady(port, doc);
const keep = acceptKeep(scope);
const blobs = new PortBlobStore(port);
const person = hearPersonName(scope);
const files = new SyncFs({
  project: new Project(doc),
  blobs,
  person,
  onError: (path, error) => console.error(`${path} cannot be saved:`, error),
});
const onKeepTrouble = (thrown: unknown): void => tellKeepTrouble(scope, thrown);
const unshared = keepUnshared();
const machine = new LocalMachine({
  product: httpProductSource(new URL("/guest/", scope.location.href).href),
  project: files,
  blobs,
  host: browserHost(),
  workers: browserProgramWorkers(),
  ready: Promise.all([replica, unshared]),
  keep: async ({ id, image }) => {
    // What this browser keeps of this Linux stays as long as it runs here.
    void navigator.locks?.request(guestLock(id), { mode: "shared" }, () => new Promise(() => undefined));
    return (await keep)?.base<ChangedInode>(image);
  },
  onFileNews: (news) => sendFileNews(scope, news),
  onKeepTrouble,
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
      await (await unshared)?.close();
    },
    spawn: (spec, events) => machine.spawn(spec, events),
    runCell: (spec, events) => machine.runCell(spec, events),
    restartSession: (kind, session) => machine.restartSession(kind, session),
  },
  port,
);

machine.prepare();

// v86 leaves the failures of its own start (no memory, say) unhandled: as errors of this worker, the page hears of them.
scope.addEventListener("unhandledrejection", ({ reason }) => {
  if (!machine.starting) return;
  systemClock.after(0, () => {
    throw reason instanceof Error ? reason : new Error(String(reason));
  });
});

/** What is not shared is there before the guest can look for it, and kept from then on. */
async function keepUnshared(): Promise<FsKeeper | undefined> {
  const store = (await keep)?.unshared<ChangedInode>();
  if (store === undefined) return undefined;
  try {
    const kept = await store.load();
    if (kept !== undefined) files.unshared.putBack(kept);
    return new FsKeeper({ fs: files.unshared, store, onTrouble: onKeepTrouble });
  } catch (thrown) {
    onKeepTrouble(thrown);
    return undefined;
  }
}

/** Joins the page's replica when the page first speaks of one; settles when that has answered. */
function replicaReady(port: Port, replica: Y.Doc): Promise<void> {
  return new Promise((resolve) => {
    let connected = false;
    const onMessage = ({ data }: { readonly data: unknown }): void => {
      const kind = (data as { readonly replica?: string } | null)?.replica;
      if (kind === undefined) return;
      if (!connected) {
        connected = true;
        connectReplica(port, replica);
      } else if (kind === "update") {
        port.removeEventListener("message", onMessage);
        // After the replica's own listener.
        systemClock.after(0, resolve);
      }
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
