// What a run has printed, as this page knows it: watched live while it runs, from the stored record afterwards.
// The sources are passed in; nothing here draws.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { DisposerStack, type Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { leftOut } from "#core/notebook/output/print-screen.ts";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import { Screen } from "#core/notebook/output/screen.ts";

/** Width and height of the terminal that a cell runs on; a page of 860 px holds this many columns. */
export const cellTerminal = { cols: 100, rows: 24 } as const;

export interface ChannelEvents {
  readonly snapshot: (data: Uint8Array) => void;
  readonly data: (data: Uint8Array) => void;
  readonly closed: () => void;
}

export type WatchChannel = (channel: string, events: ChannelEvents) => Disposer;

/** The output of one run. `screen` is replaced, never reused, where the output begins anew. */
export class LiveOutput {
  readonly changes = new Emitter<void>();
  #screen = new Screen(cellTerminal);
  #live = false;
  #settled = false;
  #ended = false;
  #stop: Disposer | undefined;

  get screen(): Screen {
    return this.#screen;
  }

  /** Takes the record as it is now: watches while it runs, and shows what was stored once it has ended. */
  follow(run: RunRecord, watch: WatchChannel): void {
    if (run.state === "running") {
      this.#stop ??= watch(run.channel, {
        snapshot: (data) => {
          this.#live = true;
          this.#begin();
          this.#screen.write(data);
          this.changes.emit();
        },
        data: (data) => {
          this.#live = true;
          // What the record says is final; frames that come behind it are in it already.
          if (this.#settled) return;
          this.#screen.write(data);
          this.changes.emit();
        },
        // While it runs it may only be that we asked before the runner had announced it: a snapshot follows then.
        closed: () => {
          if (this.#ended) this.#stop?.();
        },
      });
      return;
    }
    this.#ended = true;
    if (this.#settled || run.output === undefined) return;
    const { head, tail, omitted, omittedLines = 0 } = run.output;
    // Having watched it, the page knows more of a long output than head and tail. The channel ends by itself.
    if (this.#live && omitted > 0) return;
    this.#settled = true;
    this.#stop?.();
    const stored = new Screen(cellTerminal);
    stored.write(head);
    if (omitted > 0) stored.writeNote(leftOut(omittedLines, omitted));
    stored.write(tail);
    if (stored.text === this.#screen.text) return;
    this.#screen = stored;
    this.changes.emit();
  }

  dispose(): void {
    this.#stop?.();
  }

  #begin(): void {
    this.#screen = new Screen(cellTerminal);
  }
}

/** The outputs of a notebook's runs, one for each run that is shown. */
export class LiveOutputs {
  readonly #watch: WatchChannel;
  readonly #outputs = new Map<string, LiveOutput>();
  readonly #disposers = new DisposerStack();

  constructor(watch: WatchChannel) {
    this.#watch = watch;
    this.#disposers.add(() => {
      for (const output of this.#outputs.values()) output.dispose();
      this.#outputs.clear();
    });
  }

  of(run: RunRecord): LiveOutput {
    let output = this.#outputs.get(run.id);
    if (output === undefined) {
      output = new LiveOutput();
      this.#outputs.set(run.id, output);
    }
    output.follow(run, this.#watch);
    return output;
  }

  /** Lets go of the runs that are not among these. */
  keep(runs: ReadonlySet<string>): void {
    for (const [id, output] of this.#outputs)
      if (!runs.has(id)) {
        output.dispose();
        this.#outputs.delete(id);
      }
  }

  dispose(): void {
    this.#disposers.dispose();
  }
}

/** The whole output as a screen of its own, from the stored bytes. */
export function screenOfBytes(bytes: Uint8Array): Screen {
  const screen = new Screen(cellTerminal);
  screen.write(decodeUtf8Lossy(bytes));
  return screen;
}
