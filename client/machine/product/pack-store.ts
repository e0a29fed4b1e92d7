// The blocks of an image out of its packs: fetched once, checked, unpacked, kept within a limit.
// Knows nothing of files.

import { FsError } from "#core/base/errno.ts";
import { LruCache } from "#core/base/lru-cache.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import { sha256 } from "#machine/fs/sha256.ts";
import { gunzip } from "./gunzip.ts";
import type { Manifest } from "./manifest.ts";
import { Unreachable } from "./unreachable.ts";

/**
 * Where packs come from: a folder, a web server. Rejects where it cannot get one, with Unreachable where it may get it
 * later. `fresh`: what it has kept of it is damaged.
 */
export type PackSource = (hash: string, fresh: boolean) => Promise<Uint8Array>;

/** Read-only bytes by block number. What it returns may be shared: never write into it. */
export interface BlockStore {
  read(block: number): Awaitable<Uint8Array>;
  /** Where blocks are fetched: all of these at once, to stay until they are released. */
  hold?(blocks: readonly number[], onProgress: HoldProgress): Hold;
}

/** Bytes as they are fetched. */
export type HoldProgress = (loaded: number, total: number) => void;

export interface Hold {
  /** Settles when all are resident; rejects where some cannot be had. */
  readonly ready: Awaitable<void>;
  release(): void;
}

/** Unpacked packs that are kept. A session of shell, git and Python touches 15 to 30 MB. */
const defaultCacheBytes = 48 << 20;

/** Packs that prefetch asks for at a time: enough to fill a line, few enough to let a miss through. */
const prefetchWidth = 3;

export class PackStore implements BlockStore {
  readonly #manifest: Manifest;
  readonly #source: PackSource;
  /** Of each block: its pack, and its place there. */
  readonly #pack: Int32Array;
  readonly #start: Int32Array;
  readonly #length: Int32Array;
  readonly #packLength: number[];
  /** The latest stays, and what is held: programs have it mapped. */
  readonly #resident: LruCache<number, Uint8Array>;
  readonly #loading = new Map<number, Promise<Uint8Array>>();
  /** How many holds each pack has. */
  readonly #holds = new Map<number, number>();

  constructor(manifest: Manifest, source: PackSource, cacheBytes = defaultCacheBytes) {
    this.#manifest = manifest;
    this.#source = source;
    this.#resident = new LruCache({
      limit: cacheBytes,
      sizeOf: ({ length }) => length,
      isHeld: (pack) => this.#holds.has(pack),
    });
    const blocks = manifest.packs.reduce((sum, pack) => sum + pack.blocks, 0);
    this.#pack = new Int32Array(blocks);
    this.#start = new Int32Array(blocks);
    this.#length = new Int32Array(blocks);
    for (const { blocks: own, size } of manifest.inodes) {
      let left = size;
      for (const block of own ?? []) {
        this.#length[block] = Math.min(manifest.blockSize, left);
        left -= manifest.blockSize;
      }
    }
    let block = 0;
    this.#packLength = manifest.packs.map((pack, index) => {
      let start = 0;
      for (const end = block + pack.blocks; block < end; block++) {
        this.#pack[block] = index;
        this.#start[block] = start;
        start += this.#length[block] ?? 0;
      }
      return start;
    });
  }

  read(block: number): Awaitable<Uint8Array> {
    const index = this.#pack[block];
    if (index === undefined) throw new Error(`invariant violation: no block ${block}`);
    const pack = this.#resident.get(index);
    if (pack === undefined) return this.#load(index).then((loaded) => this.#cut(loaded, block));
    return this.#cut(pack, block);
  }

  hold(blocks: readonly number[], onProgress: HoldProgress): Hold {
    const packs = new Set(blocks.map((block) => this.#pack[block] ?? -1));
    for (const pack of packs) this.#holds.set(pack, (this.#holds.get(pack) ?? 0) + 1);
    const missing = [...packs].filter((pack) => !this.#resident.has(pack));
    return {
      ready: missing.length === 0 ? undefined : this.#loadAll(missing, onProgress),
      release: () => {
        for (const pack of packs) {
          const holds = (this.#holds.get(pack) ?? 1) - 1;
          if (holds > 0) this.#holds.set(pack, holds);
          else this.#holds.delete(pack);
        }
        this.#resident.trim();
      },
    };
  }

  /** Loads packs by hash before they are asked for; those that cannot be had are left to the read that needs them. Whether all could. */
  async prefetch(hashes: readonly string[]): Promise<boolean> {
    const indexes = hashes
      .map((hash) => this.#manifest.packs.findIndex((pack) => pack.hash === hash))
      .filter((index) => index >= 0);
    const next = indexes.values();
    let complete = true;
    const worker = async (): Promise<void> => {
      for (const index of next)
        if (!this.#resident.has(index)) await this.#load(index).catch(() => (complete = false));
    };
    await Promise.all(Array.from({ length: prefetchWidth }, worker));
    return complete;
  }

  get residentBytes(): number {
    return this.#resident.size;
  }

  #cut(pack: Uint8Array, block: number): Uint8Array {
    const start = this.#start[block] ?? 0;
    return pack.subarray(start, start + (this.#length[block] ?? 0));
  }

  async #loadAll(packs: readonly number[], onProgress: HoldProgress): Promise<void> {
    const bytesOf = (pack: number): number => this.#manifest.packs[pack]?.bytes ?? 0;
    const total = packs.reduce((sum, pack) => sum + bytesOf(pack), 0);
    let loaded = 0;
    onProgress(loaded, total);
    await Promise.all(
      packs.map(async (pack) => {
        await this.#load(pack);
        loaded += bytesOf(pack);
        onProgress(loaded, total);
      }),
    );
  }

  #load(index: number): Promise<Uint8Array> {
    const loading = this.#loading.get(index);
    if (loading !== undefined) return loading;
    const started = this.#fetch(index).finally(() => this.#loading.delete(index));
    this.#loading.set(index, started);
    return started;
  }

  async #fetch(index: number): Promise<Uint8Array> {
    const hash = this.#manifest.packs[index]?.hash ?? "";
    const data = await this.#unpack(index, hash).catch((error: unknown) => {
      if (error instanceof FsError) throw error;
      const detail = error instanceof Error ? error.message : String(error);
      throw new FsError(error instanceof Unreachable ? "ENETUNREACH" : "EIO", detail);
    });
    this.#resident.set(index, data);
    return data;
  }

  async #unpack(index: number, hash: string): Promise<Uint8Array> {
    let packed = await this.#source(hash, false);
    if ((await sha256(packed)) !== hash) packed = await this.#source(hash, true);
    if ((await sha256(packed)) !== hash)
      throw new FsError("EIO", `pack ${hash.slice(0, 12)} arrived damaged`);
    const data = await gunzip(packed);
    if (data.length !== this.#packLength[index])
      throw new FsError("EIO", `pack ${hash.slice(0, 12)} has the wrong length`);
    return data;
  }
}
