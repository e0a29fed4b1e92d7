// What this browser keeps so that the project opens and its machine starts without the server, as the dialog shows it.

import type { ReadonlySignal } from "@preact/signals";

/** Bytes. */
export interface KeptPart {
  readonly kept: number;
  readonly total: number;
}

export interface OfflineState {
  readonly app: boolean;
  /** Undefined where the server has no Linux, or that cannot be known now. */
  readonly linux: KeptPart | undefined;
  /** The project's files that are no text. */
  readonly files: KeptPart;
  /** The browser has promised not to take it away when the disk gets full. */
  readonly lasting: boolean;
}

export type OfflineWork =
  | { readonly kind: "idle" }
  | { readonly kind: "keeping"; readonly loaded: number; readonly total: number }
  | { readonly kind: "removing" }
  /** `problem` is a sentence. */
  | { readonly kind: "failed"; readonly problem: string };

export interface OfflineModel {
  /** Undefined until it has been looked at. */
  readonly state: ReadonlySignal<OfflineState | undefined>;
  readonly work: ReadonlySignal<OfflineWork>;
  /** Why this browser keeps no pages; undefined where it does. */
  readonly unavailable: string | undefined;
  look(): void;
  keep(): void;
  stop(): void;
  remove(): void;
}
