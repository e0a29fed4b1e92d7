// Ids of nodes: unique without asking anybody, and ascending in time, so that of two files that want one name
// the earlier keeps it.

import type { NodeId } from "./schema.ts";

/** 45 bits of randomness against ids made in the same millisecond. */
const randomCharacters = 9;
const alphabet = "0123456789abcdefghijklmnopqrstuv";

export function newNodeId(now: () => number): () => NodeId {
  return () => {
    // Nine characters of base 36 last beyond the year 5000.
    const time = Math.max(0, Math.floor(now())).toString(36).padStart(9, "0");
    const random = crypto.getRandomValues(new Uint8Array(randomCharacters));
    let id = time;
    for (const byte of random) id += alphabet[byte & 31];
    return id;
  };
}
