// Who publishes and who watches which stream of bytes. Decides to whom a frame goes; sends nothing.

import type { ClientFrame, RoomFrame } from "#core/room/frames.ts";
import type { Person } from "#core/room/person.ts";
import { maxInputBytes, maxPublishedPerConnection, maxWatchedPerConnection } from "#core/room/limits.ts";

/** A frame for one connection. */
export interface Delivery {
  readonly to: string;
  readonly frame: RoomFrame;
  readonly bytes?: Uint8Array;
}

type InputFrame = Extract<ClientFrame, { readonly type: "input" }>;

/** A watcher waits until it has had a snapshot; data before that is part of the snapshot. */
type Watching = "waiting" | "live";

export class ChannelTable {
  readonly #publishers = new Map<string, string>();
  /** Channels into which those who watch may type. */
  readonly #offered = new Set<string>();
  readonly #watchers = new Map<string, Map<string, Watching>>();

  publish(connection: string, channel: string, offered = false): Delivery[] {
    const publisher = this.#publishers.get(channel);
    if (publisher !== undefined && publisher !== connection)
      return [refusal(connection, "publish", channel, "Somebody else has a channel of this name.")];
    if (publisher === undefined && this.#count(connection) >= maxPublishedPerConnection)
      return [
        refusal(
          connection,
          "publish",
          channel,
          `You show ${maxPublishedPerConnection} terminals and cells already: close one.`,
        ),
      ];
    this.#publishers.set(channel, connection);
    const deliveries = this.offer(connection, channel, offered);
    const watchers = this.#watchers.get(channel);
    for (const id of watchers?.keys() ?? []) {
      watchers?.set(id, "waiting");
      deliveries.push({ to: connection, frame: { type: "watcher", channel, id } });
    }
    return deliveries;
  }

  /** [ROOM-33] Lets those who watch type, or not any more. */
  offer(connection: string, channel: string, offered: boolean): Delivery[] {
    if (this.#publishers.get(channel) !== connection || this.#offered.has(channel) === offered) return [];
    if (offered) this.#offered.add(channel);
    else this.#offered.delete(channel);
    return [...(this.#watchers.get(channel)?.keys() ?? [])].map((to) => ({
      to,
      frame: { type: "offered", channel, offered },
    }));
  }

  /** [ROOM-33] What somebody types into a channel that they watch. */
  input(connection: string, from: Person, frame: InputFrame, bytes: Uint8Array): Delivery[] {
    const { channel, stream, at } = frame;
    const publisher = this.#publishers.get(channel);
    if (
      publisher === undefined ||
      !this.#offered.has(channel) ||
      this.#watchers.get(channel)?.has(connection) !== true
    )
      return [refusal(connection, "input", channel, "This terminal is not offered for typing now.")];
    if (bytes.length > maxInputBytes)
      return [refusal(connection, "input", channel, "That is too much to be typed in one go.")];
    const piece = stream === undefined || at === undefined ? {} : { id: connection, stream, at };
    return [{ to: publisher, frame: { type: "input", channel, from, ...piece }, bytes }];
  }

  /** [ROOM-39] The publisher has taken what a watcher typed. */
  taken(connection: string, channel: string, to: string, stream: string, next: number): Delivery[] {
    if (this.#publishers.get(channel) !== connection || this.#watchers.get(channel)?.has(to) !== true)
      return [];
    return [{ to, frame: { type: "taken", channel, stream, next } }];
  }

  unpublish(connection: string, channel: string): Delivery[] {
    if (this.#publishers.get(channel) !== connection) return [];
    this.#publishers.delete(channel);
    this.#offered.delete(channel);
    const watchers = this.#watchers.get(channel);
    return [...(watchers?.keys() ?? [])].map((to) => {
      watchers?.set(to, "waiting");
      return { to, frame: { type: "closed", channel } };
    });
  }

  watch(connection: string, channel: string): Delivery[] {
    let watchers = this.#watchers.get(channel);
    let watched = 0;
    for (const others of this.#watchers.values()) if (others.has(connection)) watched++;
    if (watched >= maxWatchedPerConnection && watchers?.has(connection) !== true)
      return [
        refusal(
          connection,
          "watch",
          channel,
          `You watch ${maxWatchedPerConnection} terminals and cells already: close one.`,
        ),
      ];
    if (watchers === undefined) this.#watchers.set(channel, (watchers = new Map()));
    watchers.set(connection, "waiting");
    const publisher = this.#publishers.get(channel);
    if (publisher === undefined) return [{ to: connection, frame: { type: "closed", channel } }];
    return [
      { to: connection, frame: { type: "offered", channel, offered: this.#offered.has(channel) } },
      { to: publisher, frame: { type: "watcher", channel, id: connection } },
    ];
  }

  unwatch(connection: string, channel: string): void {
    const watchers = this.#watchers.get(channel);
    watchers?.delete(connection);
    if (watchers?.size === 0) this.#watchers.delete(channel);
  }

  data(connection: string, channel: string, bytes: Uint8Array): Delivery[] {
    if (this.#publishers.get(channel) !== connection) return [];
    const deliveries: Delivery[] = [];
    for (const [to, watching] of this.#watchers.get(channel) ?? [])
      if (watching === "live") deliveries.push({ to, frame: { type: "data", channel }, bytes });
    return deliveries;
  }

  snapshot(connection: string, channel: string, to: string, bytes: Uint8Array): Delivery[] {
    const watchers = this.#watchers.get(channel);
    if (this.#publishers.get(channel) !== connection || watchers?.has(to) !== true) return [];
    watchers.set(to, "live");
    return [{ to, frame: { type: "snapshot", channel }, bytes }];
  }

  /** Takes away what a connection publishes. */
  unpublishAll(connection: string): Delivery[] {
    const deliveries: Delivery[] = [];
    for (const [channel, publisher] of this.#publishers)
      if (publisher === connection) deliveries.push(...this.unpublish(connection, channel));
    return deliveries;
  }

  leave(connection: string): Delivery[] {
    for (const channel of this.#watchers.keys()) this.unwatch(connection, channel);
    return this.unpublishAll(connection);
  }

  #count(connection: string): number {
    let count = 0;
    for (const publisher of this.#publishers.values()) if (publisher === connection) count++;
    return count;
  }
}

/** What somebody is told whose frame has no effect. */
export function refusal(
  to: string,
  what: "publish" | "watch" | "input",
  channel: string,
  reason: string,
): Delivery {
  return { to, frame: { type: "refused", what, channel, reason } };
}
