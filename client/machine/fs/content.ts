// The bytes of one file in blocks: sparse, growable, and optionally copied block by block from a
// read-only backing on the first write. Knows no inode and no name.

import { emptyBytes } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Allowance } from "./allowance.ts";
import { type Awaitable, chain, isPromise } from "#core/base/awaitable.ts";

/** Small enough that a one-byte change of a big file copies little, large enough that a scan has few pieces. */
export const contentBlockBytes = 32 * 1024;

/** The largest file: what a double can address byte by byte is far above it, and Linux' 9P client stops here too. */
const maxFileBytes = 2 ** 42;

/** Where bytes come from that were never written. */
export interface Backing {
  readonly size: number;
  /** Exactly the bytes of the range, which lies within `size`. */
  read(offset: number, count: number): Awaitable<Uint8Array>;
}

export type BlockChange = readonly [index: number, bytes: Uint8Array | undefined];

export class Content {
  readonly #allowance: Allowance;
  readonly #backing: Backing | undefined;
  /** Only bytes before this still come from the backing: truncating lowers it for ever. */
  #backed: number;
  /** A block may be shorter than the block size: what is missing is zero. */
  readonly #blocks = new Map<number, Uint8Array>();
  /** Blocks that are not as they were when the changes were last taken. */
  readonly #changed = new Set<number>();
  #size: number;

  constructor(allowance: Allowance, backing?: Backing) {
    this.#allowance = allowance;
    this.#backing = backing;
    this.#size = this.#backed = backing?.size ?? 0;
  }

  get size(): number {
    return this.#size;
  }

  /** At most `count` bytes, a copy. */
  read(offset: number, count: number): Awaitable<Uint8Array> {
    const end = Math.min(offset + count, this.#size);
    if (end <= offset) return emptyBytes;
    const result = new Uint8Array(end - offset);
    const waiting: Promise<void>[] = [];
    for (let position = offset; position < end;) {
      const index = Math.floor(position / contentBlockBytes);
      const start = index * contentBlockBytes;
      const block = this.#blocks.get(index);
      if (block !== undefined) {
        const stop = Math.min(end, start + contentBlockBytes);
        result.set(block.subarray(position - start, stop - start), position - offset);
        position = stop;
        continue;
      }
      // One request for a whole run of blocks that nobody wrote.
      let stop = start + contentBlockBytes;
      while (stop < end && !this.#blocks.has(stop / contentBlockBytes)) stop += contentBlockBytes;
      stop = Math.min(stop, end);
      const backedStop = Math.min(stop, this.#backed);
      if (this.#backing !== undefined && position < backedStop) {
        const at = position - offset;
        const piece = this.#backing.read(position, backedStop - position);
        if (isPromise(piece)) waiting.push(piece.then((bytes) => result.set(bytes, at)));
        else result.set(piece, at);
      }
      position = stop;
    }
    return waiting.length === 0 ? result : Promise.all(waiting).then(() => result);
  }

  write(offset: number, data: Uint8Array): Awaitable<void> {
    const end = offset + data.length;
    if (end > maxFileBytes) throw new FsError("EFBIG");
    if (data.length === 0) return undefined;
    const first = Math.floor(offset / contentBlockBytes);
    const last = Math.floor((end - 1) / contentBlockBytes);
    const store = (): void => {
      for (let index = first; index <= last; index++) {
        const start = index * contentBlockBytes;
        const from = Math.max(offset, start);
        const to = Math.min(end, start + contentBlockBytes);
        this.#writable(index, to - start).set(data.subarray(from - offset, to - offset), from - start);
        this.#changed.add(index);
      }
      if (end > this.#size) this.#size = end;
    };
    // Only the first and the last block can be written in part.
    const copied = chain(this.#copyUp(first, offset, end), () =>
      last === first ? undefined : this.#copyUp(last, offset, end),
    );
    return chain(copied, store);
  }

  truncate(size: number): void {
    if (size > maxFileBytes) throw new FsError("EFBIG");
    if (size < this.#size) {
      const keep = Math.ceil(size / contentBlockBytes);
      for (const [index, block] of this.#blocks) {
        if (index >= keep) {
          this.#blocks.delete(index);
          this.#changed.add(index);
          this.#allowance.give(block.length);
        }
      }
      const tail = size - (keep - 1) * contentBlockBytes;
      const block = this.#blocks.get(keep - 1);
      if (block !== undefined && block.length > tail) {
        this.#blocks.set(keep - 1, block.slice(0, tail));
        this.#changed.add(keep - 1);
        this.#allowance.give(block.length - tail);
      }
      this.#backed = Math.min(this.#backed, size);
    }
    this.#size = size;
  }

  /** Gives the memory back. */
  clear(): void {
    this.truncate(0);
  }

  /** What was written, for keeping elsewhere; `importBlocks` is its inverse. */
  exportBlocks(): {
    size: number;
    backed: number;
    blocks: readonly (readonly [index: number, bytes: Uint8Array])[];
  } {
    return { size: this.#size, backed: this.#backed, blocks: [...this.#blocks] };
  }

  /** What has become of the blocks since the last time; undefined for one that is gone. */
  takeChanges(): { size: number; backed: number; blocks: readonly BlockChange[] } {
    const blocks = [...this.#changed].map((index): BlockChange => [index, this.#blocks.get(index)]);
    this.#changed.clear();
    return { size: this.#size, backed: this.#backed, blocks };
  }

  importBlocks(state: {
    size: number;
    backed: number;
    blocks: Iterable<readonly [index: number, bytes: Uint8Array]>;
  }): void {
    this.clear();
    this.#size = state.size;
    this.#backed = Math.min(state.backed, this.#backing?.size ?? 0);
    for (const [index, bytes] of state.blocks) {
      this.#allowance.take(bytes.length);
      this.#blocks.set(index, bytes);
      this.#changed.add(index);
    }
  }

  /** Makes a block that will be written in part resident. */
  #copyUp(index: number, from: number, to: number): Awaitable<void> {
    const start = index * contentBlockBytes;
    const backedEnd = Math.min(start + contentBlockBytes, this.#backed);
    if (this.#backing === undefined || backedEnd <= start || this.#blocks.has(index)) return undefined;
    if (from <= start && to >= backedEnd) return undefined;
    return chain(this.#backing.read(start, backedEnd - start), (bytes) => {
      // Meanwhile another write may have brought it, or a truncate cut it.
      const valid = Math.min(bytes.length, this.#backed - start);
      if (this.#blocks.has(index) || valid <= 0) return;
      this.#allowance.take(valid);
      this.#blocks.set(index, bytes.slice(0, valid));
    });
  }

  /** The block with room for `length` bytes; grows by doubling, so that appending stays linear. */
  #writable(index: number, length: number): Uint8Array {
    const block = this.#blocks.get(index) ?? emptyBytes;
    if (block.length >= length) return block;
    const room = Math.min(contentBlockBytes, Math.max(length, block.length * 2, 256));
    this.#allowance.take(room - block.length);
    const grown = new Uint8Array(room);
    grown.set(block);
    this.#blocks.set(index, grown);
    return grown;
  }
}
