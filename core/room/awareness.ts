// Awareness updates of y-protocols as plain entries: read and write pairs. Keeps no state.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { maxAwarenessEntries } from "./limits.ts";

export interface AwarenessEntry {
  readonly client: number;
  readonly clock: number;
  /** JSON: an object, or null for who has left. */
  readonly state: string;
}

export function readAwareness(update: Uint8Array): AwarenessEntry[] {
  const decoder = decoding.createDecoder(update);
  const count = decoding.readVarUint(decoder);
  if (count > maxAwarenessEntries) throw new Error(`${count} awareness states in one message`);
  const entries: AwarenessEntry[] = [];
  for (let index = 0; index < count; index++) {
    const client = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    entries.push({ client, clock, state: decoding.readVarString(decoder) });
  }
  return entries;
}

export function writeAwareness(entries: readonly AwarenessEntry[]): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  for (const { client, clock, state } of entries) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, state);
  }
  return encoding.toUint8Array(encoder);
}
