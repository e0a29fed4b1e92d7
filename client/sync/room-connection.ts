// The connection to the room, put up again whenever it is lost: performs what the states of connection-state.ts ask for
// (sockets, waits, limits of time, pings). Knows nothing of what is said over it.

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import {
  addressed,
  asked,
  begin,
  closed,
  ended,
  gaveSign,
  hasOpenSocket,
  lost,
  networkReturned,
  opened,
  refused,
  retry,
  welcomed,
  type ConnectionState,
} from "./connection-state.ts";

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

/** Calls back whenever the computer loses its network, or has it back. */
export type WatchNetwork = (onChange: (online: boolean) => void) => Disposer;

export interface RoomConnectionOptions {
  /**
   * Asked at every attempt; `newToken`: the room has refused the last token. Rejects with a Refusal where trying again
   * is pointless; any other error means that the server was not reached.
   */
  readonly address: (newToken: boolean) => Promise<string>;
  readonly WebSocket: SocketClass;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly watchNetwork: WatchNetwork;
  /** `before`: the state that it follows. Not called for the first state, nor for signs of life. */
  readonly onState: (state: ConnectionState, before: ConnectionState) => void;
  readonly onMessage: (data: Uint8Array) => void;
}

/** Why there is no address to connect to: a code of core/room/close.ts, and a sentence. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** WebSocket.OPEN */
const openState = 1;
/** [CONN-2] Milliseconds. Longer than a request for a token may take by itself. */
const requestMilliseconds = 15_000;
/** [CONN-2] Milliseconds. Some networks swallow what is sent, and a socket neither opens nor closes. */
const openMilliseconds = 10_000;
/** [CONN-2] Milliseconds. A room that has slept reads its document first, and lets in a class one by one. */
const joinMilliseconds = 30_000;
/** [CONN-3] Milliseconds of silence after which the other end is asked for a sign … */
const pingMilliseconds = 5000;
/** … after which it is lost … */
const pongMilliseconds = 8000;
/** … and after which it is lost where the computer has lost its network, which does not end a socket. */
const offlinePongMilliseconds = 2000;

export class RoomConnection {
  readonly #options: RoomConnectionOptions;
  readonly #stopNetwork: Disposer;
  #state: ConnectionState = begin();
  #socket: Socket | undefined;
  /** When the other end was last heard, in milliseconds since 1970. */
  #lastSign = 0;
  /** Ends the present state when it has lasted too long, or the wait for the next attempt. */
  #limit: Disposer | undefined;
  #pulse: Disposer | undefined;

  constructor(options: RoomConnectionOptions) {
    this.#options = options;
    this.#stopNetwork = options.watchNetwork((online) => {
      if (online) this.#enter(networkReturned(this.#state));
      // The browser may be wrong, or the server on this computer: the other end is asked.
      else this.#ask(offlinePongMilliseconds);
    });
    this.#request(false);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** False where there is no open socket: then nothing was sent. */
  send(data: Uint8Array<ArrayBuffer>): boolean {
    if (!hasOpenSocket(this.#state) || this.#socket?.readyState !== openState) return false;
    this.#socket.send(data);
    return true;
  }

  /** The room has let us in. */
  welcomed(): void {
    this.#enter(welcomed(this.#state));
  }

  /** The other side has ended this connection, or is about to. */
  closed(code: number, reason: string): void {
    const { clock, random } = this.#options;
    this.#enter(closed(this.#state, { code, reason }, clock.now(), random()));
  }

  /** The end: nothing that is tried again would help. */
  refuse({ code, message }: Refusal): void {
    this.#enter(refused(this.#state, code, message));
  }

  destroy(): void {
    this.#stopNetwork();
    this.#enter(ended());
  }

  #enter(next: ConnectionState): void {
    const before = this.#state;
    this.#state = next;
    if (next.kind === before.kind) return;
    this.#limit?.();
    this.#limit = undefined;
    switch (next.kind) {
      case "requesting":
        this.#drop();
        this.#request(next.tokenRefused && !("tokenRefused" in before && before.tokenRefused));
        break;
      case "opening":
        this.#limitTo(openMilliseconds);
        break;
      case "joining":
        this.#limitTo(joinMilliseconds);
        this.#lastSign = this.#options.clock.now();
        this.#watch();
        break;
      case "joined":
        break;
      case "waiting":
        this.#drop();
        this.#limit = this.#options.clock.after(next.wait, () => this.#enter(retry(this.#state)));
        break;
      case "refused":
      case "ended":
        this.#drop();
        break;
      default:
        return next satisfies never;
    }
    this.#options.onState(next, before);
  }

  #lose(): void {
    const { clock, random } = this.#options;
    this.#enter(lost(this.#state, clock.now(), random()));
  }

  #limitTo(milliseconds: number): void {
    this.#limit = this.#options.clock.after(milliseconds, () => this.#lose());
  }

  #request(newToken: boolean): void {
    this.#limitTo(requestMilliseconds);
    const requesting = this.#state;
    this.#options.address(newToken).then(
      (url) => {
        if (this.#state === requesting) this.#open(url);
      },
      (error: unknown) => {
        if (this.#state !== requesting) return;
        if (isRefusal(error)) this.refuse(error);
        else this.#lose();
      },
    );
  }

  #open(url: string): void {
    const socket = new this.#options.WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#enter(addressed(this.#state));
    // A socket that was dropped is not heard any more.
    const hear = (type: string, listener: (event: SocketEvent) => void): void =>
      socket.addEventListener(type, (event) => {
        if (this.#socket === socket) listener(event);
      });
    hear("open", () => this.#enter(opened(this.#state)));
    hear("message", ({ data }) => {
      this.#lastSign = this.#options.clock.now();
      const before = this.#state;
      this.#enter(gaveSign(before));
      if (this.#state !== before) this.#watch();
      if (data instanceof ArrayBuffer) this.#options.onMessage(new Uint8Array(data));
    });
    hear("close", ({ code = 1006, reason = "" }) => this.closed(code, reason));
    // A close follows, with all there is to know; but in Node an error that nobody hears is fatal.
    socket.addEventListener("error", () => {});
  }

  /** Asks a silent other end for a sign, and gives it up where none comes. */
  #watch(): void {
    const state = this.#state;
    if (!hasOpenSocket(state)) return;
    const due = state.liveness.kind === "asked" ? state.liveness.until : this.#lastSign + pingMilliseconds;
    const { clock } = this.#options;
    this.#pulse?.();
    this.#pulse = clock.after(Math.max(0, due - clock.now()), () => {
      if (state === this.#state && state.liveness.kind === "asked") this.#lose();
      else if (clock.now() - this.#lastSign >= pingMilliseconds) this.#ask(pongMilliseconds);
      else this.#watch();
    });
  }

  #ask(milliseconds: number): void {
    if (!hasOpenSocket(this.#state)) return;
    // One that closes may take minutes to have closed.
    if (this.#socket?.readyState !== openState) return this.#lose();
    this.#socket.send("ping");
    this.#enter(asked(this.#state, this.#options.clock.now() + milliseconds));
    this.#watch();
  }

  #drop(): void {
    this.#pulse?.();
    this.#pulse = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

/** The browser knows when its network is back; Node has no such events. */
export const watchBrowserNetwork: WatchNetwork = (onChange) => {
  const online = (): void => onChange(true);
  const offline = (): void => onChange(false);
  globalThis.addEventListener?.("online", online);
  globalThis.addEventListener?.("offline", offline);
  return () => {
    globalThis.removeEventListener?.("online", online);
    globalThis.removeEventListener?.("offline", offline);
  };
};

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}
