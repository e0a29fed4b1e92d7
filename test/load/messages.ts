// What a load test and its processes of participants say to each other.

export interface Plan {
  readonly kind: "plan";
  readonly name: string;
  readonly server: string;
  readonly projectId: string;
  readonly editorToken: string;
  readonly viewerToken: string;
  readonly editors: number;
  readonly viewers: number;
  readonly seconds: number;
  /** Of each editor. */
  readonly wordsPerSecond: number;
}

export interface Report {
  readonly kind: "report";
  /** Hashes of the different texts that this process's participants have. */
  readonly texts: readonly string[];
  /** The fewest that one of them has. */
  readonly words: number;
  readonly unsaved: number;
  readonly offline: number;
  /** Milliseconds from typing to seeing. */
  readonly latencies: readonly number[];
  /** Received by each, on average. */
  readonly messages: number;
}

export type Message =
  | Plan
  | { readonly kind: "ready" }
  | { readonly kind: "go" }
  | { readonly kind: "typed"; readonly words: number }
  /** For a report, once that many words are everywhere. */
  | { readonly kind: "ask"; readonly words: number }
  | Report;
