// What somebody types into a colleague's terminal: cut into pieces that the room takes, sent as fast as the terminal
// takes them, and sent again after a break in the line ([ROOM-39], [ROOM-40]). Knows no frames and no clock.

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Bytes. A quarter of what the room takes in one message. */
const pieceBytes = 16 * 1024;
/** Pieces that are on their way at once. */
const windowPieces = 4;

export class TypedInput {
  readonly #send: (at: number, bytes: Uint8Array) => void;
  /** What has not been taken, oldest first. */
  #pieces: Piece[] = [];
  /** How many of them were sent on this line. */
  #sent = 0;
  /** Of what was sent on this line, how many pieces have no answer yet. */
  #unanswered = 0;
  #next = 0;
  #open = false;

  constructor(send: (at: number, bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** False where nothing can be typed now: then nothing was. */
  type(data: Uint8Array): boolean {
    if (!this.#open) return false;
    for (let start = 0; start < data.length; start += pieceBytes)
      this.#pieces.push({ at: this.#next++, bytes: data.slice(start, start + pieceBytes) });
    this.#sendOn();
    return true;
  }

  /** The terminal is offered, or offered on a new line: what was on its way goes again. */
  open(): void {
    this.#open = true;
    this.#sent = 0;
    this.#unanswered = 0;
    this.#sendOn();
  }

  /** The line is down or nobody publishes the terminal: what was typed waits. */
  pause(): void {
    this.#open = false;
  }

  /** It is not offered any more. The bytes that will not arrive. */
  close(): number {
    this.#open = false;
    const lost = this.#pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#pieces = [];
    this.#sent = 0;
    return lost;
  }

  /** The terminal has taken everything before this piece. */
  taken(next: number): void {
    const count = this.#pieces.filter(({ at }) => at < next).length;
    this.#pieces.splice(0, count);
    this.#sent = Math.max(0, this.#sent - count);
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    // All is answered, and something was not taken: the terminal had no room for it.
    if (this.#unanswered === 0) this.#sent = 0;
    this.#sendOn();
  }

  #sendOn(): void {
    while (this.#open && this.#sent < Math.min(windowPieces, this.#pieces.length)) {
      const piece = this.#pieces[this.#sent];
      if (piece === undefined) return;
      this.#sent += 1;
      this.#unanswered += 1;
      this.#send(piece.at, piece.bytes);
    }
  }
}

/** Streams that one terminal remembers: more than anybody offers a terminal to. */
const rememberedStreams = 256;

/** Bytes that wait for the program: some dozen people's windows. Whoever sends more does not wait for answers. */
const waitingBytes = 4 * 1024 * 1024;

/** The other end: each piece once, in order, the next one taken when the program has taken this one. */
export class TakenInput {
  readonly #next = new Map<string, number>();
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;

  /**
   * `take` is called for a piece of `size` bytes that was not there yet; `answer` is told the one that is wanted next.
   */
  receive(
    stream: string,
    { at, size }: { readonly at: number; readonly size: number },
    take: () => void | Promise<void>,
    answer: (next: number) => void,
  ): void {
    const wanted = this.#next.get(stream) ?? at;
    // One that comes again was taken or waits, and its answer was lost with the line.
    if (at === wanted && this.#waiting + size <= waitingBytes) {
      this.#remember(stream, at + 1);
      this.#waiting += size;
      const taken = take();
      this.#tail = this.#tail
        .then(() => taken)
        .catch(() => undefined)
        .then(() => void (this.#waiting -= size));
    }
    const next = this.#next.get(stream) ?? wanted;
    void this.#tail.then(() => answer(next));
  }

  #remember(stream: string, next: number): void {
    this.#next.delete(stream);
    this.#next.set(stream, next);
    if (this.#next.size <= rememberedStreams) return;
    const [oldest] = this.#next.keys();
    if (oldest !== undefined) this.#next.delete(oldest);
  }
}
