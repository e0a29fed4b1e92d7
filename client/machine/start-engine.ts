// From the built guest's files to a running engine: fetched, restored from the snapshot, or booted where there is none
// that fits. What can go on at the same time does: the files come while an empty PC is made.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Fs } from "#machine/fs/fs.ts";
import type { FileWatch } from "#machine/fs/packfs/file-news.ts";
import { type Manifest, readManifest } from "#machine/fs/packfs/manifest.ts";
import { type BlockStore, PackStore } from "#machine/fs/packfs/pack-store.ts";
import { PackFs } from "#machine/fs/packfs/packfs.ts";
import type { OverlayState } from "#machine/fs/overlay-state.ts";
import {
  type GuestProduct,
  type ProductFile,
  productIndexFile,
  readGuestProduct,
} from "#machine/fs/packfs/product.ts";
import { Guest, type GuestHost } from "#machine/guest/guest.ts";
import type { ProgramRunner } from "#machine/task/runner.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { parseHostState } from "./host-state.ts";
import type { MachineState } from "#core/machine/machine.ts";
import type { ProductSource } from "./product-source.ts";

export interface EngineStart {
  readonly product: ProductSource;
  /** What is mounted at /project. */
  readonly project: Fs;
  /** Keeps what programs display. */
  readonly blobs: BlobStore;
  readonly host: GuestHost;
  /** Another size than the snapshot's means a cold boot. */
  readonly memoryBytes?: number;
  /** What must be there before the guest may look at /project. */
  readonly ready?: Promise<unknown>;
  /** What an earlier machine has changed of the base image that this product (by its id) has. */
  readonly kept?: (image: string) => Promise<OverlayState | undefined>;
  readonly now?: () => number;
  readonly onConsole?: (line: string) => void;
  /** Makes what runs WebAssembly tasks, over the guest's namespace as the host sees it. */
  readonly runner?: (namespace: Fs) => ProgramRunner;
  readonly onDeath: (reason: string) => void;
  /** Hears of files of the image that somebody waits for. */
  readonly watch?: FileWatch;
  /** Hears what the start is at. */
  readonly enter: (state: MachineState) => void;
  /** Whether nobody waits for this start any more. */
  readonly abandoned: () => boolean;
}

export interface StartedEngine {
  readonly engine: Engine;
  readonly packs: PackStore;
  readonly product: GuestProduct;
}

export async function startEngine(start: EngineStart): Promise<StartedEngine> {
  const { product: source, enter } = start;
  enter({ kind: "fetching", loaded: 0, total: 0 });
  const product = readGuestProduct(decodeUtf8Lossy(await source.read(productIndexFile)));
  const memoryBytes = start.memoryBytes ?? product.memoryBytes;
  const snapshot = memoryBytes === product.memoryBytes ? product.snapshot : undefined;
  const files = new ProductFiles(source, enter);
  // At once, and given away below: the longest of what does not depend on anything else.
  const blank = snapshot && Guest.blank({ host: start.host, memoryBytes });
  try {
    const manifest = files.unpack(product.manifest);
    const boot = snapshot === undefined ? bootFiles(files, product) : undefined;
    const parts = snapshot && [files.unpack(snapshot.state), files.read(snapshot.host)];
    const image = readManifest(decodeUtf8Lossy(await manifest));
    const packs = new PackStore(image, (hash, fresh) =>
      source.read(`${product.packs}/${hash}`, undefined, fresh),
    );
    const kept = start.kept?.(product.id);
    // A start that fails earlier does not come to wait for it.
    kept?.catch(() => undefined);
    const options = {
      ...engineOptions(start, memoryBytes, image, source.remote === true ? packs : withoutHolds(packs)),
      ...(kept === undefined ? {} : { kept }),
    };
    if (blank !== undefined && parts !== undefined) {
      const [state, host] = await Promise.all(parts);
      enter({ kind: "restoring" });
      try {
        const engine = await Engine.restore(
          options,
          await blank,
          bufferOf(state),
          parseHostState(decodeUtf8Lossy(host ?? new Uint8Array(0))),
        );
        return { engine, packs, product };
      } catch (error) {
        // A cold boot takes seconds longer but needs nothing of the snapshot.
        start.onConsole?.(`conch: the snapshot does not restore: ${String(error)}`);
        if (start.abandoned()) throw error;
        await (await blank).stop();
      }
    }
    const { kernel, bios } = await (boot ?? bootFiles(new ProductFiles(source, () => undefined), product));
    await start.ready;
    enter({ kind: "booting" });
    const commandLine = commandLineFor(product, memoryBytes);
    return { engine: await Engine.boot(options, { kernel, bios, commandLine }), packs, product };
  } catch (error) {
    // Where it went to an engine, that has ended it already.
    await blank?.then((guest) => guest.stop()).catch(() => undefined);
    throw error;
  }
}

function engineOptions(
  start: EngineStart,
  memoryBytes: number,
  image: Manifest,
  blocks: BlockStore,
): EngineOptions {
  const { host, project, blobs, ready, now, onConsole, onDeath, runner, watch } = start;
  return {
    host,
    memoryBytes,
    base: new PackFs(image, blocks, watch),
    project,
    blobs,
    onDeath,
    ...(ready === undefined ? {} : { ready }),
    ...(now === undefined ? {} : { now }),
    ...(onConsole === undefined ? {} : { onConsole }),
    ...(runner === undefined ? {} : { runner }),
  };
}

/** Where blocks can always be read, opening a file waits for none. */
function withoutHolds(packs: PackStore): BlockStore {
  return { read: (block) => packs.read(block) };
}

async function bootFiles(
  files: ProductFiles,
  { kernel, bios }: GuestProduct,
): Promise<{ readonly kernel: ArrayBuffer; readonly bios: ArrayBuffer }> {
  const [kernelBytes, biosBytes] = await Promise.all([files.read(kernel), files.read(bios)]);
  return { kernel: bufferOf(kernelBytes), bios: bufferOf(biosBytes) };
}

/** Files of the product that are fetched at the same time, as one progress. */
class ProductFiles {
  readonly #source: ProductSource;
  readonly #enter: (state: MachineState) => void;
  #loaded = 0;
  #total = 0;

  constructor(source: ProductSource, enter: (state: MachineState) => void) {
    this.#source = source;
    this.#enter = enter;
  }

  read({ file, bytes }: ProductFile): Promise<Uint8Array<ArrayBuffer>> {
    this.#add(0, bytes);
    return this.#handled(this.#source.read(file, (more) => this.#add(more, 0)));
  }

  unpack({ file, bytes }: ProductFile): Promise<Uint8Array<ArrayBuffer>> {
    this.#add(0, bytes);
    return this.#handled(this.#source.unpack(file, (more) => this.#add(more, 0)));
  }

  /** Somebody waits for all of these, though not for each at once. */
  #handled<T>(file: Promise<T>): Promise<T> {
    file.catch(() => undefined);
    return file;
  }

  #add(loaded: number, total: number): void {
    this.#loaded += loaded;
    this.#total += total;
    this.#enter({
      kind: "fetching",
      loaded: Math.min(this.#loaded, this.#total),
      total: this.#total,
    });
  }
}

/** The kernel's command line for another memory size: the built one names the snapshot's. */
function commandLineFor({ cmdline, memoryBytes }: GuestProduct, wanted: number): string {
  if (wanted === memoryBytes) return cmdline;
  return cmdline.replace(/\bmemmap=\d+M@1M/, `memmap=${(wanted >> 20) - 1}M@1M`);
}

/** v86 takes whole buffers: what is a piece of one is copied out. */
function bufferOf(bytes: Uint8Array<ArrayBuffer> | undefined): ArrayBuffer {
  if (bytes === undefined) throw new Error("invariant violation: a file of the guest was not fetched");
  return bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
