// What a room asks of whoever hosts it: sockets, a clock, names. No host's own types appear here.

import type { Role } from "#core/auth/role.ts";
import type { Pass, TokenCheck } from "#core/auth/token.ts";
import type { Person } from "#core/room/person.ts";
import type { Disposer } from "#core/base/disposable.ts";

export type MaybePromise<T> = T | Promise<T>;

/** Who comes to the door, with a token that was verified. */
export interface Visit {
  readonly connection: string;
  readonly person: Person;
  readonly pass: Pass;
  /** Of the document that it brings along, where it has one. */
  readonly epoch?: string;
  /** Whether it announced our frames. */
  readonly conch: boolean;
}

/** What is known about a connection for as long as it is open: small JSON, which the host keeps through sleep. */
export interface Admission extends Visit {
  readonly role: Role;
  /** Milliseconds since 1970 at which it ends, unless a fresh token comes. */
  readonly until?: number;
  /** The awareness client that it speaks for, once it has spoken. */
  readonly client?: number;
}

export interface RoomSocket {
  /** Never throws: what cannot be sent any more belongs to a socket whose end is about to be reported. */
  send(data: Uint8Array): void;
  sendText(text: string): void;
  close(code: number, reason: string): void;
  /** When the host last answered a ping of its own accord, in milliseconds since 1970; left out where it does not. */
  readonly lastPing?: number | undefined;
  /** Undefined until the room has admitted the socket. */
  admission: Admission | undefined;
}

export interface RoomClock {
  /** Milliseconds since 1970. */
  now(): number;
  after(milliseconds: number, run: () => void): Disposer;
}

export interface RoomHost {
  readonly clock: RoomClock;
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
  /** For the operator: what went wrong, never what people wrote. */
  log(sentence: string, thrown?: unknown): void;
}
