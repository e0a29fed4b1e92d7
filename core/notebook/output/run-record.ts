// A run of a cell as the document keeps it: who ran what, when, how it ended, and a bounded piece of its output.
// Knows nothing of how cells are run.

import { sha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8, toHex } from "#core/base/bytes.ts";

/** A blob's address, as core/project has it. */
export interface BlobRef {
  readonly hash: string;
  /** bytes */
  readonly size: number;
}

/** What a run shows in the end: the beginning and the end of it, as text with its colours. */
export interface RunOutput {
  readonly head: string;
  readonly tail: string;
  /** Bytes left out between head and tail. */
  readonly omitted: number;
  /** Whole lines among them. */
  readonly omittedLines?: number;
  /** Everything that it wrote, where that is more than is kept here. */
  readonly blob?: BlobRef;
  /** What the output shows besides text, in it or in the blob: each blob once. */
  readonly displays?: readonly BlobRef[];
}

/** "lost" is never stored: it is how a running run is shown whose runner is gone. */
export type RunState = "running" | "done" | "interrupted" | "lost";

export interface RunRecord {
  readonly id: string;
  readonly by: { readonly id: string; readonly name: string; readonly color: string };
  /** The awareness client of the session that runs it: when it is gone, so is the run. */
  readonly client: number;
  /** For people: "Ana's machine". */
  readonly machine: string;
  readonly sourceHash: string;
  /** ms since 1970 on the runner's clock */
  readonly started: number;
  /** ms */
  readonly duration?: number;
  /** As a shell shows it. */
  readonly code?: number;
  /** Why the cell could not be run: a sentence. */
  readonly error?: string;
  readonly state: RunState;
  /** The relay channel of its live output. */
  readonly channel: string;
  readonly output?: RunOutput;
}

/** Runs kept per cell. */
export const runsKept = 5;

/** Short: it only tells whether the source changed. */
export function sourceHash(source: string): string {
  return toHex(sha256(encodeUtf8(source)).subarray(0, 8));
}

/** The state to show, given which awareness clients are present (one's own included). */
export function shownState(run: RunRecord, isPresent: (client: number) => boolean): RunState {
  return run.state === "running" && !isPresent(run.client) ? "lost" : run.state;
}

/** Newest first; at the same time by id, so that all replicas agree. */
export function compareRuns(a: RunRecord, b: RunRecord): number {
  return b.started - a.started || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** Anybody can write into a document: what is not a run is not shown. */
export function isRunRecord(value: unknown): value is RunRecord {
  if (typeof value !== "object" || value === null) return false;
  const {
    id,
    by,
    client,
    machine,
    sourceHash: hash,
    started,
    state,
    channel,
    output,
  } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    isPerson(by) &&
    typeof client === "number" &&
    typeof machine === "string" &&
    typeof hash === "string" &&
    typeof started === "number" &&
    (state === "running" || state === "done" || state === "interrupted") &&
    typeof channel === "string" &&
    (output === undefined || isOutput(output))
  );
}

function isPerson(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, color } = value as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" && typeof color === "string";
}

function isOutput(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { head, tail, omitted } = value as Record<string, unknown>;
  return typeof head === "string" && typeof tail === "string" && typeof omitted === "number";
}
