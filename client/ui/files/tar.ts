// The tar format (POSIX.1-2001 pax), in the parts that a project has: files, folders and symbolic links.
// Not tar-stream: that wants Node's types and emitters in the page; the tests hold this against it.

import { concatBytes, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";

export interface TarHeader {
  /** Relative, with slashes, none at the end. */
  readonly path: string;
  readonly kind: "file" | "dir" | "symlink";
  /** Permission bits. */
  readonly mode: number;
  /** Milliseconds since the epoch; tar keeps them all. */
  readonly mtime: number;
  /** Bytes that follow; 0 but for files. */
  readonly size: number;
  /** Of a symbolic link. */
  readonly target?: string;
}

export const blockSize = 512;
/** Two empty blocks end an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockSize);

const types = { file: "0", symlink: "2", dir: "5" } as const;
/** Where the fields of a header stand: offset and length in bytes. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

/** Zero bytes that fill the last block of `size` bytes. */
export function padding(size: number): Uint8Array {
  return new Uint8Array((blockSize - (size % blockSize)) % blockSize);
}

/** What stands before an entry's bytes. */
export function writeHeader(header: TarHeader): Uint8Array {
  const path = header.kind === "dir" ? `${header.path}/` : header.path;
  const records = new Map<string, string>();
  if (!fits(path)) records.set("path", path);
  if (header.target !== undefined && !fits(header.target)) records.set("linkpath", header.target);
  if (header.mtime % 1000 !== 0 || header.mtime < 0) records.set("mtime", String(header.mtime / 1000));
  const main = block({ ...header, path, type: types[header.kind] });
  if (records.size === 0) return main;
  const pax = paxRecords(records);
  const extended = block({ path: "PaxHeader", type: "x", mode: 0o644, mtime: 0, size: pax.length });
  return concatBytes([extended, pax, padding(pax.length), main]);
}

function fits(name: string): boolean {
  // Plain ASCII, so that every program reads the same name.
  return name.length <= 100 && /^[\x20-\x7e]*$/.test(name);
}

function block(of: {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly mtime: number;
  readonly size: number;
  readonly target?: string;
}): Uint8Array {
  const bytes = new Uint8Array(blockSize);
  const put = ([offset]: readonly [number, number], text: string): void => {
    bytes.set(encodeUtf8(text), offset);
  };
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  bytes.set(encodeUtf8(of.path).subarray(0, fields.name[1]), fields.name[0]);
  put(fields.mode, octal(of.mode & 0o7777, 7));
  put(fields.uid, octal(0, 7));
  put(fields.gid, octal(0, 7));
  put(fields.size, octal(of.size, 11));
  put(fields.mtime, octal(Math.max(0, Math.floor(of.mtime / 1000)), 11));
  put(fields.type, of.type);
  bytes.set(encodeUtf8(of.target ?? "").subarray(0, fields.link[1]), fields.link[0]);
  put(fields.magic, "ustar\u000000");
  put(fields.checksum, `${octal(checksum(bytes), 6)}\0 `);
  return bytes;
}

/** The sum of a header's bytes, where its own field counts as blanks. */
function checksum(header: Uint8Array): number {
  const [start, length] = fields.checksum;
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= start && index < start + length ? 0x20 : byte;
  return sum;
}

/** "<length> <key>=<value>\n", where the length counts itself. */
function paxRecords(records: ReadonlyMap<string, string>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [key, value] of records) {
    const rest = encodeUtf8(` ${key}=${value}\n`);
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    parts.push(encodeUtf8(String(length)), rest);
  }
  return concatBytes(parts);
}

// ── Reading ──

/** What a block says, before long names and pax records are put in. */
export interface RawHeader {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly mtime: number;
  readonly size: number;
  readonly target: string;
}

/** Undefined for an empty block. Throws where it is no header. */
export function readHeader(bytes: Uint8Array): RawHeader | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined;
  if (bytes.length < blockSize || readNumber(bytes, fields.checksum) !== checksum(bytes))
    throw new TarError("it is damaged, or no tar archive");
  const magic = readText(bytes, fields.magic);
  const prefix =
    magic.startsWith("ustar") && !magic.startsWith("ustar ") ? readText(bytes, fields.prefix) : "";
  const name = readText(bytes, fields.name);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    type: readText(bytes, fields.type),
    mode: readNumber(bytes, fields.mode) & 0o7777,
    mtime: readNumber(bytes, fields.mtime) * 1000,
    size: readNumber(bytes, fields.size),
    target: readText(bytes, fields.link),
  };
}

/** An archive that cannot be read; the message completes "…: ". */
export class TarError extends Error {}

function readText(bytes: Uint8Array, [start, length]: readonly [number, number]): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return decodeUtf8Lossy(end < 0 ? field : field.subarray(0, end));
}

function readNumber(bytes: Uint8Array, [start, length]: readonly [number, number]): number {
  const first = bytes[start] ?? 0;
  // GNU's way with numbers that do not fit: the first bit set, then big-endian bytes; all bits set is a minus.
  if (first >= 0x80) {
    let value = first === 0xff ? -1 : first & 0x7f;
    for (const byte of bytes.subarray(start + 1, start + length)) value = value * 256 + byte;
    return value;
  }
  const value = Number.parseInt(readText(bytes, [start, length]).trim(), 8);
  return Number.isNaN(value) ? 0 : value;
}

export function readPaxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at);
    const length = Number.parseInt(decodeUtf8Lossy(bytes.subarray(at, blank)), 10);
    if (blank < 0 || !(length > blank - at)) break;
    const record = decodeUtf8Lossy(bytes.subarray(blank + 1, at + length - 1));
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
