// What the image's files have to say while somebody wants them: that they are on their way, or cannot be had.

import type { FsError } from "#core/base/errno.ts";

/** A file of the image. */
export interface ImageFile {
  /** Absolute. */
  readonly path: string;
  /** It can be executed, and is no library. */
  readonly program: boolean;
}

export interface FileWatch {
  /** Somebody waits for its packs; called again as they come. Bytes as they are fetched; all of them: it is there. */
  fetching(file: ImageFile, loaded: number, total: number): void;
  /** Whoever wanted it gets the error. `started`: it had been opened, and lacks what is needed only now. */
  missing(file: ImageFile, error: FsError, started: boolean): void;
}

/** The same for people. */
export type FileNews =
  /** Bytes that come; all of them: it is there. */
  | { readonly kind: "fetching"; readonly path: string; readonly loaded: number; readonly total: number }
  | { readonly kind: "missing"; readonly path: string; readonly sentence: string };
