// The channels of a room as its participants ask for them: who may, and what each is told.

import { can } from "#core/auth/role.ts";
import type { ClientFrame } from "#core/room/frames.ts";
import { ChannelTable, refusal, type Delivery } from "./channels.ts";
import type { Connection } from "./connection.ts";

type ChannelFrame = Extract<ClientFrame, { readonly channel: string }>;

export class ChannelRouter {
  readonly #channels = new ChannelTable();
  readonly #connection: (id: string) => Connection | undefined;

  constructor(connection: (id: string) => Connection | undefined) {
    this.#connection = connection;
  }

  take(connection: Connection, frame: ChannelFrame, bytes: Uint8Array): void {
    const { id, admission } = connection;
    const { channel } = frame;
    switch (frame.type) {
      case "publish":
        return this.#deliver(
          can(admission.role, "run")
            ? this.#channels.publish(id, channel, frame.offered)
            : [refusal(id, "publish", channel, "You may watch what others run, but not run anything here.")],
        );
      case "offer":
        return this.#deliver(this.#channels.offer(id, channel, frame.offered));
      case "input":
        return this.#deliver(
          can(admission.role, "run")
            ? this.#channels.input(id, admission.person, frame, bytes)
            : [refusal(id, "input", channel, "You may watch what others run, but not type there.")],
        );
      case "taken":
        return this.#deliver(this.#channels.taken(id, channel, frame.to, frame.stream, frame.next));
      case "unpublish":
        return this.#deliver(this.#channels.unpublish(id, channel));
      case "watch":
        return this.#deliver(this.#channels.watch(id, channel));
      case "unwatch":
        return this.#channels.unwatch(id, channel);
      case "data":
        return this.#deliver(this.#channels.data(id, channel, bytes));
      case "snapshot":
        return this.#deliver(this.#channels.snapshot(id, channel, frame.to, bytes));
    }
  }

  /** Somebody may not run any more. */
  unpublishAll(id: string): void {
    this.#deliver(this.#channels.unpublishAll(id));
  }

  /** A connection has ended. */
  leave(id: string): void {
    this.#deliver(this.#channels.leave(id));
  }

  #deliver(deliveries: readonly Delivery[]): void {
    for (const { to, frame, bytes } of deliveries) this.#connection(to)?.sendFrame(frame, bytes);
  }
}
