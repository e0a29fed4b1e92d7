// How much one project may hold, so that everybody's replica stays quick to load.

/** Measured: 10,000 files with 29 MB of text load in 0.2 s. */
export const nodeLimit = 50_000;

/** UTF-16 units of all texts together, trash included; beyond, new text is stored as bytes. */
export const textTotalLimit = 32 * 1024 * 1024;

/** Losing or overwritten contents that a bytes file remembers. */
export const historyLimit = 8;

/** Bytes of one file: a guest has not the memory for more. */
export const blobLimit = 512 * 1024 * 1024;

/** What everybody says of a file that is larger. */
export const fileLimitWords = `a file has at most ${blobLimit / 1024 / 1024} MiB`;

/** Blobs larger than this travel in parts of this size, so that a line that breaks costs one part at most. */
export const blobPartBytes = 4 * 1024 * 1024;

/** Value of one extended attribute, and all their names and values on one node. */
export const xattrLimitBytes = 4096;
