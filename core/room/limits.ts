// Every limit that a room imposes, in one place. A client that meets one is told which.

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** Longest message of a participant, after its parts are put together: a project's first upload fits. */
export const maxMessageBytes = 32 * mebibyte;
/**
 * Our client cuts messages into parts of this size: below the smallest frame limit of the hosts (PartyKit's 1 MiB), and
 * so small that on the slowest line one arrives before the room takes the silence for an end.
 */
export const partBytes = 128 * kibibyte;
/** The document with its history of edits: a room holds it in 128 MB of memory. */
export const maxDocumentBytes = 64 * mebibyte;
/** One person's awareness state as JSON: cursors, place, open terminals. */
export const maxAwarenessBytes = 16 * kibibyte;
/** Names of clients in one awareness message; a stock client repeats everybody it knows. */
export const maxAwarenessEntries = 1000;
export const maxConnections = 500;
/** Of these places, the last are for owners: a room that somebody has filled up can be emptied. */
export const ownersPlaces = 20;
export const maxNameLength = 40;
export const maxTitleLength = 200;
/** Terminals and running cells that one participant publishes at once. */
export const maxPublishedPerConnection = 64;
/** What is typed, or pasted, into somebody else's terminal in one message. */
export const maxInputBytes = 64 * kibibyte;
export const maxWatchedPerConnection = 256;

/** Sustained messages a second of one participant, and how many may come in one go. */
export const messageRate = { perSecond: 1000, burst: 4000 } as const;
/** Sustained bytes a second of one participant, and how many may come in one go (an offline copy's return). */
export const byteRate = { perSecond: 8 * mebibyte, burst: 96 * mebibyte } as const;

/**
 * Edits: our client sends at most 125 a second, a stock client one for every change. They are written down together,
 * so what they cost others is the work of merging them, some hundredths of a millisecond each.
 */
export const editRate = { perSecond: 500, burst: 2000 } as const;
/** Questions that cost the room or a publisher much to answer: the document, who is here, a channel's screen. */
export const questionRate = { perSecond: 20, burst: 600 } as const;
/** Whole answers about the document, in bytes: a client that comes back asks for little. */
export const answerRate = { perSecond: 4 * mebibyte, burst: 160 * mebibyte } as const;
/** Pieces (Yjs structs and deleted ranges) of the edits of one participant: about a microsecond each to integrate. */
export const pieceRate = { perSecond: 100_000, burst: 2_000_000 } as const;
/** The most pieces of one edit. A project with all the files it may have is less. */
export const maxUpdatePieces = 1_000_000;
/**
 * Work of reconciling files that changed their kind, for everybody together, in what a slow machine does in a
 * microsecond (core/project/reconcile-work.ts): at most a quarter of the room's time. What there is no time for is reconciled with a later edit.
 */
export const reconcileRate = { perSecond: 250_000, burst: 20_000_000 } as const;
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

/** Edits are collected this long into one write, and what the room says into one frame; the first after a pause goes at once … */
export const batchMilliseconds = 4;
/** … longer the more there are to tell it to: with 250 people, 40 messages a second to each instead of 250 … */
export const batchMillisecondsPerConnection = 0.1;
/** … and what is as large as this waits for nothing more. */
export const maxBatchBytes = mebibyte;
/** The log is folded into a snapshot after so many updates … */
export const compactUpdates = 500;
/** … or when it outgrows the snapshot, once it is worth the work. */
export const compactBytes = 256 * kibibyte;
/** The room keeps what it knows of all files for so long after it has last looked at one: some hundred bytes each. */
export const replicaIdleMilliseconds = 60_000;
/** After a failed write the store is tried again after so long, and twice as long each time … */
export const storageRetryMilliseconds = 1000;
/** … at most: each try may cost everybody their line on a host that ends a room whose write fails. */
export const longestRetryMilliseconds = 16_000;

/** While something happens in a room, it looks this often who is silent … */
export const heartbeatMilliseconds = 2000;
/** … asks whoever has been so for so long (our client pings every five seconds) … */
export const silenceMilliseconds = 6000;
/** … of stock clients whoever has not even renewed his awareness twice … */
export const stockSilenceMilliseconds = 31_000;
/** … and gives up who does not answer that: a ghost is not as bad as a slow line that is cut again and again. */
export const answerMilliseconds = 15_000;
/** Whose line fell without a word is shown for so long: a line that is put up again at once makes nobody flicker. */
export const lingerMilliseconds = 3000;
