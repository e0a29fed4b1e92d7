// One line to the room that is put up again whenever it falls: sockets, waiting, and signs of life.
// Knows nothing of what is said over it.

import { isFinal } from "#core/room/close.ts";

/** A message has data, a close has a code and a reason. */
interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

/** The WebSocket of browsers, and of the package ws, as far as it is used here. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number): void;
  addEventListener(type: string, listener: (event: SocketEvent) => void): void;
}
export type SocketClass = new (url: string) => Socket;

export type LinkState =
  /** Before the first answer of any kind. */
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "down"; readonly since: number }
  /** Trying again is pointless; `reason` is a sentence. */
  | { readonly kind: "refused"; readonly code: number; readonly reason: string };

export interface LinkOptions {
  /** Asked at every attempt. Rejects with a Refusal where trying again is pointless, else the server was not reached. */
  readonly url: () => Promise<string>;
  /** The room has closed for good: whether something has changed since, so that it is worth one more attempt. */
  readonly onClosed: (code: number) => boolean;
  readonly WebSocket: SocketClass;
  readonly onState: (state: LinkState) => void;
  readonly onMessage: (data: Uint8Array) => void;
}

/** Why there is no address to connect to. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

const openState = 1;
/** The first attempt after a fall is nearly at once, the later ones at most this far apart. */
const firstWaitMilliseconds = 100;
const longestWaitMilliseconds = 1500;
/** A silent line is asked whether it is alive … */
const pingMilliseconds = 5000;
/** … and given up if it does not answer. */
const pongMilliseconds = 8000;
/** The same where the browser has lost its network, which does not end a socket. */
const offlinePongMilliseconds = 2000;
/** A socket that is neither opened nor refused by then is given up: some networks swallow what is sent. */
const openMilliseconds = 10_000;

export class RoomLink {
  readonly #options: LinkOptions;
  #state: LinkState = { kind: "connecting" };
  #socket: Socket | undefined;
  #attempts = 0;
  /** Numbers the connects: what an earlier one still brings is not heard. */
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  /** Ends an attempt to open, or the wait for an answer, that takes too long. */
  #limit: ReturnType<typeof setTimeout> | undefined;
  #heard = 0;
  #asked: number | undefined;
  #destroyed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    // The browser knows when the network is back; Node has no such event.
    globalThis.addEventListener?.("online", this.#online);
    globalThis.addEventListener?.("offline", this.#offline);
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** False when the line is down: then nothing was sent. */
  send(data: Uint8Array<ArrayBuffer>): boolean {
    if (this.#state.kind !== "open" || this.#socket?.readyState !== openState) return false;
    this.#socket.send(data);
    return true;
  }

  /** Puts the line up afresh, also after a refusal: something has changed. */
  reconnect(): void {
    if (this.#destroyed) return;
    this.#drop();
    this.#attempts = 0;
    this.#connect();
  }

  destroy(): void {
    this.#destroyed = true;
    globalThis.removeEventListener?.("online", this.#online);
    globalThis.removeEventListener?.("offline", this.#offline);
    this.#drop();
  }

  readonly #online = (): void => {
    if (this.#state.kind === "down") this.reconnect();
  };

  /** The browser may be wrong, or the server on this computer: the line is asked. */
  readonly #offline = (): void => {
    if (this.#state.kind !== "open" || this.#socket?.readyState !== openState) return;
    const asked = Date.now();
    this.#socket.send("ping");
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => {
      if (this.#heard < asked) this.#giveUp();
    }, offlinePongMilliseconds);
  };

  #giveUp(): void {
    this.#drop();
    this.#fell();
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#options.onState(state);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt && !this.#destroyed;
    this.#options.url().then(
      (url) => {
        if (current()) this.#open(url);
      },
      (error: unknown) => {
        if (!current()) return;
        if (isRefusal(error)) this.refuse(error);
        else this.#fell();
      },
    );
  }

  /** The other side has ended this line, or is about to. */
  closed(code: number, reason: string): void {
    this.#drop();
    if (!isFinal(code)) this.#fell();
    else if (this.#options.onClosed(code)) this.#connect();
    else this.#set({ kind: "refused", code, reason });
  }

  /** The end: nothing that is tried again would help. */
  refuse({ code, message }: Refusal): void {
    this.#drop();
    this.#set({ kind: "refused", code, reason: message });
  }

  #open(url: string): void {
    const socket = new this.#options.WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#limit = setTimeout(() => this.#giveUp(), openMilliseconds);
    // What a socket that was let go of still says is not heard.
    const hear = (type: string, listener: (event: SocketEvent) => void): void =>
      socket.addEventListener(type, (event) => {
        if (this.#socket === socket) listener(event);
      });
    hear("open", () => {
      clearTimeout(this.#limit);
      this.#heard = Date.now();
      this.#asked = undefined;
      this.#pulse = setInterval(() => this.#feelPulse(), pingMilliseconds);
      this.#set({ kind: "open" });
    });
    hear("message", ({ data }) => {
      this.#heard = Date.now();
      this.#asked = undefined;
      // Whoever speaks has let us in: the next fall starts from the shortest wait.
      this.#attempts = 0;
      if (data instanceof ArrayBuffer) this.#options.onMessage(new Uint8Array(data));
    });
    hear("close", ({ code = 1006, reason = "" }) => this.closed(code, reason));
    // A close follows, with all there is to know; but in Node an error that nobody hears is fatal.
    socket.addEventListener("error", () => {});
  }

  #fell(): void {
    if (this.#state.kind !== "down") this.#set({ kind: "down", since: Date.now() });
    const wait = Math.min(firstWaitMilliseconds * 2 ** this.#attempts++, longestWaitMilliseconds);
    // A class whose server restarts must not come back in one instant.
    this.#retry = setTimeout(() => this.#connect(), wait * (0.75 + Math.random() * 0.5));
  }

  #feelPulse(): void {
    const now = Date.now();
    if (this.#asked !== undefined) {
      if (now - this.#asked >= pongMilliseconds) this.#giveUp();
    } else if (now - this.#heard >= pingMilliseconds - 100 && this.#socket?.readyState === openState) {
      this.#asked = now;
      this.#socket.send("ping");
    }
  }

  #drop(): void {
    this.#attempt++;
    clearTimeout(this.#retry);
    clearInterval(this.#pulse);
    clearTimeout(this.#limit);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}
