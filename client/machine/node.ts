// A machine in Node, for headless participants, tests and the command line: the composition root of this side.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Project } from "#core/project/project.ts";
import { SyncFs } from "#machine/fs/syncfs/sync-fs.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { LocalMachine } from "#machine/local-machine.ts";
import type { Machine } from "#core/machine/machine.ts";
import { nodeProgramWorkers } from "#machine/wasm/node-workers.ts";
import { folderSource } from "#machine/product/folder-source.ts";

export interface NodeMachineOptions {
  /** The built guest's folder, the one with guest.json. */
  readonly product: string;
  readonly project: Project;
  readonly blobs: BlobStore;
  /** In bytes; another size than the snapshot's means a cold boot. */
  readonly memory?: number;
  /** Each line of the guest's console, for diagnosis. */
  readonly onConsole?: (line: string) => void;
}

export interface NodeMachine extends Machine {
  /** Does ahead what a start needs: see LocalMachine. */
  prepare(): void;
  /** Brings what the guest has written, but not closed, into the document. */
  flush(): void;
  /** Stops the machine for good. */
  dispose(): Promise<void>;
}

export function createNodeMachine(options: NodeMachineOptions): NodeMachine {
  const { product, project, blobs, memory, onConsole } = options;
  const files = new SyncFs({
    project,
    blobs,
    onError: (path, error) => onConsole?.(`conch: ${path} cannot be saved: ${String(error)}`),
  });
  const machine = new LocalMachine({
    product: folderSource(product),
    project: files,
    blobs,
    host: nodeHost(),
    workers: nodeProgramWorkers(),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(onConsole === undefined ? {} : { onConsole }),
  });
  return {
    get state() {
      return machine.state;
    },
    onState: (listener) => machine.onState(listener),
    prepare: () => machine.prepare(),
    start: () => machine.start(),
    stop: () => machine.stop(),
    spawn: (spec, events) => machine.spawn(spec, events),
    runCell: (spec, events) => machine.runCell(spec, events),
    restartSession: (kind, session) => machine.restartSession(kind, session),
    flush: () => files.flush(),
    dispose: async () => {
      await machine.stop();
      files.dispose();
    },
  };
}

let emulator: Promise<WebAssembly.Module> | undefined;

/** v86's WebAssembly, compiled once for all machines of the process. */
function nodeHost(): GuestHost {
  return {
    instantiate: async (imports) => {
      const path = createRequire(import.meta.url).resolve("v86/build/v86.wasm");
      emulator ??= readFile(path).then((bytes) => WebAssembly.compile(bytes));
      // v86 makes these imports for exactly this module.
      return (await WebAssembly.instantiate(await emulator, imports as WebAssembly.Imports)).exports;
    },
  };
}
