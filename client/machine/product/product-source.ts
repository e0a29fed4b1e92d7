// Where a machine gets the files of the built guest from: a folder, a web server.

/** Of which a machine needs some to start and some while it runs. */
export interface ProductSource {
  /** It may be away for a while, so that files are opened whole (PACK-16); a folder of one's own is always there. */
  readonly remote?: true;
  /**
   * The bytes of a file, its name relative to the index. Rejects with a sentence for the user where it cannot be had.
   * `onProgress` hears how many more bytes have come. `fresh`: what is kept of it on the way is damaged.
   */
  read(file: string, onProgress?: (bytes: number) => void, fresh?: boolean): Promise<Uint8Array<ArrayBuffer>>;
  /** The same of a file that is gzip, unpacked on the way. `onProgress` hears of what comes. */
  unpack(file: string, onProgress?: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>>;
}
