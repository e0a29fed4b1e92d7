// A machine in Node, for headless participants, tests and the command line: the composition root of this side.

import { open, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip as zlibGunzip } from "node:zlib";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Project } from "#core/project/project.ts";
import { productIndexFile, unpackedSuffix } from "#machine/fs/packfs/product.ts";
import { SyncFs } from "#machine/fs/syncfs/sync-fs.ts";
import type { GuestHost } from "#machine/guest/guest.ts";
import { LocalMachine } from "#machine/local-machine.ts";
import type { Machine } from "#core/machine/machine.ts";
import { nodeProgramWorkers } from "#machine/wasm/node-workers.ts";
import type { ProductSource } from "#machine/product-source.ts";

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

/** In a thread of its own, and four times as fast as Node's DecompressionStream. */
const gunzip = promisify<Uint8Array, { chunkSize: number }, Buffer>(zlibGunzip);

/** What is unpacked at a time: a snapshot has some 20 MB. */
const unpackedPieceBytes = 4 << 20;

/** The built guest in a folder. */
function folderSource(folder: string): ProductSource {
  const readPart = async (file: string, onProgress?: (bytes: number) => void): Promise<Buffer> => {
    const data = await readFile(join(folder, file)).catch((error: unknown) => {
      const hint =
        file === productIndexFile
          ? "The guest is not built"
          : `The built guest in ${folder} is damaged (${file})`;
      throw new Error(`${hint}: run \`npm run build:guest\`.`, { cause: error });
    });
    onProgress?.(data.length);
    return data;
  };
  return {
    // Copied: small files share a buffer with others.
    read: async (file, onProgress) => new Uint8Array(await readPart(file, onProgress)),
    unpack: async (file, onProgress) => {
      const unpacked = await readAtOnce(join(folder, file + unpackedSuffix)).catch(() => undefined);
      if (unpacked !== undefined) {
        onProgress?.(unpacked.length);
        return unpacked;
      }
      const packed = await readPart(file, onProgress);
      const { buffer, byteOffset, length } = await gunzip(packed, { chunkSize: unpackedPieceBytes });
      return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
    },
  };
}

/** In one operation of its own thread: `readFile` comes back to this one, which is busy, for each piece. */
async function readAtOnce(path: string): Promise<Uint8Array<ArrayBuffer>> {
  await using file = await open(path);
  const bytes = new Uint8Array((await file.stat()).size);
  const { bytesRead } = await file.read(bytes);
  if (bytesRead < bytes.length) throw new Error(`${path} ended early`);
  return bytes;
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
