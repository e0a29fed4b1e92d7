// The states of a participant's connection to the room and every transition between them (table in SPEC.md). Pure: each
// transition returns the next state, and one that a state does not have returns the state as it is.

import { closeCode, isFinal } from "#core/room/close.ts";
import type { ConnectionStatus } from "./room-status.ts";

/** What the attempts to connect remember until the room lets us in. */
interface Attempts {
  /** Attempts that have failed. */
  readonly failures: number;
  /** When the first of them failed, in milliseconds since 1970. */
  readonly offlineSince?: number;
  /** The room has refused a token: if it refuses the next one, too, that is its answer. */
  readonly tokenRefused: boolean;
}

/** Whether the other end of an open socket gives signs. */
type Liveness =
  | { readonly kind: "heard" }
  /** It was silent and has been asked. Without a sign by then, in milliseconds since 1970, it is lost. */
  | { readonly kind: "asked"; readonly until: number };

export type ConnectionState =
  /** Waits for the address, which holds a token. */
  | ({ readonly kind: "requesting" } & Attempts)
  /** Waits for the socket to open. */
  | ({ readonly kind: "opening" } & Attempts)
  /** The socket is open, and the room has not welcomed us. */
  | ({ readonly kind: "joining"; readonly liveness: Liveness } & Attempts)
  | { readonly kind: "joined"; readonly liveness: Liveness }
  /** An attempt has failed. The next one comes after so many milliseconds. */
  | ({ readonly kind: "waiting"; readonly wait: number } & Attempts)
  /** Trying again is pointless; `reason` is a sentence. */
  | { readonly kind: "refused"; readonly code: number; readonly reason: string }
  /** This side has ended it. */
  | { readonly kind: "ended" };

/** Milliseconds. The first attempt after a loss is nearly at once … */
const firstWaitMilliseconds = 100;
/** … and each later one twice as long after the one before, up to this. */
const longestWaitMilliseconds = 1500;

const fresh: Attempts = { failures: 0, tokenRefused: false };
const heard: Liveness = { kind: "heard" };

export function begin(): ConnectionState {
  return { kind: "requesting", ...fresh };
}

/** The address is known. */
export function addressed(state: ConnectionState): ConnectionState {
  return state.kind === "requesting" ? { ...state, kind: "opening" } : state;
}

/** The socket is open. */
export function opened(state: ConnectionState): ConnectionState {
  return state.kind === "opening" ? { ...state, kind: "joining", liveness: heard } : state;
}

/** The room has let us in. */
export function welcomed(state: ConnectionState): ConnectionState {
  return state.kind === "joining" ? { kind: "joined", liveness: state.liveness } : state;
}

/**
 * The attempt has failed or the connection is lost; it is worth trying again. `now` in milliseconds since 1970;
 * `random` from 0 to 1 spreads the attempts, so that a class whose server restarts does not come back in one instant.
 */
export function lost(state: ConnectionState, now: number, random: number): ConnectionState {
  switch (state.kind) {
    case "requesting":
    case "opening":
    case "joining":
    case "joined": {
      const { failures, offlineSince = now, tokenRefused } = attemptsOf(state);
      const wait = Math.min(firstWaitMilliseconds * 2 ** failures, longestWaitMilliseconds);
      return {
        kind: "waiting",
        wait: wait * (0.75 + random * 0.5),
        failures: failures + 1,
        offlineSince,
        tokenRefused,
      };
    }
    case "waiting":
    case "refused":
    case "ended":
      return state;
    default:
      return state satisfies never;
  }
}

/** The wait is over. */
export function retry(state: ConnectionState): ConnectionState {
  return state.kind === "waiting" ? { kind: "requesting", ...attemptsOf(state) } : state;
}

/** The browser has its network back: the next attempt comes at once, and counts as the first. */
export function networkReturned(state: ConnectionState): ConnectionState {
  return state.kind === "waiting" ? { kind: "requesting", ...attemptsOf(state), failures: 0 } : state;
}

/**
 * The other side has ended the connection, for a code of core/room/close.ts and a sentence. A token may have ended
 * while this computer slept: the link, which gives another, may be as good as ever.
 */
export function closed(
  state: ConnectionState,
  { code, reason }: { readonly code: number; readonly reason: string },
  now: number,
  random: number,
): ConnectionState {
  if (!isFinal(code)) return lost(state, now, random);
  if (code !== closeCode.unauthorized || attemptsOf(state).tokenRefused) return refused(state, code, reason);
  return state.kind === "ended" || state.kind === "refused"
    ? state
    : { kind: "requesting", ...attemptsOf(state), tokenRefused: true };
}

/** Trying again is pointless. */
export function refused(state: ConnectionState, code: number, reason: string): ConnectionState {
  return state.kind === "ended" || state.kind === "refused" ? state : { kind: "refused", code, reason };
}

/** The other end was silent and has been asked for a sign. */
export function asked(state: ConnectionState, until: number): ConnectionState {
  return hasOpenSocket(state) ? { ...state, liveness: { kind: "asked", until } } : state;
}

/** The other end has given a sign. */
export function gaveSign(state: ConnectionState): ConnectionState {
  return hasOpenSocket(state) && state.liveness.kind === "asked" ? { ...state, liveness: heard } : state;
}

export function ended(): ConnectionState {
  return { kind: "ended" };
}

/** Messages can be sent. */
export function hasOpenSocket(
  state: ConnectionState,
): state is Extract<ConnectionState, { readonly liveness: Liveness }> {
  return state.kind === "joining" || state.kind === "joined";
}

/** What a person sees of a state. */
export function statusOf(state: Exclude<ConnectionState, { readonly kind: "ended" }>): ConnectionStatus {
  switch (state.kind) {
    case "joined":
      return { kind: "online" };
    case "refused":
      return { kind: "refused", reason: state.reason };
    case "requesting":
    case "opening":
    case "joining":
    case "waiting": {
      const { offlineSince } = state;
      return offlineSince === undefined ? { kind: "connecting" } : { kind: "offline", since: offlineSince };
    }
    default:
      return state satisfies never;
  }
}

function attemptsOf(state: ConnectionState): Attempts {
  if (!("failures" in state)) return fresh;
  const { failures, offlineSince, tokenRefused } = state;
  return { failures, tokenRefused, ...(offlineSince === undefined ? {} : { offlineSince }) };
}
