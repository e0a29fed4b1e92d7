// Tells people of files of Linux that are on their way or cannot be had: in the output of the task that wants them, and
// to the page. A program asks for one file several times before it gives up; it is said once.

import type { FsError } from "#core/base/errno.ts";
import type { FileNews, FileWatch, ImageFile } from "#machine/product/file-news.ts";
import type { ShownTasks } from "./shown-tasks.ts";
import { missingFileWords } from "./missing-file.ts";

/** Milliseconds within which the same sentence is about the same wish. */
const sameWish = 2000;

export class FileNotices implements FileWatch {
  readonly #shown: ShownTasks;
  readonly #onNews: (news: FileNews) => void;
  /** When each sentence was said last. */
  readonly #said = new Map<string, number>();

  constructor(shown: ShownTasks, onNews: (news: FileNews) => void) {
    this.#shown = shown;
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
    this.#shown.tell(sentence);
    this.#onNews({ kind: "missing", path: file.path, sentence });
  }
}
