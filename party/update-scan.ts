// What an update holds, without integrating it: which structs of whom, and what it deletes. Reads the bytes once and
// keeps a few numbers per client, so that an update of millions of crumbs is refused before it costs memory.

import * as decoding from "lib0/decoding";

/** Clocks from `from` up to, but without, `to`. */
interface ClockRange {
  readonly from: number;
  readonly to: number;
}

export interface UpdateScan {
  /** What it brings of each client, in order; what the sender left out is not in it. */
  readonly structs: ReadonlyMap<number, readonly ClockRange[]>;
  readonly deletions: ReadonlyMap<number, readonly ClockRange[]>;
  /** How many pieces it consists of: what it costs to integrate. */
  readonly pieces: number;
}

/** The update is whole, but consists of more pieces than the reader wants to count. */
export class TooManyPieces extends Error {}

const kindBits = 31;
const garbage = 0;
const skip = 10;
const hasLeft = 0x80;
const hasRight = 0x40;
const hasKey = 0x20;

/** Throws where the bytes are no update, and `TooManyPieces` where it is too fine. */
export function scanUpdate(update: Uint8Array, maxPieces: number): UpdateScan {
  const decoder = decoding.createDecoder(update);
  let pieces = 0;
  const count = (amount: number): void => {
    pieces += amount;
    if (pieces > maxPieces) throw new TooManyPieces(`more than ${maxPieces} pieces`);
  };
  const structs = new Map<number, ClockRange[]>();
  for (let clients = decoding.readVarUint(decoder); clients > 0; clients--) {
    let left = decoding.readVarUint(decoder);
    const client = decoding.readVarUint(decoder);
    let clock = decoding.readVarUint(decoder);
    const ranges = listOf(structs, client);
    for (; left > 0; left--) {
      const info = decoding.readUint8(decoder);
      const kind = info & kindBits;
      if (kind === skip && info !== skip) throw new Error("a gap with a neighbour");
      const length =
        kind === skip || kind === garbage ? decoding.readVarUint(decoder) : skipItem(decoder, info, count);
      count(1);
      const to = clock + length;
      if (!Number.isSafeInteger(to)) throw new Error("a clock is out of range");
      if (kind !== skip && length > 0) extend(ranges, clock, to);
      clock = to;
    }
  }
  const deletions = new Map<number, ClockRange[]>();
  for (let clients = decoding.readVarUint(decoder); clients > 0; clients--) {
    const ranges = listOf(deletions, decoding.readVarUint(decoder));
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const from = decoding.readVarUint(decoder);
      const length = decoding.readVarUint(decoder);
      count(1);
      if (length > 0) extend(ranges, from, from + length);
    }
  }
  return { structs, deletions, pieces };
}

function listOf(map: Map<number, ClockRange[]>, client: number): ClockRange[] {
  let list = map.get(client);
  if (list === undefined) map.set(client, (list = []));
  return list;
}

function extend(ranges: ClockRange[], from: number, to: number): void {
  const last = ranges.at(-1);
  if (last !== undefined && last.to === from) ranges[ranges.length - 1] = { from: last.from, to };
  else ranges.push({ from, to });
}

function skipId(decoder: decoding.Decoder): void {
  decoding.readVarUint(decoder);
  decoding.readVarUint(decoder);
}

function skipBytes(decoder: decoding.Decoder): void {
  decoding.readVarUint8Array(decoder);
}

/** Read, not passed over: bytes that are no text would be found out only later, by everybody. */
function skipString(decoder: decoding.Decoder): void {
  decoding.readVarString(decoder);
}

function skipJson(decoder: decoding.Decoder): void {
  JSON.parse(decoding.readVarString(decoder));
}

/** Passes over an item as Yjs writes it (version 1); its length in clocks. */
function skipItem(decoder: decoding.Decoder, info: number, count: (amount: number) => void): number {
  if ((info & hasLeft) !== 0) skipId(decoder);
  if ((info & hasRight) !== 0) skipId(decoder);
  if ((info & (hasLeft | hasRight)) === 0) {
    if (decoding.readVarUint(decoder) === 1) skipString(decoder);
    else skipId(decoder);
    if ((info & hasKey) !== 0) skipString(decoder);
  }
  return skipContent(decoder, info & kindBits, count);
}

function skipContent(decoder: decoding.Decoder, kind: number, count: (amount: number) => void): number {
  switch (kind) {
    case 1: // deleted
      return decoding.readVarUint(decoder);
    case 2: {
      // JSON, of old documents
      const length = decoding.readVarUint(decoder);
      count(length);
      for (let left = length; left > 0; left--) {
        const json = decoding.readVarString(decoder);
        if (json !== "undefined") JSON.parse(json);
      }
      return length;
    }
    case 3: // bytes
      skipBytes(decoder);
      return 1;
    case 5: // embedded JSON
      skipJson(decoder);
      return 1;
    case 4: // text, in UTF-16 units
      return decoding.readVarString(decoder).length;
    case 6: // a format's name and value
      skipString(decoder);
      skipJson(decoder);
      return 1;
    case 7: {
      const type = decoding.readVarUint(decoder);
      // Elements and hooks of XML have names.
      if (type === 3 || type === 5) skipString(decoder);
      if (type > 6) throw new Error(`shared type ${type} is unknown`);
      return 1;
    }
    case 8: {
      const length = decoding.readVarUint(decoder);
      count(length);
      for (let left = length; left > 0; left--) decoding.readAny(decoder);
      return length;
    }
    case 9: {
      // a document within, and its options
      skipString(decoder);
      const options: unknown = decoding.readAny(decoder);
      if (typeof options !== "object" || options === null) throw new Error("a document has no options");
      return 1;
    }
    default:
      throw new Error(`content ${kind} is unknown`);
  }
}
