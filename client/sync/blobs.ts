// Blobs over HTTP with a memory in front: resident ones at once, uploads in the background until they succeed.

import type { Clock } from "#core/base/clock.ts";
import { ownBytes } from "#core/base/bytes.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import { LruCache } from "#core/base/lru-cache.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { hashBytes, type BlobRef, type BlobStore } from "#core/project/blobs.ts";
import { blobLimit, blobPartBytes } from "#core/project/limits.ts";
import { asBlobRef } from "#core/project/schema.ts";
import {
  askMissing,
  mostAsked,
  receiveRest,
  sendBytes,
  sendInParts,
  type BlobRequest,
  type BlobTransfer,
  type Received,
} from "./blob-transfer.ts";
import { unreachable, type UploadAnswer } from "./blob-answer.ts";
import type { BlobKeeper } from "./local-copy.ts";

export interface HttpBlobOptions {
  readonly clock?: Clock;
  /** Address of the project's blobs, without a slash at the end. */
  readonly url: string;
  /** One that holds now. */
  readonly token: () => Promise<string>;
  /** False: what is put stays here. */
  readonly mayUpload?: () => boolean;
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
/** What is known to be at the server for longer may have been deleted there since, as nobody needed it. */
const trustMilliseconds = 60 * 60 * 1000;

function backoff(attempt: number): number {
  return Math.min(firstRetryMilliseconds * 2 ** attempt, longestRetryMilliseconds);
}

export class HttpBlobStore implements BlobStore {
  readonly #options: HttpBlobOptions;
  readonly #clock: Clock;
  readonly #resident = new LruCache<string, Uint8Array>({
    limit: residentBytes,
    sizeOf: ({ length }) => length,
    onDrop: (hash) => this.#seen.delete(hash),
  });
  /** Put by somebody who may not upload. */
  readonly #own = new Map<string, Uint8Array>();
  /** When a resident blob was last known to be at the server. */
  readonly #seen = new Map<string, number>();
  /** Without bytes where the keeper has them. */
  readonly #pending = new Map<string, Uint8Array | undefined>();
  readonly #queue: string[] = [];
  readonly #loading = new Map<string, Promise<Uint8Array>>();
  readonly #changed = new Emitter<number>();
  readonly #transfers = new Emitter<BlobTransfer>();
  readonly #abort = new AbortController();
  /** What goes up now, to be stopped. */
  readonly #uploads = new Map<string, AbortController>();
  /** Attempts that wait for their time. */
  readonly #sleepers = new Set<() => void>();

  constructor(options: HttpBlobOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
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

  /** Hashes of those. */
  get waiting(): ReadonlySet<string> {
    return new Set(this.#pending.keys());
  }

  onPending(listener: (pending: number) => void): Disposer {
    return this.#changed.on(listener);
  }

  /** How the blobs that go up and come down are doing. */
  onTransfer(listener: (transfer: BlobTransfer) => void): Disposer {
    return this.#transfers.on(listener);
  }

  get(ref: BlobRef): Uint8Array | Promise<Uint8Array> {
    const bytes = this.#pending.get(ref.hash) ?? this.#own.get(ref.hash) ?? this.#resident.get(ref.hash);
    if (bytes !== undefined) return bytes;
    let loading = this.#loading.get(ref.hash);
    if (loading === undefined) {
      loading = this.#load(ref).finally(() => this.#loading.delete(ref.hash));
      this.#loading.set(ref.hash, loading);
    }
    return loading;
  }

  put(bytes: Uint8Array, hash = hashBytes(bytes)): BlobRef {
    const known = this.#clock.now() - (this.#seen.get(hash) ?? 0) < trustMilliseconds;
    if (this.#options.mayUpload?.() === false) this.#own.set(hash, ownBytes(bytes));
    else if (!this.#pending.has(hash) && !(known && this.#resident.has(hash))) {
      const own = ownBytes(bytes);
      this.#options.keeper?.hold(hash, own);
      this.#send(hash, own);
    }
    return { hash, size: bytes.length };
  }

  /**
   * Of these, which the project needs, the server is given what it no longer has and is here: who comes back after a
   * long time may need what was deleted meanwhile because nobody else did.
   */
  async offer(needed: Iterable<string>): Promise<void> {
    const { keeper } = this.#options;
    const here = [...needed].filter(
      (hash) => !this.#pending.has(hash) && (this.#resident.has(hash) || keeper?.has(hash) === true),
    );
    for (let from = 0; from < here.length; from += mostAsked) {
      const asked = here.slice(from, from + mostAsked);
      const missing = await this.#request("missing")
        .then((request) => askMissing(request, asked))
        .catch(() => []);
      for (const hash of missing) {
        const bytes = this.#resident.get(hash) ?? (await keeper?.read(hash).catch(() => undefined));
        if (bytes === undefined || this.#pending.has(hash)) continue;
        keeper?.hold(hash, bytes);
        this.#send(hash, bytes);
      }
    }
  }

  #send(hash: string, bytes: Uint8Array): void {
    this.#pending.set(hash, bytes);
    this.#queue.push(hash);
    this.#changed.emit(this.#pending.size);
    this.#uploadMore();
  }

  /** Nobody wants it at the server any more: whatever named it has to go. */
  cancel(hash: string): void {
    if (!this.#pending.has(hash)) return;
    this.#uploads.get(hash)?.abort();
    this.#tell({ hash, direction: "up", loaded: 0, total: 0, state: "stopped" });
    this.#settled(hash);
  }

  /** The server can be reached again: what waits for its next attempt need not wait longer. */
  tryNow(): void {
    for (const wake of this.#sleepers) wake();
  }

  destroy(): void {
    this.#abort.abort();
    this.#queue.length = 0;
    this.tryNow();
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        stop();
        this.#sleepers.delete(wake);
        resolve();
      };
      const stop = this.#clock.after(milliseconds, wake);
      this.#sleepers.add(wake);
    });
  }

  /** `atServer`: just now. */
  #keep(hash: string, bytes: Uint8Array, atServer: boolean): void {
    if (atServer) this.#seen.set(hash, this.#clock.now());
    if (!this.#resident.has(hash)) this.#resident.set(hash, bytes);
  }

  async #load(ref: BlobRef): Promise<Uint8Array> {
    // Any client can write into a document: nothing is allocated for, or asked of the server by, an address that is none.
    if (asBlobRef(ref) === undefined || ref.size > blobLimit)
      throw new FsError("EIO", "the content of a file cannot be fetched: its address is damaged");
    // What this browser does not give, the server may.
    const kept = await this.#options.keeper?.read(ref.hash).catch(() => undefined);
    if (kept === undefined) return await this.#download(ref);
    this.#keep(ref.hash, kept, false);
    return kept;
  }

  async #download({ hash, size }: BlobRef): Promise<Uint8Array> {
    const received: Received = { bytes: new Uint8Array(size), loaded: 0 };
    const tell = (state: BlobTransfer["state"], problem?: string): void =>
      this.#tell({
        hash,
        direction: "down",
        loaded: received.loaded,
        total: size,
        state,
        ...(problem === undefined ? {} : { problem }),
      });
    let problem: string = unreachable.problem;
    for (let attempt = 0; attempt < downloadAttempts; attempt++) {
      if (attempt > 0) await this.#sleep(backoff(attempt - 1));
      if (this.#abort.signal.aborted) break;
      const answer = await this.#request(hash)
        .then((request) => receiveRest(request, received, () => tell("going")))
        .catch(() => undefined);
      if (answer === "complete") {
        const bytes = received.bytes.subarray(0, received.loaded);
        if (hashBytes(bytes) === hash) {
          tell("done");
          this.#keep(hash, bytes, true);
          this.#options.keeper?.keep(hash, bytes);
          return bytes;
        }
        received.loaded = 0;
        problem = "it arrived damaged";
      } else if (answer === "absent") problem = "it has not arrived at the server yet";
      else if (answer === "refused") {
        problem = "the server refuses it";
        break;
      } else problem = answer === "failing" ? "the server has a problem" : unreachable.problem;
      tell("waiting", problem);
    }
    tell("refused", problem);
    throw new FsError("EIO", `the content of a file cannot be fetched: ${problem}`);
  }

  #uploadMore(): void {
    while (this.#uploads.size < parallelUploads) {
      const hash = this.#queue.shift();
      if (hash === undefined) return;
      if (!this.#pending.has(hash) || this.#uploads.has(hash)) continue;
      const upload = new AbortController();
      this.#uploads.set(hash, upload);
      void this.#upload(hash, AbortSignal.any([this.#abort.signal, upload.signal])).finally(() => {
        this.#uploads.delete(hash);
        this.#uploadMore();
      });
    }
  }

  /** Goes on until the server has it: what cannot be uploaded stays pending, and is shown as unsaved. */
  async #upload(hash: string, signal: AbortSignal): Promise<void> {
    let loaded = 0;
    let total = 0;
    const tell = (state: BlobTransfer["state"], problem?: string): void => {
      if (signal.aborted) return;
      this.#tell({
        hash,
        direction: "up",
        loaded,
        total,
        state,
        ...(problem === undefined ? {} : { problem }),
      });
    };
    for (let attempt = 0; !signal.aborted; attempt++) {
      let problem = "this browser's storage does not answer";
      try {
        const bytes = this.#pending.get(hash) ?? (await this.#options.keeper?.read(hash));
        if (bytes === undefined) {
          tell("refused", "this browser has removed it before it was saved");
          return this.#settled(hash);
        }
        total = bytes.length;
        const answer = await this.#sendOnce(hash, bytes, signal, (passed) => {
          loaded = passed;
          tell("going");
        });
        if (signal.aborted) return;
        if (answer.kind === "stored") {
          loaded = total;
          tell("done");
          this.#keep(hash, bytes, true);
          return this.#settled(hash);
        }
        ({ problem } = answer);
        if (answer.kind === "refused") return tell("refused", problem);
      } catch {
        // As `problem` says: the bytes could not be read.
      }
      tell("waiting", problem);
      await this.#sleep(backoff(attempt));
    }
  }

  /** No answer: no network, or the page goes away, which the caller looks at. */
  async #sendOnce(
    hash: string,
    bytes: Uint8Array,
    signal: AbortSignal,
    onProgress: (loaded: number) => void,
  ): Promise<UploadAnswer> {
    const send = bytes.length > blobPartBytes ? sendInParts : sendBytes;
    try {
      return await send({ ...(await this.#request(hash)), signal }, bytes, onProgress);
    } catch {
      return unreachable;
    }
  }

  async #request(hash: string): Promise<BlobRequest> {
    const { url, token } = this.#options;
    const signal = this.#abort.signal;
    return { clock: this.#clock, url: `${url}/${hash}`, token: await token(), signal };
  }

  #tell(transfer: BlobTransfer): void {
    this.#transfers.emit(transfer);
  }

  /** It is at the server, or nobody waits for that any more. */
  #settled(hash: string): void {
    this.#pending.delete(hash);
    this.#options.keeper?.release(hash);
    this.#changed.emit(this.#pending.size);
  }
}
