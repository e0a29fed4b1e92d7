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

/**
 * Edits, each of which is written down by itself: our client sends at most 125 a second. While workerd commits one
 * write after the other it sends nothing to anybody, so a burst is how long everybody may have to wait (some
 * milliseconds each on a busy disk); a stock client that is faster is sent away and comes back with one message.
 */
export const editRate = { perSecond: 150, burst: 250 } as const;
/** Questions that cost the room or a publisher much to answer: the document, who is here, a channel's screen. */
export const questionRate = { perSecond: 20, burst: 600 } as const;
/** Whole answers about the document, in bytes: a client that comes back asks for little. */
export const answerRate = { perSecond: 4 * mebibyte, burst: 160 * mebibyte } as const;
/** Pieces (Yjs structs and deleted ranges) of the edits of one participant: about a microsecond each to integrate. */
export const pieceRate = { perSecond: 100_000, burst: 2_000_000 } as const;
/** The most pieces of one edit. A project with all the files it may have is less. */
export const maxUpdatePieces = 1_000_000;
/** One participant's own awareness state in bytes: each goes to everybody. A caret that moves all the time is 60 KiB/s. */
export const awarenessRate = { perSecond: 128 * kibibyte, burst: 2 * mebibyte } as const;
/** Longest JSON of a frame. */
export const maxFrameLength = 4096;
/** Who may not edit is not expected to send more than this as an edit: it is refused unread. */
export const maxIdleUpdateBytes = 64 * kibibyte;
/** Unfinished messages of everybody together; beyond it, the one that has been unfinished longest ends. */
export const maxPendingPartBytes = 2 * maxMessageBytes;

/** After so many bytes a participant is asked to show that it reads … */
export const probeBytes = 2 * mebibyte;
/** … and what it has not read is at most this, beside one message: who stops reading must not fill the room's memory. */
export const maxUnreadBytes = 32 * mebibyte;

/** Outgoing edits are collected this long into one frame; the first after a pause goes at once. */
export const batchMilliseconds = 4;
/** The log is folded into a snapshot after so many updates … */
export const compactUpdates = 500;
/** … or when it outgrows the snapshot, once it is worth the work. */
export const compactBytes = 256 * kibibyte;
/** After a failed write the store is tried again this often. */
export const storageRetryMilliseconds = 1000;
