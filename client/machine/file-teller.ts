// Tells people of files of Linux that are on their way or cannot be had: in the output of the task that wants them, and
// to the page. A program asks for one file several times before it gives up; it is said once.

import type { FsError } from "#core/base/errno.ts";
import type { FileWatch, ImageFile } from "#machine/product/file-news.ts";
import type { Askers } from "./askers.ts";
import { missingFileWords } from "./missing-file.ts";

export type FileNews =
  /** Bytes that come; all of them: it is there. */
  | { readonly kind: "fetching"; readonly path: string; readonly loaded: number; readonly total: number }
  | { readonly kind: "missing"; readonly path: string; readonly sentence: string };

/** Milliseconds within which the same sentence is about the same wish. */
const sameWish = 2000;

export class FileTeller implements FileWatch {
  readonly #askers: Askers;
  readonly #onNews: (news: FileNews) => void;
  /** When each sentence was said last. */
  readonly #said = new Map<string, number>();

  constructor(askers: Askers, onNews: (news: FileNews) => void) {
    this.#askers = askers;
    this.#onNews = onNews;
  }

  fetching({ path }: ImageFile, loaded: number, total: number): void {
    this.#onNews({ kind: "fetching", path, loaded, total });
  }

  missing(file: ImageFile, error: FsError, started: boolean): void {
    const sentence = missingFileWords(file, error, started);
    const now = Date.now();
    const before = this.#said.get(sentence);
    this.#said.set(sentence, now);
    if (before !== undefined && now - before < sameWish) return;
    this.#askers.tell(sentence);
    this.#onNews({ kind: "missing", path: file.path, sentence });
  }
}
