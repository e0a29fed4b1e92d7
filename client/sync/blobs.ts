// Blobs over HTTP with a memory in front: resident ones at once, uploads in the background until they succeed.

import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import { hashBytes, type BlobRef, type BlobStore } from "#core/project/blobs.ts";
import { receiveBytes, sendBytes, type BlobRequest, type BlobTransfer } from "./blob-transfer.ts";
import type { BlobKeeper } from "./local-copy.ts";

export interface HttpBlobOptions {
  /** Address of the project's blobs, without a slash at the end. */
  readonly url: string;
  readonly token: string;
  /** Where blobs outlive the tab. */
  readonly keeper?: BlobKeeper;
}

/** What is uploaded may be dropped from memory when more than this is resident. */
const residentBytes = 192 * 1024 * 1024;
const parallelUploads = 3;
const firstRetryMilliseconds = 300;
const longestRetryMilliseconds = 10_000;
/** A colleague's document may name a blob that is still on its way up: asked again this often. */
const downloadAttempts = 8;

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function backoff(attempt: number): number {
  return Math.min(firstRetryMilliseconds * 2 ** attempt, longestRetryMilliseconds);
}

export class HttpBlobStore implements BlobStore {
  readonly #options: HttpBlobOptions;
  /** In the order of last use, oldest first. */
  readonly #resident = new Map<string, Uint8Array>();
  /** Without bytes where the keeper has them. */
  readonly #pending = new Map<string, Uint8Array | undefined>();
  readonly #queue: string[] = [];
  readonly #loading = new Map<string, Promise<Uint8Array>>();
  readonly #changed = new Emitter<number>();
  readonly #transfers = new Emitter<BlobTransfer>();
  readonly #abort = new AbortController();
  #bytes = 0;
  #uploading = 0;

  constructor(options: HttpBlobOptions) {
    this.#options = options;
    for (const hash of options.keeper?.held ?? []) {
      this.#pending.set(hash, undefined);
      this.#queue.push(hash);
    }
    this.#uploadMore();
  }

  /** Blobs that only exist here so far. */
  get pending(): number {
    return this.#pending.size;
  }

  onPending(listener: (pending: number) => void): Disposer {
    return this.#changed.on(listener);
  }

  /** How the blobs that go up and come down are doing. */
  onTransfer(listener: (transfer: BlobTransfer) => void): Disposer {
    return this.#transfers.on(listener);
  }

  get(ref: BlobRef): Uint8Array | Promise<Uint8Array> {
    const bytes = this.#pending.get(ref.hash) ?? this.#resident.get(ref.hash);
    if (bytes !== undefined) {
      if (this.#resident.delete(ref.hash)) this.#resident.set(ref.hash, bytes);
      return bytes;
    }
    let loading = this.#loading.get(ref.hash);
    if (loading === undefined) {
      loading = this.#load(ref).finally(() => this.#loading.delete(ref.hash));
      this.#loading.set(ref.hash, loading);
    }
    return loading;
  }

  put(bytes: Uint8Array): BlobRef {
    const hash = hashBytes(bytes);
    if (!this.#pending.has(hash) && !this.#resident.has(hash)) {
      const own = bytes.slice();
      this.#pending.set(hash, own);
      this.#options.keeper?.hold(hash, own);
      this.#queue.push(hash);
      this.#changed.emit(this.#pending.size);
      this.#uploadMore();
    }
    return { hash, size: bytes.length };
  }

  destroy(): void {
    this.#abort.abort();
    this.#queue.length = 0;
  }

  #keep(hash: string, bytes: Uint8Array): void {
    this.#resident.set(hash, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, old] of this.#resident) {
      if (this.#bytes <= residentBytes || oldest === hash) break;
      this.#resident.delete(oldest);
      this.#bytes -= old.length;
    }
  }

  async #load(ref: BlobRef): Promise<Uint8Array> {
    const kept = await this.#options.keeper?.read(ref.hash);
    if (kept === undefined) return await this.#download(ref);
    this.#keep(ref.hash, kept);
    return kept;
  }

  async #download(ref: BlobRef): Promise<Uint8Array> {
    let problem = "the server cannot be reached";
    for (let attempt = 0; attempt < downloadAttempts; attempt++) {
      if (attempt > 0) await sleep(backoff(attempt - 1));
      if (this.#abort.signal.aborted) break;
      try {
        const { url, token, signal } = this.#request(ref.hash);
        const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, signal });
        if (response.ok) {
          const bytes = await receiveBytes(response, ref.size, (loaded) => {
            this.#tell({ hash: ref.hash, direction: "down", loaded, total: ref.size, state: "going" });
          });
          this.#tell({ hash: ref.hash, direction: "down", loaded: ref.size, total: ref.size, state: "done" });
          if (hashBytes(bytes) === ref.hash) {
            this.#keep(ref.hash, bytes);
            this.#options.keeper?.keep(ref.hash, bytes);
            return bytes;
          }
          problem = "it arrived damaged";
        } else if (response.status === 404) problem = "it has not arrived at the server yet";
        else if (response.status < 500) {
          problem = `the server refuses it (${response.status})`;
          break;
        }
      } catch {
        problem = "the server cannot be reached";
      }
      this.#tell({ hash: ref.hash, direction: "down", loaded: 0, total: ref.size, state: "waiting" });
    }
    throw new FsError("EIO", `the content of a file cannot be fetched: ${problem}`);
  }

  #uploadMore(): void {
    while (this.#uploading < parallelUploads) {
      const hash = this.#queue.shift();
      if (hash === undefined) return;
      this.#uploading++;
      void this.#upload(hash).finally(() => {
        this.#uploading--;
        this.#uploadMore();
      });
    }
  }

  /** Goes on until the server has it: what cannot be uploaded stays pending, and is shown as unsaved. */
  async #upload(hash: string): Promise<void> {
    const bytes = this.#pending.get(hash) ?? (await this.#options.keeper?.read(hash));
    if (bytes === undefined) {
      // Taken away by the browser: there is nothing left to wait for.
      this.#uploaded(hash);
      return;
    }
    for (let attempt = 0; !this.#abort.signal.aborted; attempt++) {
      try {
        const status = await sendBytes(this.#request(hash), bytes, (loaded) => {
          this.#tell({ hash, direction: "up", loaded, total: bytes.length, state: "going" });
        });
        const ok = status >= 200 && status < 300;
        // Too large, or not allowed to us: asking again changes nothing.
        const refused = !ok && status < 500 && status !== 429;
        this.#tell({
          hash,
          direction: "up",
          loaded: 0,
          total: bytes.length,
          state: ok || refused ? "done" : "waiting",
        });
        if (ok) {
          this.#keep(hash, bytes);
          this.#uploaded(hash);
        }
        if (ok || refused) return;
      } catch {
        // No network, or the page goes away: the loop looks which.
        this.#tell({ hash, direction: "up", loaded: 0, total: bytes.length, state: "waiting" });
      }
      await sleep(backoff(attempt));
    }
  }

  #request(hash: string): BlobRequest {
    const { url, token } = this.#options;
    return { url: `${url}/${hash}`, token, signal: this.#abort.signal };
  }

  #tell(transfer: BlobTransfer): void {
    this.#transfers.emit(transfer);
  }

  #uploaded(hash: string): void {
    this.#pending.delete(hash);
    this.#options.keeper?.release(hash);
    this.#changed.emit(this.#pending.size);
  }
}
