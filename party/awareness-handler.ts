// Awareness messages: checks what participants tell of themselves, and takes away the states of those who have left.
// What others must hear goes to the outbox.

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { readAwareness, writeAwareness } from "#core/room/awareness.ts";
import { closeCode } from "#core/room/close.ts";
import { lingerMilliseconds, maxAwarenessBytes } from "#core/room/limits.ts";
import { writeAwarenessMessage } from "#core/room/messages.ts";
import type { Connection } from "./connection.ts";
import type { Outbox } from "./outbox.ts";
import type { PresenceTable } from "./presence.ts";

const emptyAnswer = writeAwarenessMessage(writeAwareness([]));

export interface AwarenessHandlerOptions {
  readonly clock: Clock;
  readonly presence: PresenceTable;
  readonly outbox: Outbox;
}

export class AwarenessHandler {
  readonly #clock: Clock;
  readonly #presence: PresenceTable;
  readonly #outbox: Outbox;
  /** Timers of the states that are shown although their connection has failed. */
  readonly #lingering = new Set<Disposer>();

  constructor({ clock, presence, outbox }: AwarenessHandlerOptions) {
    this.#clock = clock;
    this.#presence = presence;
    this.#outbox = outbox;
  }

  take(connection: Connection, update: Uint8Array): void {
    const { person, client: bound } = connection.admission;
    try {
      const entries = readAwareness(update);
      const own = bound ?? entries.find(({ state }) => state !== "null")?.client;
      for (const { client, state } of entries) {
        if (client !== own) continue;
        if (state.length > maxAwarenessBytes)
          return connection.close(closeCode.tooLarge, "An awareness state is larger than 16 KiB.");
        // Once per state, not per message: a repeated client would cost the others as much.
        if (!connection.affords("awareness", state.length, this.#clock.now())) return undefined;
      }
      const { client, changed } = this.#presence.receive(connection.id, person, bound, entries);
      if (client !== undefined && client !== bound) connection.bind(client);
      this.#outbox.addClients(changed);
    } catch {
      return connection.close(closeCode.malformed, "An awareness message is malformed.");
    }
    return connection.send(emptyAnswer);
  }

  /** Sends everybody's state but the connection's own; also where nobody is here, so that it learns who has left. */
  sendEverybody(connection: Connection): void {
    const everybody = this.#presence.everybody(connection.admission.client);
    connection.send(writeAwarenessMessage(writeAwareness(everybody)));
  }

  /** [ROOM-11] A participant has another name now. */
  rename(connection: Connection): void {
    const { client, person } = connection.admission;
    const renamed = this.#presence.rename(connection.id, client, person);
    if (renamed !== undefined) this.#outbox.addClients([renamed]);
  }

  /** [ROOM-12] A connection has ended; `fell`: without a close, so that its client may be back at once. */
  leave(connection: Connection, fell: boolean): void {
    const { client } = connection.admission;
    const leave = (): void => {
      // Not where another connection has taken its place.
      const gone = this.#presence.leave(connection.id, client);
      if (gone !== undefined) this.#outbox.addClients([gone]);
    };
    // A stock client comes back under another id, and its old place must be free.
    if (!fell || !connection.speaksFrames) return leave();
    const end = this.#clock.after(lingerMilliseconds, () => {
      this.#lingering.delete(end);
      leave();
    });
    this.#lingering.add(end);
  }

  dispose(): void {
    for (const end of this.#lingering) end();
  }
}
