// The built guest, opened: its image as a file system, its snapshot, its kernel, all of which belong together. Fetches
// what it is asked for, and reports all of that as one progress. Knows no machine.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import type { FileWatch } from "./file-news.ts";
import { readManifest } from "./manifest.ts";
import { type BlockStore, PackStore } from "./pack-store.ts";
import { PackFs } from "./packfs.ts";
import { type ProductFile, type ProductIndex, productIndexFile, readProductIndex } from "./product-index.ts";
import type { ProductSource } from "./product-source.ts";
import { parseHostState, type HostState } from "./snapshot-state.ts";

/** Bytes of what was asked for so far. */
export type ProductProgress = (loaded: number, total: number) => void;

export interface OpenedImage {
  /** Read-only. */
  readonly fs: PackFs;
  readonly packs: PackStore;
}

export interface Snapshot {
  /** v86's raw state. */
  readonly state: ArrayBuffer;
  /** Throws EPROTO where it is of another version. */
  readonly host: () => HostState;
}

export interface BootFiles {
  readonly kernel: ArrayBuffer;
  readonly bios: ArrayBuffer;
}

export class Product {
  readonly index: ProductIndex;
  readonly #source: ProductSource;
  readonly #onProgress: ProductProgress;
  #loaded = 0;
  #total = 0;

  private constructor(index: ProductIndex, source: ProductSource, onProgress: ProductProgress) {
    this.index = index;
    this.#source = source;
    this.#onProgress = onProgress;
  }

  /** Fetches the index. Rejects with a sentence where there is none that this code can use. */
  static async open(source: ProductSource, onProgress: ProductProgress = () => undefined): Promise<Product> {
    onProgress(0, 0);
    const index = readProductIndex(decodeUtf8Lossy(await source.read(productIndexFile)));
    return new Product(index, source, onProgress);
  }

  /** Fetches the manifest. `watch` hears of files that somebody waits for. */
  async image(watch?: FileWatch): Promise<OpenedImage> {
    const manifest = readManifest(decodeUtf8Lossy(await this.#unpack(this.index.manifest)));
    const { packs: folder } = this.index;
    const packs = new PackStore(manifest, (hash, fresh) =>
      this.#source.read(`${folder}/${hash}`, undefined, fresh),
    );
    const blocks = this.#source.remote === true ? packs : withoutHolds(packs);
    return { fs: new PackFs(manifest, blocks, watch), packs };
  }

  /** Whether there is a snapshot of a machine with this memory. */
  hasSnapshot(memoryBytes: number): boolean {
    return this.index.snapshot !== undefined && memoryBytes === this.index.memoryBytes;
  }

  /** Fetches what restoring needs. */
  async snapshot(): Promise<Snapshot> {
    const { snapshot } = this.index;
    if (snapshot === undefined) throw new Error("invariant violation: the guest has no snapshot");
    const [state, host] = await Promise.all([this.#unpack(snapshot.state), this.#read(snapshot.host)]);
    return { state: bufferOf(state), host: () => parseHostState(decodeUtf8Lossy(host)) };
  }

  /** Fetches what a cold boot needs. */
  async bootFiles(): Promise<BootFiles> {
    const { kernel, bios } = this.index;
    const [kernelBytes, biosBytes] = await Promise.all([this.#read(kernel), this.#read(bios)]);
    return { kernel: bufferOf(kernelBytes), bios: bufferOf(biosBytes) };
  }

  /** The kernel's command line for a memory size: the built one names the snapshot's. */
  commandLine(memoryBytes: number): string {
    const { cmdline, memoryBytes: built } = this.index;
    if (memoryBytes === built) return cmdline;
    return cmdline.replace(/\bmemmap=\d+M@1M/, `memmap=${(memoryBytes >> 20) - 1}M@1M`);
  }

  #read({ file, bytes }: ProductFile): Promise<Uint8Array<ArrayBuffer>> {
    this.#add(0, bytes);
    return handled(this.#source.read(file, (more) => this.#add(more, 0)));
  }

  #unpack({ file, bytes }: ProductFile): Promise<Uint8Array<ArrayBuffer>> {
    this.#add(0, bytes);
    return handled(this.#source.unpack(file, (more) => this.#add(more, 0)));
  }

  #add(loaded: number, total: number): void {
    this.#loaded += loaded;
    this.#total += total;
    this.#onProgress(Math.min(this.#loaded, this.#total), this.#total);
  }
}

/** Where blocks can always be read, opening a file waits for none. */
function withoutHolds(packs: PackStore): BlockStore {
  return { read: (block) => packs.read(block) };
}

/** Somebody waits for all of these, though not for each at once. */
function handled<T>(file: Promise<T>): Promise<T> {
  file.catch(() => undefined);
  return file;
}

/** v86 takes whole buffers: what is a piece of one is copied out. */
function bufferOf(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
