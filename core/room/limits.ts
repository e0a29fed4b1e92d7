// Every limit that a room imposes, in one place. A client that meets one is told which.

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** Longest message of a participant, after its parts are put together: a project's first upload fits. */
export const maxMessageBytes = 32 * mebibyte;
/** Our client cuts messages into parts of this size: the smallest frame limit of the hosts (PartyKit's 1 MiB), with room for the header. */
export const partBytes = mebibyte - kibibyte;
/** The document with its history of edits: a room holds it in 128 MB of memory. */
export const maxDocumentBytes = 64 * mebibyte;
/** One person's awareness state as JSON: cursors, place, open terminals. */
export const maxAwarenessBytes = 16 * kibibyte;
/** Names of clients in one awareness message; a stock client repeats everybody it knows. */
export const maxAwarenessEntries = 1000;
export const maxConnections = 500;
export const maxNameLength = 40;
export const maxTitleLength = 200;
/** Terminals and running cells that one participant publishes at once. */
export const maxPublishedPerConnection = 64;
export const maxWatchedPerConnection = 256;

/** Sustained messages a second of one participant, and how many may come in one go. */
export const messageRate = { perSecond: 1000, burst: 4000 } as const;
/** Sustained bytes a second of one participant, and how many may come in one go (an offline copy's return). */
export const byteRate = { perSecond: 8 * mebibyte, burst: 96 * mebibyte } as const;

/** Outgoing edits are collected this long into one frame; the first after a pause goes at once. */
export const batchMilliseconds = 4;
/** The log is folded into a snapshot after so many updates … */
export const compactUpdates = 500;
/** … or when it outgrows the snapshot, once it is worth the work. */
export const compactBytes = 256 * kibibyte;
/** After a failed write the store is tried again this often. */
export const storageRetryMilliseconds = 1000;
