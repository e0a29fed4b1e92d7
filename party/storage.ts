// What a room needs to keep: a log of updates and a few named values. Implementations beside this file;
// they share one contract suite. Knows nothing of Yjs.

import type { MaybePromise } from "./host.ts";

export interface RoomStorage {
  /** The named values; empty where nothing was ever stored. Writes nothing. */
  readMeta(): MaybePromise<ReadonlyMap<string, string>>;
  /** Everything that was appended and not replaced, whole and in order. */
  readUpdates(): MaybePromise<readonly Uint8Array[]>;
  /** Durable when it settles; the update and the values are stored together or not at all. */
  append(update: Uint8Array, meta?: Readonly<Record<string, string>>): MaybePromise<void>;
  /** Durable when it settles. Undefined takes a value away. */
  writeMeta(meta: Readonly<Record<string, string | undefined>>): MaybePromise<void>;
  /** Replaces all that was appended by one update, together or not at all. */
  replace(snapshot: Uint8Array): MaybePromise<void>;
}

/** Cuts what is longer than a row may be. Nothing is cut into one empty piece. */
export function cutPieces(bytes: Uint8Array, pieceBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  do {
    pieces.push(bytes.subarray(from, from + pieceBytes));
    from += pieceBytes;
  } while (from < bytes.length);
  return pieces;
}
