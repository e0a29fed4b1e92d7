// Deletes the blobs that nothing in a project has needed for a while. Runs in the project's room, which sees every
// reference; knows the bucket, and no sockets.

import type { BlobMarks } from "./marks.ts";
import { blobPrefix, partPrefix } from "./keys.ts";

export interface BlobCollectorOptions {
  readonly project: string;
  readonly bucket: Pick<R2Bucket, "list" | "delete">;
  readonly marks: BlobMarks;
  /** What the project needs now. */
  readonly referenced: () => Promise<ReadonlySet<string>>;
  /** How long nobody must have needed what is deleted. */
  readonly graceMilliseconds: number;
  readonly now: () => number;
}

export class BlobCollector {
  readonly #options: BlobCollectorOptions;
  /** Blobs on their way out. */
  readonly #deleting = new Map<string, Promise<void>>();

  constructor(options: BlobCollectorOptions) {
    this.#options = options;
  }

  /**
   * Somebody is about to rely on the blob: its time begins anew. When this settles, it is either there for that time or
   * gone; so whoever looks afterwards whether it is there is not deceived.
   */
  async touch(hash: string): Promise<void> {
    this.#options.marks.remove(hash);
    await this.#deleting.get(hash);
  }

  /** Marks, and deletes what has been marked for long enough. True where something is left that may have to go later. */
  async collect(): Promise<boolean> {
    const { project, bucket, marks, graceMilliseconds, now } = this.#options;
    const needed = await this.#options.referenced();
    const due: string[] = [];
    let waiting = false;
    for await (const { key } of this.#list(blobPrefix(project))) {
      const hash = key.slice(blobPrefix(project).length);
      const since = marks.since(hash);
      if (needed.has(hash)) {
        if (since !== undefined) marks.remove(hash);
      } else if (since === undefined) {
        marks.set(hash, now());
        waiting = true;
      } else if (now() - since >= graceMilliseconds) due.push(hash);
      else waiting = true;
    }
    // Listing takes its time, in which the project goes on.
    const neededNow = due.length === 0 ? needed : await this.#options.referenced();
    for (const hash of due) {
      if (neededNow.has(hash) || marks.since(hash) === undefined) waiting = true;
      else await this.#delete(hash, `${blobPrefix(project)}${hash}`);
    }
    for await (const { key, uploaded } of this.#list(partPrefix(project))) {
      if (now() - uploaded.getTime() >= graceMilliseconds) await bucket.delete(key);
      else waiting = true;
    }
    return waiting;
  }

  async #delete(hash: string, key: string): Promise<void> {
    const deleting = this.#options.bucket.delete(key).finally(() => this.#deleting.delete(hash));
    this.#deleting.set(hash, deleting);
    await deleting;
    this.#options.marks.remove(hash);
  }

  async *#list(prefix: string): AsyncGenerator<R2Object> {
    let cursor: string | undefined;
    do {
      const page = await this.#options.bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
      yield* page.objects;
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
  }
}
