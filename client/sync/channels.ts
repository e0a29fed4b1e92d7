// Streams of bytes between participants (terminals, running cells), as the page sees them: publish and watch.
// Survives the line: after a reconnect everything is announced again. Knows no socket.

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { concatBytes } from "#core/base/bytes.ts";
import type { ChannelKind, ClientFrame, RoomFrame } from "#core/room/frames.ts";
import type { Person } from "#core/room/person.ts";
import { maxTitleLength } from "#core/room/limits.ts";
import { TakenInput, TypedInput } from "./typed-input.ts";

export interface ChannelAbout {
  readonly title: string;
  readonly kind: ChannelKind;
  readonly size?: { readonly cols: number; readonly rows: number };
  /** What somebody types into what is offered. More of it comes when it was taken. */
  readonly onInput?: (data: Uint8Array, from: Person) => void | Promise<void>;
}

export interface Publication {
  send(data: Uint8Array): void;
  /** Lets those who watch and may run type, or not any more. */
  offer(offered: boolean): void;
  close(): void;
}

export interface ChannelEvents {
  /** Everything up to now: first, and again after a break. */
  readonly snapshot: (data: Uint8Array) => void;
  readonly data: (data: Uint8Array) => void;
  /** Nobody publishes it (any more). If somebody does later, a snapshot follows. */
  readonly closed: () => void;
  /** Whether one may type into it. */
  readonly offered?: (offered: boolean) => void;
  /** Whether there is a line to the room: without one, nothing is typed. */
  readonly connected?: (connected: boolean) => void;
  /** So many bytes that were typed will not arrive. */
  readonly lost?: (bytes: number) => void;
}

export interface Channels {
  publish(channel: string, about: ChannelAbout, snapshot: () => Uint8Array): Publication;
  watch(channel: string, events: ChannelEvents): Disposer;
  /** Types into a channel that one watches; false where it cannot be typed into now. */
  input(channel: string, data: Uint8Array): boolean;
}

interface Published {
  readonly about: ChannelAbout;
  readonly snapshot: () => Uint8Array;
  /** Somebody has had a snapshot since we announced it: else nobody needs the data. */
  watched: boolean;
  offered: boolean;
  pending: Uint8Array[];
  pendingBytes: number;
  readonly input: TakenInput;
}

interface Watched {
  readonly listeners: Set<ChannelEvents>;
  readonly typed: TypedInput;
}

/** Output is collected this long into one frame, or until it is this much. */
const collectMilliseconds = 8;
const collectBytes = 64 * 1024;

export interface RoomChannelsOptions {
  readonly clock: Clock;
  readonly send: (frame: ClientFrame, bytes?: Uint8Array) => void;
  /** The name of what is typed here, over all connections; a random one where it is left out. */
  readonly stream?: string;
}

export class RoomChannels implements Channels {
  readonly #clock: Clock;
  readonly #send: RoomChannelsOptions["send"];
  readonly #published = new Map<string, Published>();
  readonly #watched = new Map<string, Watched>();
  /** The name of what is typed here: this object's, however often the line breaks. */
  readonly #stream: string;
  #timer: Disposer | undefined;

  constructor({ clock, send, stream = crypto.randomUUID() }: RoomChannelsOptions) {
    this.#clock = clock;
    this.#send = send;
    this.#stream = stream;
  }

  publish(channel: string, about: ChannelAbout, snapshot: () => Uint8Array): Publication {
    if (this.#published.has(channel))
      throw new Error(`invariant violation: channel ${channel} is published twice`);
    const published: Published = {
      about,
      snapshot,
      watched: false,
      offered: false,
      pending: [],
      pendingBytes: 0,
      input: new TakenInput(),
    };
    this.#published.set(channel, published);
    this.#announce(channel, published);
    return {
      send: (data) => {
        if (!published.watched || this.#published.get(channel) !== published) return;
        published.pending.push(data.slice());
        published.pendingBytes += data.length;
        if (published.pendingBytes >= collectBytes) this.#flush(channel, published);
        else this.#timer ??= this.#clock.after(collectMilliseconds, () => this.#flushAll());
      },
      offer: (offered) => {
        if (this.#published.get(channel) !== published || published.offered === offered) return;
        published.offered = offered;
        this.#send({ type: "offer", channel, offered });
      },
      close: () => {
        if (this.#published.get(channel) !== published) return;
        this.#flush(channel, published);
        this.#published.delete(channel);
        this.#send({ type: "unpublish", channel });
      },
    };
  }

  watch(channel: string, events: ChannelEvents): Disposer {
    const watched = this.#watched.get(channel) ?? this.#newWatched(channel);
    // An object of its own: the same events may be passed twice.
    const entry = { ...events };
    watched.listeners.add(entry);
    // Also for a second watcher here: it needs a snapshot of its own.
    this.#send({ type: "watch", channel });
    return () => {
      if (!watched.listeners.delete(entry) || watched.listeners.size > 0) return;
      this.#watched.delete(channel);
      this.#send({ type: "unwatch", channel });
    };
  }

  input(channel: string, data: Uint8Array): boolean {
    return this.#watched.get(channel)?.typed.type(data) ?? false;
  }

  /** The room knows nothing of us: a new line, or a room that slept. */
  welcome(): void {
    for (const [channel, published] of this.#published) this.#announce(channel, published);
    for (const channel of this.#watched.keys()) {
      this.#send({ type: "watch", channel });
      for (const { connected } of this.#listeners(channel)) connected?.(true);
    }
  }

  /** The line is down: what we watch stands still. */
  down(): void {
    for (const published of this.#published.values()) {
      published.watched = false;
      published.pending = [];
      published.pendingBytes = 0;
    }
    for (const [channel, { typed }] of this.#watched) {
      typed.pause();
      for (const { connected } of this.#listeners(channel)) connected?.(false);
    }
  }

  receive(frame: RoomFrame, bytes: Uint8Array): void {
    switch (frame.type) {
      case "watcher": {
        const published = this.#published.get(frame.channel);
        if (published === undefined) return;
        const { channel, id } = frame;
        // Taking it may make the publisher send what it still held back: all that was sent by then is in it.
        const snapshot = published.snapshot();
        this.#flush(channel, published);
        published.watched = true;
        this.#send({ type: "snapshot", channel, to: id }, snapshot);
        return;
      }
      case "snapshot":
        for (const { snapshot } of this.#listeners(frame.channel)) snapshot(bytes);
        return;
      case "data":
        for (const { data } of this.#listeners(frame.channel)) data(bytes);
        return;
      case "offered": {
        const typed = this.#watched.get(frame.channel)?.typed;
        const lost = frame.offered ? 0 : (typed?.close() ?? 0);
        if (frame.offered) typed?.open();
        for (const { offered } of this.#listeners(frame.channel)) offered?.(frame.offered);
        if (lost > 0) for (const listener of this.#listeners(frame.channel)) listener.lost?.(lost);
        return;
      }
      case "input":
        return this.#take(frame, bytes);
      case "taken":
        if (frame.stream === this.#stream) this.#watched.get(frame.channel)?.typed.taken(frame.next);
        return;
      case "closed":
        // Its owner's line may have broken: what was typed waits for the channel to come back.
        this.#watched.get(frame.channel)?.typed.pause();
        for (const { closed } of this.#listeners(frame.channel)) closed();
        return;
      default:
    }
  }

  destroy(): void {
    this.#timer?.();
    this.#published.clear();
    this.#watched.clear();
  }

  #listeners(channel: string): readonly ChannelEvents[] {
    return [...(this.#watched.get(channel)?.listeners ?? [])];
  }

  #newWatched(channel: string): Watched {
    const watched: Watched = {
      listeners: new Set(),
      typed: new TypedInput((at, bytes) =>
        this.#send({ type: "input", channel, stream: this.#stream, at }, bytes),
      ),
    };
    this.#watched.set(channel, watched);
    return watched;
  }

  #take(frame: Extract<RoomFrame, { readonly type: "input" }>, bytes: Uint8Array): void {
    const { channel, from, id, stream, at } = frame;
    const published = this.#published.get(channel);
    // What was under way when it was taken back is not typed.
    if (published?.offered !== true) return;
    const take = (): void | Promise<void> => published.about.onInput?.(bytes, from);
    if (id === undefined || stream === undefined || at === undefined) void take();
    else
      published.input.receive(stream, { at, size: bytes.length }, take, (next) =>
        this.#send({ type: "taken", channel, to: id, stream, next }),
      );
  }

  #announce(channel: string, { about, offered }: Published): void {
    const { title, kind, size } = about;
    this.#send({
      type: "publish",
      channel,
      title: title.slice(0, maxTitleLength),
      kind,
      ...(size === undefined ? {} : { cols: size.cols, rows: size.rows }),
      ...(offered ? { offered: true as const } : {}),
    });
  }

  #flushAll(): void {
    this.#timer = undefined;
    for (const [channel, published] of this.#published) this.#flush(channel, published);
  }

  #flush(channel: string, published: Published): void {
    if (published.pending.length === 0) return;
    const bytes = concatBytes(published.pending);
    published.pending = [];
    published.pendingBytes = 0;
    this.#send({ type: "data", channel }, bytes);
  }
}
