// What a browser keeps of a project so that it can be opened without the server: the document, which changes the
// server does not have yet, and blobs. As a session uses it; how it is stored is behind this.

import type * as Y from "yjs";
import type { Disposer } from "#core/base/disposable.ts";
import type { NodeId } from "#core/project/project.ts";

/** Whether what is done here outlives the tab; `reason` is a sentence. */
export type Keeping = { readonly kept: true } | { readonly kept: false; readonly reason: string };

export interface LocalCopy {
  /** As it was left: empty where nothing was kept. */
  readonly doc: Y.Doc;
  /** The document holds a project: it can be shown before the server answers. */
  readonly filled: boolean;
  /** Changes of earlier visits that the server did not acknowledge. They count as the first ones of this visit. */
  readonly carried: number;
  /** The files that those have changed; the project's root where that was not noted. */
  readonly carriedFiles: ReadonlySet<NodeId>;
  /** Work of earlier visits that could not be merged, and that nobody has taken or given up yet. */
  readonly leftovers: readonly KeptLeftover[];
  readonly blobs: BlobKeeper;
  readonly keeping: Keeping;
  onKeeping(listener: (keeping: Keeping) => void): Disposer;
  /** Everything that was handed over is stored. */
  readonly settled: boolean;
  /** An update of the document; `change` is of those that were made here. */
  append(update: Uint8Array, change: OwnChange | undefined): void;
  /** The server has this change and all before it. */
  acknowledged(change: number): void;
  /**
   * What is here does not fit what the server has, or is not taken there: it is put away, and never merged. `files` are
   * those whose changes the server does not have.
   */
  setAside(files: ReadonlySet<NodeId>): Promise<void>;
  /** Nothing of the project stays in this browser. */
  remove(): Promise<void>;
  /** Stores what is left, and ends. */
  close(): Promise<void>;
}

/** A change that was made here. */
export interface OwnChange {
  /** Counts upwards from `carried`. */
  readonly number: number;
  readonly files: ReadonlySet<NodeId>;
}

/** Work that was put aside. */
export interface KeptLeftover {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly files: ReadonlySet<NodeId>;
  /** The document as it was, as one update. */
  read(): Promise<Uint8Array>;
  /** It is not kept any longer. */
  remove(): Promise<void>;
}

/** Blobs on this computer. Those that are held exist nowhere else yet. */
export interface BlobKeeper {
  /** Held in earlier visits. */
  readonly held: readonly string[];
  /** Undefined where it is not here. Rejects where the browser does not give it now. */
  read(hash: string): Promise<Uint8Array | undefined>;
  has(hash: string): boolean;
  /** For the next time it is read; may be dropped for newer ones. */
  keep(hash: string, bytes: Uint8Array): void;
  /** Until `release`. */
  hold(hash: string, bytes: Uint8Array): void;
  release(hash: string): void;
}
