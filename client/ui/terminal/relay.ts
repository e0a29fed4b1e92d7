// What the terminals need of the session: channels to publish and watch, and who is here with which terminals.
// client/sync's Session and Channels fit these; nothing here knows sockets or rooms.

import type { Disposer } from "#core/base/disposable.ts";
import type { TerminalSize } from "#machine/machine.ts";

export interface Publication {
  send(data: Uint8Array): void;
  close(): void;
}

interface ChannelEvents {
  /** Everything up to now; comes first, and again where the watcher fell behind. */
  readonly snapshot: (data: Uint8Array) => void;
  readonly data: (data: Uint8Array) => void;
  /** The publisher closed it or left. */
  readonly closed: () => void;
}

export interface TerminalRelay {
  publish(
    channel: string,
    about: { readonly title: string; readonly kind: "terminal"; readonly size: TerminalSize },
    snapshot: () => Uint8Array,
  ): Publication;
  watch(channel: string, events: ChannelEvents): Disposer;
}

/** Somebody else's open terminal. */
export interface SharedTerminal {
  readonly channel: string;
  readonly owner: { readonly id: string; readonly name: string; readonly color: string };
  readonly title: string;
}
