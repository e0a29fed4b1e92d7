// What the terminals need of the session: channels to publish and watch, and who is here with which terminals.
// client/sync's Session and Channels fit these; nothing here knows sockets or rooms.

import type { Disposer } from "#core/base/disposable.ts";
import type { TerminalSize } from "#core/machine/machine.ts";

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
  /** Whether there is a line to the room: without one, nothing is typed. */
  readonly connected: (connected: boolean) => void;
  /** So many bytes that were typed will not arrive. */
  readonly lost: (bytes: number) => void;
}

interface TerminalAbout {
  readonly title: string;
  readonly kind: "terminal";
  readonly size: TerminalSize;
  /** What a colleague types, where that is offered; settles when the shell has taken it. */
  readonly onInput: (data: Uint8Array, from: TerminalPerson) => Promise<void>;
}

export interface TerminalPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string;
}

export interface TerminalRelay {
  publish(channel: string, about: TerminalAbout, snapshot: () => Uint8Array): Publication;
  watch(channel: string, events: ChannelEvents): Disposer;
  /** False where it cannot be typed into now. */
  input(channel: string, data: Uint8Array): boolean;
}

/** Somebody else's open terminal. */
export interface SharedTerminal {
  readonly channel: string;
  readonly owner: TerminalPerson;
  readonly title: string;
}
