// The memory of a Go program: arguments of its calls lie on its stack, 8 bytes each.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { ProgramMemory } from "../program-memory.ts";
import type { References } from "./references.ts";

export class GoMemory extends ProgramMemory {
  readonly #references: References;

  constructor(memory: { readonly buffer: ArrayBufferLike }, references: References) {
    super(memory);
    this.#references = references;
  }

  int64(at: number): number {
    return Number(this.view.getBigInt64(at, true));
  }

  setInt64(at: number, value: number): void {
    this.view.setBigInt64(at, BigInt(Math.trunc(value)), true);
  }

  setInt32(at: number, value: number): void {
    this.view.setInt32(at, value, true);
  }

  setBoolean(at: number, value: boolean): void {
    this.view.setUint8(at, value ? 1 : 0);
  }

  /** A Go slice of bytes: address and length. */
  slice(at: number): Uint8Array {
    return this.bytes(this.int64(at), this.int64(at + 8));
  }

  string(at: number): string {
    return decodeUtf8Lossy(this.slice(at).slice());
  }

  value(at: number): unknown {
    return this.#references.load(this.view, at);
  }

  setValue(at: number, value: unknown): void {
    this.#references.store(this.view, at, value);
  }

  values(at: number): unknown[] {
    const start = this.int64(at);
    return Array.from({ length: this.int64(at + 8) }, (_, index) => this.value(start + index * 8));
  }
}
