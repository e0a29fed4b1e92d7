// Values of a call as bytes in memory that two threads share: numbers, strings, bytes, lists, records (SPEC CALL-…).
// Knows no call.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";

export type Value =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value };

const tag = {
  undefined: 0,
  false: 1,
  true: 2,
  number: 3,
  bigint: 4,
  string: 5,
  bytes: 6,
  list: 7,
  record: 8,
  /** Most numbers are small and whole: a third of the bytes. */
  int: 9,
} as const;

/** The number of bytes written. ENAMETOOLONG where they do not fit: only a path can be that long, data is split before. */
export function writeValue(memory: Uint8Array, value: Value): number {
  const writer = new Writer(memory);
  try {
    writer.write(value);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new FsError("ENAMETOOLONG", "the call is too large");
    throw thrown;
  }
  return writer.at;
}

/** Bytes in the result are views of `memory`, good until it is written again. Throws EPROTO for what no writer wrote. */
export function readValue(memory: Uint8Array): Value {
  const reader = new Reader(memory);
  try {
    return reader.read();
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new FsError("EPROTO", "the call is cut off");
    throw thrown;
  }
}

class Writer {
  at = 0;
  readonly #memory: Uint8Array;
  readonly #view: DataView;

  constructor(memory: Uint8Array) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  }

  write(value: Value): void {
    switch (typeof value) {
      case "undefined":
        return this.#tag(tag.undefined);
      case "boolean":
        return this.#tag(value ? tag.true : tag.false);
      case "number":
        return this.#number(value);
      case "bigint":
        this.#tag(tag.bigint);
        this.#view.setBigInt64(this.at, value, true);
        this.at += 8;
        return undefined;
      case "string":
        return this.#bytes(tag.string, encodeUtf8(value));
      case "object":
        if (value instanceof Uint8Array) return this.#bytes(tag.bytes, value);
        if (isList(value)) return this.#list(value);
        return this.#record(value);
      default:
        return value satisfies never;
    }
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#tag(tag.int);
      this.#view.setInt32(this.at, value, true);
      this.at += 4;
      return;
    }
    this.#tag(tag.number);
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  #bytes(kind: number, bytes: Uint8Array): void {
    this.#tag(kind);
    this.#length(bytes.length);
    this.#memory.set(bytes, this.at);
    this.at += bytes.length;
  }

  #list(values: readonly Value[]): void {
    this.#tag(tag.list);
    this.#length(values.length);
    for (const value of values) this.write(value);
  }

  #record(record: { readonly [name: string]: Value }): void {
    const entries = Object.entries(record);
    this.#tag(tag.record);
    this.#length(entries.length);
    for (const [name, value] of entries) {
      this.write(name);
      this.write(value);
    }
  }

  #tag(kind: number): void {
    this.#view.setUint8(this.at, kind);
    this.at += 1;
  }

  #length(length: number): void {
    this.#view.setUint32(this.at, length, true);
    this.at += 4;
  }
}

class Reader {
  #at = 0;
  readonly #memory: Uint8Array;
  readonly #view: DataView;

  constructor(memory: Uint8Array) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  }

  read(): Value {
    const kind = this.#view.getUint8(this.#at);
    this.#at += 1;
    switch (kind) {
      case tag.undefined:
        return undefined;
      case tag.false:
        return false;
      case tag.true:
        return true;
      case tag.int:
        this.#at += 4;
        return this.#view.getInt32(this.#at - 4, true);
      case tag.number:
        this.#at += 8;
        return this.#view.getFloat64(this.#at - 8, true);
      case tag.bigint:
        this.#at += 8;
        return this.#view.getBigInt64(this.#at - 8, true);
      case tag.string:
        // A copy: decoders refuse memory that is shared.
        return decodeUtf8Lossy(this.#bytes().slice());
      case tag.bytes:
        return this.#bytes();
      case tag.list:
        return this.#list();
      case tag.record:
        return this.#record();
      default:
        throw new FsError("EPROTO", `there is no tag ${kind}`);
    }
  }

  #bytes(): Uint8Array {
    const end = this.#length() + this.#at;
    if (end > this.#memory.length) throw new RangeError("cut off");
    const bytes = this.#memory.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  #list(): Value[] {
    const values: Value[] = [];
    for (let left = this.#length(); left > 0; left--) values.push(this.read());
    return values;
  }

  #record(): { readonly [name: string]: Value } {
    const entries: [string, Value][] = [];
    for (let left = this.#length(); left > 0; left--) {
      const name = this.read();
      if (typeof name !== "string") throw new FsError("EPROTO", "a record has names");
      entries.push([name, this.read()]);
    }
    return Object.fromEntries(entries);
  }

  #length(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }
}

/** Array.isArray does not narrow what is readonly. */
function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}
