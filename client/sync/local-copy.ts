// What a browser keeps of a project so that it can be opened without the server: the document, which changes the
// server does not have yet, and blobs. As a session uses it; how it is stored is behind this.

import type * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";

/** Whether what is done here outlives the tab; `reason` is a sentence. */
export type Keeping = { readonly kept: true } | { readonly kept: false; readonly reason: string };

export interface LocalCopy {
  /** As it was left: empty where nothing was kept. */
  readonly doc: Y.Doc;
  /** The document holds a project: it can be shown before the server answers. */
  readonly filled: boolean;
  /** Changes of earlier visits that the server did not acknowledge. They count as the first ones of this visit. */
  readonly carried: number;
  readonly blobs: BlobKeeper;
  readonly keeping: Keeping;
  onKeeping(listener: (keeping: Keeping) => void): Disposer;
  /** Everything that was handed over is stored. */
  readonly settled: boolean;
  /** An update of the document; `change` numbers those that were made here, upwards from `carried`. */
  append(update: Uint8Array, change: number | undefined): void;
  /** The server has this change and all before it. */
  acknowledged(change: number): void;
  /** The server has started the project over: what is here is put away, and never merged. */
  setAside(): Promise<void>;
  /** Stores what is left, and ends. */
  close(): Promise<void>;
}

/** Blobs on this computer. Those that are held exist nowhere else yet. */
export interface BlobKeeper {
  /** Held in earlier visits. */
  readonly held: readonly string[];
  read(hash: string): Promise<Uint8Array | undefined>;
  has(hash: string): boolean;
  /** For the next time it is read; may be dropped for newer ones. */
  keep(hash: string, bytes: Uint8Array): void;
  /** Until `release`. */
  hold(hash: string, bytes: Uint8Array): void;
  release(hash: string): void;
}
