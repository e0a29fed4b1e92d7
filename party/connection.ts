// One participant's open socket, as the room sees it: who it is, what it may do, how much it has sent and read.

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
import { Bucket } from "./bucket.ts";
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
  readonly behind: boolean;
  /** Unguessable names of probes. */
  readonly newId: () => string;
  /** Told once, when the room closes it. */
  readonly onClose: (connection: Connection) => void;
}

export class Connection {
  readonly socket: RoomSocket;
  /** Nothing is taken from it any more: its close is under way. */
  closed = false;
  /** The room may lack some of its edits: no mark is answered before its next step 2. */
  behind: boolean;
  /** When it was asked whether it is there. */
  asked: number | undefined;
  /** The last mark that waits for that step 2. */
  waitingMark: number | undefined;
  readonly parts = new PartBuffer();
  readonly #buckets: Readonly<Record<Rate, Bucket>>;
  readonly #onClose: (connection: Connection) => void;
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
    this.behind = behind;
    this.#newId = newId;
    this.#onClose = onClose;
    this.#heardAt = now;
    const bucket = (rate: Rate): Bucket => new Bucket(rates[rate], now);
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

  /** When it last gave a sign of life. */
  get lastSign(): number {
    return Math.max(this.#heardAt, this.socket.lastPing ?? 0);
  }

  sign(now: number): void {
    this.#heardAt = now;
  }

  /** Whether it is there: any client answers this, also in a tab that may not set timers. */
  ask(now: number): void {
    this.asked = now;
    if (this.#admission.conch) this.#probe();
    else this.send(writeQueryAwareness());
  }

  bind(client: number): void {
    this.admit({ ...this.#admission, client });
  }

  admit(admission: Admission): void {
    this.#admission = admission;
    this.socket.admission = this.#admission;
  }

  /** Charges what it costs; closes the connection, and is false, where that is too much at once. */
  affords(rate: Rate, amount: number, now: number): boolean {
    if (this.#buckets[rate].take(amount, now)) return true;
    this.close(closeCode.tooFast, "Too much at once: wait a moment.");
    return false;
  }

  send(data: Uint8Array): void {
    if (this.closed) return;
    if (this.#sent - this.#read > maxUnreadBytes)
      return this.close(closeCode.tooSlow, "Much of what was sent to you has not been read: come back.");
    this.#sent += data.length;
    this.socket.send(data);
    if (this.#admission.conch && this.#sent - this.#lastProbe >= probeBytes) this.#probe();
    return undefined;
  }

  #probe(): void {
    this.#lastProbe = this.#sent;
    const id = this.#newId();
    this.#probes.push({ id, sent: this.#sent });
    this.socket.send(writeFrame({ type: "probe", id }));
  }

  sendFrame(frame: RoomFrame, bytes?: Uint8Array): void {
    if (this.#admission.conch) this.send(writeFrame(frame, bytes));
  }

  /** It has read as far as a probe; one that it cannot have seen proves nothing. */
  heard(id: string): void {
    const index = this.#probes.findIndex((probe) => probe.id === id);
    if (index < 0) return;
    this.#read = this.#probes[index]?.sent ?? this.#read;
    this.#probes.splice(0, index + 1);
  }

  close(code: CloseCode, sentence: string): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close(code, closeReason(sentence));
    this.#onClose(this);
  }
}

/** The one whose message has been unfinished longest, where all unfinished messages together are too large. */
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
