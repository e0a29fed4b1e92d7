// 9P frames: bytes to messages and back. Knows the message table, nothing of what messages mean.

import { decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { type FieldType, type Kind, layouts, type Message, type Qid } from "./messages.ts";

/** size[4] type[1] tag[2] */
const headerBytes = 7;

/** What Rread and Rreaddir carry besides their data: the header and count[4]. */
export const readOverheadBytes = headerBytes + 4;

const u64High = 2 ** 32;

const byType = new Map<number, { kind: Kind; fields: readonly (readonly [string, FieldType])[] }>();
const byKind = new Map<Kind, { type: number; fields: readonly (readonly [string, FieldType])[] }>();
for (const [name, layout] of Object.entries(layouts)) {
  const kind = name as Kind;
  const fields = Object.entries(layout.fields) as [string, FieldType][];
  byType.set(layout.type, { kind, fields });
  byKind.set(kind, { type: layout.type, fields });
}

/** The frame's tag, or undefined where it is too short to have one. */
export function readTag(frame: Uint8Array): number | undefined {
  return frame.length < headerBytes ? undefined : (frame[5] ?? 0) | ((frame[6] ?? 0) << 8);
}

/** EPROTO for what is no message, EOPNOTSUPP for an unknown type, EILSEQ for a string that is not UTF-8. */
export function readMessage(frame: Uint8Array): Message {
  const reader = new Reader(frame);
  const size = reader.u32();
  const layout = byType.get(reader.u8());
  const tag = reader.u16();
  if (size !== frame.length)
    throw new FsError("EPROTO", `a frame of ${frame.length} bytes says it has ${size}`);
  if (layout === undefined) throw new FsError("EOPNOTSUPP", `unknown message type ${frame[4]}`);
  const message: Record<string, unknown> = { kind: layout.kind, tag };
  for (const [name, type] of layout.fields) message[name] = reader[type]();
  if (reader.offset !== frame.length)
    throw new FsError("EPROTO", `${layout.kind} has ${frame.length - reader.offset} bytes too many`);
  // The table is the type: every field was just read by its own layout.
  return message as unknown as Message;
}

export function writeMessage(message: Message): Uint8Array<ArrayBuffer> {
  return new FrameWriter(smallFrameBytes).write(message);
}

/** Most frames are smaller. */
const smallFrameBytes = 256;

/** Writes one frame after the other into the same memory: a frame is good until the next one is written. */
export class FrameWriter {
  readonly #writer: Writer;

  constructor(roomBytes: number) {
    this.#writer = new Writer(roomBytes);
  }

  write(message: Message): Uint8Array<ArrayBuffer> {
    this.#writer.offset = 0;
    return write(message, this.#writer);
  }
}

function write(message: Message, writer: Writer): Uint8Array<ArrayBuffer> {
  const layout = byKind.get(message.kind);
  if (layout === undefined) throw new Error(`invariant violation: no layout for ${message.kind}`);
  const values = message as unknown as Record<string, never>;
  writer.u32(0);
  writer.u8(layout.type);
  writer.u16(message.tag);
  for (const [name, type] of layout.fields) writer[type](values[name] as never);
  return writer.finish();
}

export interface DirectoryRecord {
  readonly qid: Qid;
  /** Where the next Treaddir goes on. */
  readonly offset: number;
  /** DT_* of readdir(3): the file type bits of the mode, shifted by 12. */
  readonly type: number;
  readonly name: string;
}

/** qid[13] offset[8] type[1] name[s] */
const directoryRecordBytes = 13 + 8 + 1 + 2;

/** Rreaddir's data, and how many records fit into `limit` bytes. */
export function writeDirectory(
  records: Iterable<DirectoryRecord>,
  limit: number,
): { data: Uint8Array<ArrayBuffer>; written: number } {
  const writer = new Writer(Math.min(limit, 4096));
  let written = 0;
  for (const record of records) {
    const name = encodeUtf8(record.name);
    if (writer.offset + directoryRecordBytes + name.length > limit) break;
    writer.qid(record.qid);
    writer.u64(record.offset);
    writer.u8(record.type);
    writer.u16(name.length);
    writer.bytes(name);
    written++;
  }
  return { data: writer.written(), written };
}

export function readDirectory(data: Uint8Array): DirectoryRecord[] {
  const reader = new Reader(data);
  const records: DirectoryRecord[] = [];
  while (reader.offset < data.length)
    records.push({ qid: reader.qid(), offset: reader.u64(), type: reader.u8(), name: reader.string() });
  return records;
}

/** By index: a DataView or a subarray of a short frame makes the engine give it a buffer of its own, which is slow. */
class Reader {
  readonly #bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(): number {
    return this.#byte(this.#take(1));
  }

  u16(): number {
    const at = this.#take(2);
    return this.#byte(at) | (this.#byte(at + 1) << 8);
  }

  u32(): number {
    const at = this.#take(4);
    const high = (this.#byte(at + 2) << 16) | (this.#byte(at + 3) << 24);
    return (this.#byte(at) | (this.#byte(at + 1) << 8) | high) >>> 0;
  }

  u64(): number {
    const low = this.u32();
    return this.u32() * u64High + low;
  }

  i64(): number {
    const low = this.u32();
    return (this.u32() | 0) * u64High + low;
  }

  string(): string {
    const length = this.u16();
    const start = this.#take(length);
    const text = this.#ascii(start, length) ?? decodeUtf8(this.#bytes.subarray(start, start + length));
    if (text === undefined) throw new FsError("EILSEQ", "a name must be UTF-8");
    return text;
  }

  /** A view into the frame. */
  data(): Uint8Array {
    const length = this.u32();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  strings(): string[] {
    return Array.from({ length: this.u16() }, () => this.string());
  }

  qid(): Qid {
    return { type: this.u8(), version: this.u32(), path: this.u64() };
  }

  qids(): Qid[] {
    return Array.from({ length: this.u16() }, () => this.qid());
  }

  #ascii(start: number, length: number): string | undefined {
    let text = "";
    for (let at = start; at < start + length; at++) {
      const byte = this.#byte(at);
      if (byte > 0x7f) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #byte(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  #take(length: number): number {
    const start = this.offset;
    if (start + length > this.#bytes.length) throw new FsError("EPROTO", "the frame ends too early");
    this.offset = start + length;
    return start;
  }
}

class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  offset = 0;

  constructor(room: number) {
    this.#bytes = new Uint8Array(room);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: number): void {
    this.u32(value >>> 0);
    this.u32(Math.floor(value / u64High) >>> 0);
  }

  /** Two's complement: the same bits. */
  i64(value: number): void {
    this.u64(value);
  }

  string(text: string): void {
    const bytes = encodeUtf8(text);
    if (bytes.length > 0xffff) throw new FsError("ENAMETOOLONG");
    this.u16(bytes.length);
    this.bytes(bytes);
  }

  data(data: Uint8Array): void {
    this.u32(data.length);
    this.bytes(data);
  }

  strings(texts: readonly string[]): void {
    this.u16(texts.length);
    for (const text of texts) this.string(text);
  }

  qid(qid: Qid): void {
    this.u8(qid.type);
    this.u32(qid.version);
    this.u64(qid.path);
  }

  qids(qids: readonly Qid[]): void {
    this.u16(qids.length);
    for (const qid of qids) this.qid(qid);
  }

  bytes(data: Uint8Array): void {
    const at = this.#take(data.length);
    this.#bytes.set(data, at);
  }

  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.offset);
  }

  /** The frame, with its size put in front. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#view.setUint32(0, this.offset, true);
    return this.written();
  }

  #take(length: number): number {
    const start = this.offset;
    if (start + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(start + length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.offset = start + length;
    return start;
  }
}
