// What a room asks of whoever hosts it: sockets, a clock, names. No host's own types appear here.

import type { Role } from "#core/auth/role.ts";
import type { Person } from "#core/room/person.ts";
import type { Disposer } from "#core/base/disposable.ts";

export type MaybePromise<T> = T | Promise<T>;

/** What is known about a connection for as long as it is open: small JSON, which the host keeps through sleep. */
export interface Admission {
  readonly connection: string;
  readonly person: Person;
  readonly role: Role;
  /** Of the document that it brings along, where it has one. */
  readonly epoch?: string;
  /** Whether it announced our frames. */
  readonly conch: boolean;
  /** The awareness client that it speaks for, once it has spoken. */
  readonly client?: number;
}

export interface RoomSocket {
  /** Never throws: what cannot be sent any more belongs to a socket whose end is about to be reported. */
  send(data: Uint8Array): void;
  sendText(text: string): void;
  close(code: number, reason: string): void;
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
  /** A fresh, unguessable name. */
  newId(): string;
  /** For the operator: what went wrong, never what people wrote. */
  log(sentence: string, thrown?: unknown): void;
}
