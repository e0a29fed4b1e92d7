// What the terminals need of the session: channels to publish and watch, and who is here with which terminals.
// client/sync's Session and Channels fit these; nothing here knows sockets or rooms.

import type { Disposer } from "#core/base/disposable.ts";
import type { TerminalSize } from "#machine/machine.ts";

export interface Publication {
  send(data: Uint8Array): void;
  /** Lets those who watch and may run type, or not any more. */
  offer(offered: boolean): void;
  close(): void;
}

interface ChannelEvents {
  /** Everything up to now; comes first, and again where the watcher fell behind. */
  readonly snapshot: (data: Uint8Array) => void;
  readonly data: (data: Uint8Array) => void;
  /** The publisher closed it or left. */
  readonly closed: () => void;
  /** Whether one may type into it. */
  readonly offered: (offered: boolean) => void;
}

interface TerminalAbout {
  readonly title: string;
  readonly kind: "terminal";
  readonly size: TerminalSize;
  /** What a colleague types, where that is offered. */
  readonly onInput: (data: Uint8Array, from: TerminalPerson) => void;
}

export interface TerminalPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string;
}

export interface TerminalRelay {
  publish(channel: string, about: TerminalAbout, snapshot: () => Uint8Array): Publication;
  watch(channel: string, events: ChannelEvents): Disposer;
  input(channel: string, data: Uint8Array): void;
}

/** Somebody else's open terminal. */
export interface SharedTerminal {
  readonly channel: string;
  readonly owner: TerminalPerson;
  readonly title: string;
}
