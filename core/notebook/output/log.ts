// A program's output kept within bounds: the first bytes and the last ones, and how much was between.
// Knows nothing of text, of runs or of channels.

import { concatBytes, emptyBytes } from "#core/base/bytes.ts";

export interface Excerpt {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** Some of what comes right before the tail: to tell in the middle of what it begins. */
  readonly lead: Uint8Array;
  /** Bytes between head and tail. */
  readonly omitted: number;
}

/** More than any sequence that is looked for is long. */
const leadBytes = 1024;

export class OutputLog {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Uint8Array[] = [];
  #headLength = 0;
  #tail: Uint8Array[] = [];
  #tailLength = 0;
  #length = 0;

  constructor(headLimit: number, tailLimit: number) {
    this.#headLimit = headLimit;
    this.#tailLimit = tailLimit;
  }

  /** Bytes appended so far, kept or not. */
  get length(): number {
    return this.#length;
  }

  append(data: Uint8Array): void {
    this.#length += data.length;
    const intoHead = Math.min(data.length, this.#headLimit - this.#headLength);
    if (intoHead > 0) {
      this.#head.push(data.slice(0, intoHead));
      this.#headLength += intoHead;
    }
    if (intoHead === data.length) return;
    this.#tail.push(data.slice(intoHead));
    this.#tailLength += data.length - intoHead;
    // Trimmed at twice the limit, so that every byte is copied about once.
    if (this.#tailLength > 2 * this.#tailLimit) {
      this.#tail = [lastBytes(concatBytes(this.#tail), this.#tailLimit)];
      this.#tailLength = this.#tailLimit;
    }
  }

  /** At most so many bytes of the beginning and of the end; in one piece, as head, where all of it fits. */
  excerpt(headLimit: number, tailLimit: number): Excerpt {
    const head = concatBytes(this.#head);
    const kept = concatBytes(this.#tail);
    const tail = lastBytes(kept, this.#tailLimit);
    if (this.#length <= headLimit + tailLimit && head.length + tail.length === this.#length)
      return { head: concatBytes([head, tail]), lead: emptyBytes, tail: emptyBytes, omitted: 0 };
    const first = head.subarray(0, headLimit);
    const last = lastBytes(concatBytes([head.subarray(first.length), tail]), tailLimit);
    // Nothing from before a gap.
    const before = head.length + kept.length === this.#length ? concatBytes([head, kept]) : kept;
    const lead = lastBytes(before.subarray(0, before.length - last.length), leadBytes);
    return { head: first, lead, tail: last, omitted: this.#length - first.length - last.length };
  }
}

function lastBytes(bytes: Uint8Array, count: number): Uint8Array {
  return bytes.length <= count ? bytes : bytes.slice(bytes.length - count);
}

/** Cuts incomplete UTF-8 characters off: at the end of a head, at the start of a tail. */
export function trimToCharacters(excerpt: Excerpt): Excerpt {
  const { head, lead, tail, omitted } = excerpt;
  if (omitted === 0) return excerpt;
  let end = head.length;
  // A character has at most four bytes: its first byte is among the last four.
  for (let back = 1; back <= 4 && back <= head.length; back++) {
    const byte = head[head.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (length > back) end = head.length - back;
    break;
  }
  let start = 0;
  while (start < 4 && start < tail.length && ((tail[start] ?? 0) & 0xc0) === 0x80) start++;
  return {
    head: head.subarray(0, end),
    lead: concatBytes([lead, tail.subarray(0, start)]),
    tail: tail.subarray(start),
    omitted: omitted + head.length - end + start,
  };
}
