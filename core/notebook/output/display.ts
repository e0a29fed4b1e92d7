// What a program shows besides text: a marker in its output, where the shown thing belongs, names the blob that holds
// it. Printing, reading and cutting such output (SPEC NB-60 to NB-62); knows nothing of how a thing is drawn.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Excerpt } from "./log.ts";
import type { BlobRef } from "./run-record.ts";

export interface DisplayItem extends BlobRef {
  /** Media type. */
  readonly mime: string;
  /** Of the file, for people; "" where it has none. */
  readonly name: string;
}

const opening = "\u001B]6973;display;";
const openingBytes = encodeUtf8(opening);

/** Bytes. A file's name has at most 255, each three letters long where it is not plain. */
const longestMarker = 1024;

/** Blobs that a record names: more than anybody looks at, and little beside the output itself. */
const namedDisplays = 256;

const marker =
  // oxlint-disable-next-line no-control-regex -- an escape sequence
  /\u001B\]6973;display;([0-9a-f]{64});(\d{1,15});([\w!#$&^.+-]+\/[\w!#$&^.+-]+);([\w.%-]*)(?:\u0007|\u001B\\)/g;

export function printDisplay({ hash, size, mime, name }: DisplayItem): string {
  const plain = [...encodeUtf8(name)].map((byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w.-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return `${opening}${hash};${size};${mime};${plain.join("")}\u0007`;
}

/** The thing that one whole escape sequence shows; undefined where it is another sequence, or no good. */
export function parseDisplay(sequence: string): DisplayItem | undefined {
  return sequence.startsWith(opening) ? displaysIn(sequence)[0] : undefined;
}

/**
 * Everything that this output shows, in order.
 *
 * @internal
 */
export function displaysIn(text: string): DisplayItem[] {
  return [...text.matchAll(marker)].map(readMatch);
}

/** The output as its texts and what is shown between them. */
export function outputParts(text: string): (string | DisplayItem)[] {
  const parts: (string | DisplayItem)[] = [];
  let end = 0;
  for (const match of text.matchAll(marker)) {
    parts.push(text.slice(end, match.index), readMatch(match));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}

function readMatch([, hash = "", size = "", mime = "", name = ""]: RegExpExecArray): DisplayItem {
  return { hash, size: Number(size), mime: mime.toLowerCase(), name: decodeName(name) };
}

function decodeName(name: string): string {
  const bytes: number[] = [];
  for (const [piece] of name.matchAll(/%[0-9A-Fa-f]{2}|[^]/g))
    bytes.push(piece.length === 3 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0));
  // A name must stay one line, whatever was put into it.
  return decodeUtf8Lossy(Uint8Array.from(bytes)).replaceAll(/\p{Cc}/gu, "\uFFFD");
}

/** The blobs that this output shows, each once. */
export function displayBlobs(text: string): BlobRef[] {
  const found = new Map<string, BlobRef>();
  for (const { hash, size } of displaysIn(text)) {
    if (found.size === namedDisplays) break;
    found.set(hash, { hash, size });
  }
  return [...found.values()];
}

const escape = 0x1b;
const bell = 0x07;

/** Leaves out what a cut has left of a marker: at the end of a head, at the start of a tail. */
export function trimToMarkers(excerpt: Excerpt): Excerpt {
  const { head, lead, tail, omitted } = excerpt;
  if (omitted === 0) return excerpt;
  const end = openMarker(head, tail.subarray(0, 0)) ?? head.length;
  let start = 0;
  if (openMarker(lead, tail) !== undefined)
    start = tail.subarray(0, longestMarker).findIndex((byte) => byte === bell) + 1;
  return {
    head: head.subarray(0, end),
    lead,
    tail: tail.subarray(start),
    omitted: omitted + head.length - end + start,
  };
}

/** Where in `bytes` a marker begins that does not end there; `next` comes behind them, or may be unknown. */
function openMarker(bytes: Uint8Array, next: Uint8Array): number | undefined {
  const first = Math.max(0, bytes.length - longestMarker);
  const at = bytes.lastIndexOf(escape);
  if (at < first || bytes.indexOf(bell, at) >= 0) return undefined;
  for (let index = 0; index < openingBytes.length; index++) {
    const known = bytes.length - at;
    const byte = index < known ? bytes[at + index] : next[index - known];
    if (byte === undefined) break;
    if (byte !== openingBytes[index]) return undefined;
  }
  return at;
}
