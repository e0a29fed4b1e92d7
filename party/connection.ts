// One participant's open socket, as the room sees it: who it is, what it may do, how much it has sent.

import type { RoomFrame } from "#core/room/frames.ts";
import { byteRate, maxMessageBytes, messageRate } from "#core/room/limits.ts";
import { closeReason, type CloseCode } from "#core/room/close.ts";
import { concatBytes } from "#core/base/bytes.ts";
import { writeFrame } from "#core/room/messages.ts";
import { Bucket } from "./bucket.ts";
import type { Admission, RoomSocket } from "./host.ts";

export class Connection {
  readonly socket: RoomSocket;
  /** Nothing is taken from it any more: its close is under way. */
  closed = false;
  /** The room may lack some of its edits: no mark is answered before its next step 2. */
  behind: boolean;
  /** The last mark that waits for that step 2. */
  waitingMark: number | undefined;
  readonly #messages: Bucket;
  readonly #bytes: Bucket;
  #admission: Admission;
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  constructor(socket: RoomSocket, admission: Admission, now: number, behind: boolean) {
    this.socket = socket;
    this.#admission = admission;
    this.#messages = new Bucket(messageRate, now);
    this.#bytes = new Bucket(byteRate, now);
    this.behind = behind;
  }

  get id(): string {
    return this.#admission.connection;
  }

  get admission(): Admission {
    return this.#admission;
  }

  bind(client: number): void {
    this.#admission = { ...this.#admission, client };
    this.socket.admission = this.#admission;
  }

  /** Whether a message of this size is within the limits. */
  affords(bytes: number, now: number): boolean {
    return this.#messages.take(1, now) && this.#bytes.take(bytes, now);
  }

  /** Adds a part; the whole message when it is the last, "too-large" when it cannot become one. */
  addPart(part: Uint8Array, last: boolean): Uint8Array | undefined | "too-large" {
    this.#partBytes += part.length;
    if (this.#partBytes > maxMessageBytes) return "too-large";
    // A copy: the frame that it is a view of is released.
    this.#parts.push(part.slice());
    if (!last) return undefined;
    const whole = concatBytes(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    return whole;
  }

  send(data: Uint8Array): void {
    if (!this.closed) this.socket.send(data);
  }

  sendFrame(frame: RoomFrame, bytes?: Uint8Array): void {
    if (this.#admission.conch) this.send(writeFrame(frame, bytes));
  }

  close(code: CloseCode, sentence: string): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close(code, closeReason(sentence));
  }
}
