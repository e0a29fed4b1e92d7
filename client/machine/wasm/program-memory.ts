// The memory of a running program: numbers, strings and the pieces that it passes along. Little-endian.
// An address outside it is the program's fault: EFAULT there, RangeError here.

import { decodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";

export class ProgramMemory {
  readonly #memory: { readonly buffer: ArrayBufferLike };
  #view: DataView;
  #bytes: Uint8Array;

  constructor(memory: { readonly buffer: ArrayBufferLike }) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** Good until the program grows its memory: use at once. */
  get view(): DataView {
    if (this.#view.buffer !== this.#memory.buffer) this.#renew();
    return this.#view;
  }

  bytes(at: number, length: number): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#renew();
    if (at + length > this.#bytes.length) throw new RangeError("outside the program's memory");
    return this.#bytes.subarray(at, at + length);
  }

  /** EILSEQ for what is not UTF-8. */
  text(at: number, length: number): string {
    const text = decodeUtf8(this.bytes(at, length).slice());
    if (text === undefined) throw new FsError("EILSEQ");
    return text;
  }

  /** The pieces of an iovec or ciovec array, empty ones left out. */
  pieces(at: number, count: number): Uint8Array[] {
    const { view } = this;
    const pieces: Uint8Array[] = [];
    for (let index = 0; index < count; index++) {
      const length = view.getUint32(at + index * 8 + 4, true);
      if (length > 0) pieces.push(this.bytes(view.getUint32(at + index * 8, true), length));
    }
    return pieces;
  }

  setUint32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  setUint64(at: number, value: bigint): void {
    this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }

  #renew(): void {
    this.#view = new DataView(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }
}
