// What a room needs of its host: sockets, a clock, names. No host's own types appear here.

import type { Role } from "#core/auth/role.ts";
import type { Pass, TokenCheck } from "#core/auth/token.ts";
import type { Person } from "#core/room/person.ts";
import type { Clock } from "#core/base/clock.ts";

export type MaybePromise<T> = T | Promise<T>;

/** A participant who asks to join, with a token that was verified. */
export interface Visit {
  readonly connection: string;
  readonly person: Person;
  readonly pass: Pass;
  /** The epoch of the document that it brings along, where it has one. */
  readonly epoch?: string;
  /** The version of our frames that it announced; undefined for a stock client, which knows none. */
  readonly protocol?: string;
}

/** What is known about a connection while it is open: small JSON, which the host keeps while the room sleeps. */
export interface Admission extends Visit {
  readonly role: Role;
  /** Milliseconds since 1970 at which it ends, unless a fresh token comes. */
  readonly until?: number;
  /** The awareness client id that it is bound to, once it has sent a state. */
  readonly client?: number;
}

export interface RoomSocket {
  /** Never throws: where nothing can be sent any more, the host is about to report the end of the socket. */
  send(data: Uint8Array): void;
  sendText(text: string): void;
  close(code: number, reason: string): void;
  /** When the host last answered a ping of its own accord, in milliseconds since 1970; left out where it does not. */
  readonly lastPing?: number | undefined;
  /** Undefined until the room has admitted the socket. */
  admission: Admission | undefined;
}

export interface RoomHost {
  readonly clock: Clock;
  /** Writes that failed in a row before this room began, on a host that ends a room whose write fails. */
  readonly failedWrites?: number;
  /** A fresh, unguessable name. */
  newId(): string;
  /** The Yjs client number under which the room edits the document; a random one where it is left out. */
  newClient?(): number;
  /** Checks a token against a project. */
  verify(token: string, project: string): Promise<TokenCheck>;
  /** Has the room's `tick` called at this time, in milliseconds since 1970; a later call replaces an earlier one. */
  wakeAt(time: number): void;
  /** For the operator: what failed, never what people wrote. */
  log(sentence: string, thrown?: unknown): void;
}
