// Runs a cell: makes the record, streams the output to a channel, stores the end. The machine, the channels, the
// blobs and the clock are passed in; knows no host.

import { concatBytes, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { systemClock } from "#core/base/system-clock.ts";
import type { ExitStatus, Machine, Task, TerminalSize } from "#core/machine/machine.ts";
import type { Cell } from "#core/notebook/cell.ts";
import type { Notebook } from "#core/notebook/notebook.ts";
import { displayBlobs, trimToMarkers } from "#core/notebook/output/display.ts";
import { OutputLog, trimToCharacters } from "#core/notebook/output/log.ts";
import { leftOut, replayScreen, showScreen } from "#core/notebook/output/print-screen.ts";
import {
  type BlobRef,
  type RunOutput,
  type RunRecord,
  sourceHash,
} from "#core/notebook/output/run-record.ts";
import { Screen } from "#core/notebook/output/screen.ts";

/** What is used of the session's channels. */
export interface ChannelPublisher {
  publish(
    channel: string,
    info: { readonly title: string; readonly kind: "run"; readonly size?: TerminalSize },
    snapshot: () => Uint8Array,
  ): { send(data: Uint8Array): void; close(): void };
}

export interface RunCellOptions {
  readonly notebook: Notebook;
  readonly cell: Cell;
  readonly machine: Pick<Machine, "runCell">;
  readonly channels: ChannelPublisher;
  readonly blobs: { put(bytes: Uint8Array): BlobRef };
  readonly person: RunRecord["by"];
  /** One's own awareness client: how the others see that the runner is still there. */
  readonly client: number;
  /** "Ana's machine" */
  readonly machineName: string;
  /** Runs of one session share variables and working directory; the notebook's id where it is left out. */
  readonly session?: string;
  readonly size?: TerminalSize;
  readonly clock?: Clock;
  readonly newId?: () => string;
}

export interface CellRun {
  readonly id: string;
  readonly cell: Cell;
  readonly channel: string;
  /** What it shows so far, bounded: what a newcomer sees first. */
  snapshot(): Uint8Array;
  /** Output as it comes, from now on. */
  onOutput(listener: (data: Uint8Array) => void): Disposer;
  interrupt(): Promise<void>;
  /** To the program's terminal. */
  write(text: string): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** Never rejects; settles when the record is stored. */
  readonly done: Promise<ExitStatus>;
}

/** At most one frame of output in this time: a channel carries 120 frames a second and not 10,000. */
const frameMilliseconds = 8;
/** A room relays frames up to a limit; a program that is quicker than one such frame per interval waits. */
const frameBytes = 48 * 1024;
/** Kept of a run's output for its blob, at the beginning and at the end each. */
export const logBytes = 4 * 1024 * 1024;
/** Kept in the document of what is shown, at the beginning and at the end each. */
const storedBytes = 8 * 1024;
/** Kept of a line that does not end, so that its end can be stored. */
export const lineColumns = 1024 * 1024;
/** Sent to who begins to watch, of the beginning and of the end. */
const replayHeadBytes = 32 * 1024;
const replayTailBytes = 192 * 1024;

/** Far below what a room accepts. */
const titleLength = 80;

const defaultSize: TerminalSize = { cols: 100, rows: 24 };

/** What a shell gives a program that could not be started. */
const cannotRun = 126;

export function runCell(options: RunCellOptions): CellRun {
  const { notebook, cell, machine } = options;
  const { clock = systemClock } = options;
  const id = (options.newId ?? notebook.newId)();
  const channel = `run-${id}`;
  const size = options.size ?? defaultSize;
  const source = cell.code;
  const { kind } = cell;
  const record: RunRecord = {
    id,
    by: options.person,
    client: options.client,
    machine: options.machineName,
    sourceHash: sourceHash(source),
    started: clock.now(),
    state: "running",
    channel,
  };
  notebook.setRun(cell.id, record);

  const log = new OutputLog(logBytes, logBytes);
  const screen = new Screen(size, lineColumns);
  const frames = new Emitter<Uint8Array>();
  const snapshot = (): Uint8Array => {
    // Whoever gets the snapshot must not get the same bytes again in a frame.
    stream.flush();
    return replayScreen(screen, replayHeadBytes, replayTailBytes);
  };
  const publication = options.channels.publish(
    channel,
    { title: titleOf(cell), kind: "run", size },
    snapshot,
  );
  frames.on((frame) => publication.send(frame));
  const stream = new FrameStream((frame) => frames.emit(frame), clock);

  let interrupted = false;
  let ended = false;
  const start = async (): Promise<Task> => {
    if (kind === "text") throw new Error("Text has nothing to run.");
    return machine.runCell(
      { kind, session: options.session ?? notebook.id, source, tty: size },
      {
        output: (_fd, data) => {
          log.append(data);
          screen.write(data);
          return stream.push(data);
        },
      },
    );
  };
  const task = start();

  const finish = async (): Promise<ExitStatus> => {
    const exit = await task.then(
      (running) => running.exit,
      (thrown: unknown): ExitStatus => ({
        code: cannotRun,
        error: thrown instanceof Error ? thrown.message : String(thrown),
      }),
    );
    ended = true;
    stream.close();
    const output = outputOf(log, screen, options.blobs);
    notebook.setRun(cell.id, {
      ...record,
      duration: Math.max(0, clock.now() - record.started),
      code: exit.code,
      ...(exit.error === undefined ? {} : { error: exit.error }),
      state: interrupted && exit.code !== 0 ? "interrupted" : "done",
      ...(output === undefined ? {} : { output }),
    });
    publication.close();
    return exit;
  };

  return {
    id,
    cell,
    channel,
    snapshot,
    onOutput: (listener) => frames.on(listener),
    interrupt: async () => {
      if (ended) return;
      interrupted = true;
      // Where it could not be started there is nothing to interrupt.
      const running = await task.catch(() => undefined);
      if (!ended) await running?.signal("INT");
    },
    write: async (text) => (await task).write(encodeUtf8(text)),
    resize: async (wanted) => (await task).resize(wanted),
    done: finish(),
  };
}

function titleOf(cell: Cell): string {
  const title = (cell.name ?? "").trim();
  return title === "" ? "Cell" : title.slice(0, titleLength);
}

/** Collects output to frames: the first bytes go at once, what follows within the interval goes together. */
class FrameStream {
  readonly #send: (frame: Uint8Array) => void;
  readonly #clock: Clock;
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  #stopTimer: Disposer | undefined;
  #waiting: (() => void)[] = [];

  constructor(send: (frame: Uint8Array) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** The promise is the back-pressure: it settles when there is room for more. */
  push(data: Uint8Array): void | Promise<void> {
    this.#pending.push(data.slice());
    this.#pendingLength += data.length;
    if (this.#stopTimer === undefined) this.#tick();
    if (this.#pendingLength < frameBytes) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends everything that is held. */
  flush(): void {
    const whole = concatBytes(this.#pending);
    this.#pending = [];
    this.#pendingLength = 0;
    for (let start = 0; start < whole.length; start += frameBytes)
      this.#send(whole.subarray(start, start + frameBytes));
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.flush();
  }

  #tick(): void {
    if (this.#pendingLength === 0) {
      this.#stopTimer = undefined;
      return;
    }
    this.flush();
    this.#stopTimer = this.#clock.after(frameMilliseconds, () => this.#tick());
  }
}

/** Stands for what was left out; resets colours, begins its own line. */
function omission(bytes: number): string {
  return `\u001B[0m\r\n${leftOut(0, bytes)}\r\n`;
}

/** What a run keeps of its output: what its screen shows, and all of it as a blob where that is more. */
export function outputOf(
  log: OutputLog,
  screen: Screen,
  blobs: RunCellOptions["blobs"],
): RunOutput | undefined {
  if (log.length === 0) return undefined;
  const { head, tail, lines, omitted } = showScreen(screen, storedBytes, storedBytes);
  const full = trimToMarkers(trimToCharacters(log.excerpt(logBytes, logBytes)));
  const bytes =
    full.omitted === 0 ? full.head : concatBytes([full.head, encodeUtf8(omission(full.omitted)), full.tail]);
  const displays = displayBlobs(decodeUtf8Lossy(bytes));
  // A short result may have come of much that was written over.
  const long = omitted > 0 || log.length > 2 * storedBytes;
  return {
    head,
    tail,
    omitted,
    ...(lines === 0 ? {} : { omittedLines: lines }),
    ...(long ? { blob: blobs.put(bytes) } : {}),
    ...(displays.length === 0 ? {} : { displays }),
  };
}
