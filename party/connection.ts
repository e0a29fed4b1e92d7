// One participant's socket, as the room sees it: its person and role, its state, how much it has sent and read.

import type { RoomFrame } from "#core/room/frames.ts";
import {
  answerRate,
  awarenessRate,
  byteRate,
  editRate,
  maxPendingPartBytes,
  maxUnreadBytes,
  messageRate,
  pieceRate,
  probeBytes,
  questionRate,
} from "#core/room/limits.ts";
import { closeCode, closeReason, type CloseCode } from "#core/room/close.ts";
import { writeFrame, writeQueryAwareness } from "#core/room/messages.ts";
import { TokenBucket } from "./token-bucket.ts";
import {
  ask,
  catchUp,
  close,
  end,
  hear,
  holdMark,
  joined,
  missEdits,
  type ConnectionState,
} from "./connection-state.ts";
import type { Admission, RoomSocket } from "./host.ts";
import { PartBuffer } from "./part-buffer.ts";

const rates = {
  messages: messageRate,
  bytes: byteRate,
  edits: editRate,
  questions: questionRate,
  answers: answerRate,
  pieces: pieceRate,
  awareness: awarenessRate,
} as const;
type Rate = keyof typeof rates;

export interface ConnectionOptions {
  readonly socket: RoomSocket;
  readonly admission: Admission;
  readonly now: number;
  /** The room may lack some of its edits. */
  readonly behind: boolean;
  /** Makes unguessable ids of probes. */
  readonly newId: () => string;
  /** Called once, when the room closes it. */
  readonly onClose: (connection: Connection) => void;
}

export class Connection {
  readonly socket: RoomSocket;
  readonly parts = new PartBuffer();
  readonly #buckets: Readonly<Record<Rate, TokenBucket>>;
  readonly #onClose: (connection: Connection) => void;
  #state: ConnectionState;
  #admission: Admission;
  readonly #newId: () => string;
  /** Bytes sent so far, and how many of them are known to be read. */
  #sent = 0;
  #read = 0;
  /** Questions under way, and after how many bytes they were asked. */
  #probes: { readonly id: string; readonly sent: number }[] = [];
  #lastProbe = 0;
  #heardAt: number;

  constructor({ socket, admission, now, behind, newId, onClose }: ConnectionOptions) {
    this.socket = socket;
    this.#admission = admission;
    this.#state = joined(behind);
    this.#newId = newId;
    this.#onClose = onClose;
    this.#heardAt = now;
    const bucket = (rate: Rate): TokenBucket => new TokenBucket(rates[rate], now);
    this.#buckets = {
      messages: bucket("messages"),
      bytes: bucket("bytes"),
      edits: bucket("edits"),
      questions: bucket("questions"),
      answers: bucket("answers"),
      pieces: bucket("pieces"),
      awareness: bucket("awareness"),
    };
  }

  get id(): string {
    return this.#admission.connection;
  }

  get admission(): Admission {
    return this.#admission;
  }

  /** It is a client of ours, and not a stock client of Yjs. */
  get speaksFrames(): boolean {
    return this.#admission.protocol !== undefined;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Messages are taken from it and sent to it. */
  get isOpen(): boolean {
    return this.#state.kind === "joined";
  }

  /** No mark may be answered before its next step 2. */
  get isBehind(): boolean {
    return this.#state.kind === "joined" && this.#state.edits.kind === "behind";
  }

  missEdits(): void {
    this.#state = missEdits(this.#state);
  }

  holdMark(mark: number): void {
    this.#state = holdMark(this.#state, mark);
  }

  /** A step 2 came; returns the mark that was held until then. */
  catchUp(): number | undefined {
    const { state, mark } = catchUp(this.#state);
    this.#state = state;
    return mark;
  }

  /** When it last gave a sign of life, in milliseconds since 1970. */
  get lastSign(): number {
    return Math.max(this.#heardAt, this.socket.lastPing ?? 0);
  }

  hear(now: number): void {
    this.#heardAt = now;
    this.#state = hear(this.#state);
  }

  /** Asks for a sign of life: any client answers this, also in a tab that may not set timers. */
  ask(now: number): void {
    this.#state = ask(this.#state, now);
    if (this.speaksFrames) this.#probe();
    else this.send(writeQueryAwareness());
  }

  /** Waits for the answer from now on: the room was late to read what has arrived. */
  askedAgain(now: number): void {
    this.#state = ask(this.#state, now);
  }

  bind(client: number): void {
    this.admit({ ...this.#admission, client });
  }

  admit(admission: Admission): void {
    this.#admission = admission;
    this.socket.admission = this.#admission;
  }

  /** Charges a rate limit. Closes the connection and returns false where that is too much at once. */
  affords(rate: Rate, amount: number, now: number): boolean {
    if (this.#buckets[rate].take(amount, now)) return true;
    this.close(closeCode.tooFast, "Too much at once: wait a moment.");
    return false;
  }

  send(data: Uint8Array): void {
    if (!this.isOpen) return;
    if (this.#sent - this.#read > maxUnreadBytes)
      return this.close(closeCode.tooSlow, "Much of what was sent to you has not been read: come back.");
    this.#sent += data.length;
    this.socket.send(data);
    if (this.speaksFrames && this.#sent - this.#lastProbe >= probeBytes) this.#probe();
    return undefined;
  }

  #probe(): void {
    this.#lastProbe = this.#sent;
    const id = this.#newId();
    this.#probes.push({ id, sent: this.#sent });
    this.socket.send(writeFrame({ type: "probe", id }));
  }

  sendFrame(frame: RoomFrame, bytes?: Uint8Array): void {
    if (this.speaksFrames) this.send(writeFrame(frame, bytes));
  }

  /** It has read as far as this probe. An id that was not sent proves nothing. */
  heard(id: string): void {
    const index = this.#probes.findIndex((probe) => probe.id === id);
    if (index < 0) return;
    this.#read = this.#probes[index]?.sent ?? this.#read;
    this.#probes.splice(0, index + 1);
  }

  close(code: CloseCode, sentence: string): void {
    if (!this.isOpen) return;
    this.#state = close(this.#state);
    this.socket.close(code, closeReason(sentence));
    this.#onClose(this);
  }

  /** Its socket has ended, or the room has finished closing it. */
  end(): void {
    this.#state = end();
    this.parts.clear();
  }
}

/** The connection whose message has been unfinished longest, where all unfinished messages together are too large. */
export function overdue(connections: Iterable<Connection>): Connection | undefined {
  let pending = 0;
  let oldest: Connection | undefined;
  for (const connection of connections) {
    const { length, since = Number.POSITIVE_INFINITY } = connection.parts;
    pending += length;
    if (since < (oldest?.parts.since ?? Number.POSITIVE_INFINITY)) oldest = connection;
  }
  return pending > maxPendingPartBytes ? oldest : undefined;
}
