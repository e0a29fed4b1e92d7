// Two replicas of one document on the two ends of a MessagePort (page and machine worker), and the blobs beside them.
// Both ends run the same code. Knows no socket and no worker.

import * as Y from "yjs";
import { ownBytes } from "#core/base/bytes.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { FsError } from "#core/base/errno.ts";
import { LruCache } from "#core/base/lru-cache.ts";
import { hashBytes, type BlobRef, type BlobStore } from "#core/project/blobs.ts";

/** The MessagePort of browsers, workers and Node, as far as it is used here. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  start?(): void;
}

type ReplicaMessage =
  /** What I have: send me the rest. */
  | { readonly replica: "state"; readonly vector: Uint8Array }
  | { readonly replica: "update"; readonly update: Uint8Array }
  | { readonly replica: "blob-wanted"; readonly call: number; readonly ref: BlobRef }
  | { readonly replica: "blob"; readonly call: number; readonly bytes: Uint8Array }
  | { readonly replica: "blob-missing"; readonly call: number; readonly reason: string }
  | { readonly replica: "blob-put"; readonly bytes: Uint8Array; readonly hash: string };

function listen(port: Port, listener: (message: ReplicaMessage) => void): Disposer {
  const onMessage = ({ data }: { readonly data: unknown }): void => {
    // The port may carry other conversations.
    if (typeof data === "object" && data !== null && "replica" in data) listener(data as ReplicaMessage);
  };
  port.addEventListener("message", onMessage);
  port.start?.();
  return () => port.removeEventListener("message", onMessage);
}

function post(port: Port, message: ReplicaMessage): void {
  port.postMessage(message);
}

/** Keeps `doc` in step with the document at the other end. An update never goes back where it came from. */
export function connectReplica(port: Port, doc: Y.Doc): Disposer {
  const origin = { replica: port };
  const onUpdate = (update: Uint8Array, from: unknown): void => {
    if (from !== origin) post(port, { replica: "update", update });
  };
  const stop = listen(port, (message) => {
    if (message.replica === "state")
      post(port, { replica: "update", update: Y.encodeStateAsUpdate(doc, message.vector) });
    else if (message.replica === "update") Y.applyUpdate(doc, message.update, origin);
  });
  doc.on("update", onUpdate);
  post(port, { replica: "state", vector: Y.encodeStateVector(doc) });
  return () => {
    doc.off("update", onUpdate);
    stop();
  };
}

/** Lets the other end read and write `blobs`. */
export function serveBlobs(port: Port, blobs: BlobStore): Disposer {
  return listen(port, (message) => {
    if (message.replica === "blob-put") blobs.put(message.bytes, message.hash);
    else if (message.replica === "blob-wanted") void answer(port, blobs, message.call, message.ref);
  });
}

async function answer(port: Port, blobs: BlobStore, call: number, ref: BlobRef): Promise<void> {
  try {
    post(port, { replica: "blob", call, bytes: await blobs.get(ref) });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    post(port, { replica: "blob-missing", call, reason });
  }
}

/** What is fetched or written is kept up to this many bytes; the other end can send it again. */
const residentBytes = 64 * 1024 * 1024;

/** The blobs at the other end of a port. What was used lately is at hand at once. */
export class PortBlobStore implements BlobStore {
  readonly #port: Port;
  readonly #resident = new LruCache<string, Uint8Array>({
    limit: residentBytes,
    sizeOf: ({ length }) => length,
  });
  readonly #answers = new Emitter<Extract<ReplicaMessage, { readonly call: number }>>();
  readonly #loading = new Map<string, Promise<Uint8Array>>();
  readonly #stop: Disposer;
  #calls = 0;

  constructor(port: Port) {
    this.#port = port;
    this.#stop = listen(port, (message) => {
      if (message.replica === "blob" || message.replica === "blob-missing") this.#answers.emit(message);
    });
  }

  get(ref: BlobRef): Uint8Array | Promise<Uint8Array> {
    const bytes = this.#resident.get(ref.hash);
    if (bytes !== undefined) return bytes;
    let loading = this.#loading.get(ref.hash);
    if (loading === undefined) {
      loading = this.#fetch(ref).finally(() => this.#loading.delete(ref.hash));
      this.#loading.set(ref.hash, loading);
    }
    return loading;
  }

  put(bytes: Uint8Array, hash = hashBytes(bytes)): BlobRef {
    const kept = ownBytes(bytes);
    post(this.#port, { replica: "blob-put", bytes: kept, hash });
    this.#keep(hash, kept);
    return { hash, size: bytes.length };
  }

  destroy(): void {
    this.#stop();
  }

  #fetch(ref: BlobRef): Promise<Uint8Array> {
    const call = this.#calls++;
    return new Promise((resolve, reject) => {
      const stop = this.#answers.on((message) => {
        if (message.call !== call) return;
        stop();
        if (message.replica === "blob") {
          this.#keep(ref.hash, message.bytes);
          resolve(message.bytes);
        } else if (message.replica === "blob-missing") reject(new FsError("EIO", message.reason));
      });
      post(this.#port, { replica: "blob-wanted", call, ref });
    });
  }

  #keep(hash: string, bytes: Uint8Array): void {
    if (!this.#resident.has(hash)) this.#resident.set(hash, bytes);
  }
}
