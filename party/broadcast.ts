// Sends a batch that is stored to everybody whom it concerns: updates, awareness states, answered marks.

import { writeAwareness } from "#core/room/awareness.ts";
import { writeAwarenessMessage, writeUpdate } from "#core/room/messages.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { Batch } from "./outbox.ts";
import type { PresenceTable } from "./presence.ts";

export interface Stored {
  readonly updates: readonly Uint8Array[];
  /** Changes of the room itself, which nobody knows. */
  readonly answers: readonly Uint8Array[];
}

export function broadcast(
  connections: ConnectionTable,
  presence: PresenceTable,
  { edits, clients, marks }: Batch,
  { updates, answers }: Stored,
): void {
  const [first] = edits;
  // Nobody is sent an update of which they are the only author.
  const author = edits.every((edit) => edit.author === first?.author) ? first?.author : undefined;
  const updateMessages = updates.map((update) => writeUpdate(update));
  const answerMessages = answers.map((answer) => writeUpdate(answer));
  const states =
    clients.size === 0 ? undefined : writeAwarenessMessage(writeAwareness(presence.entries(clients)));
  for (const connection of connections.all()) {
    if (connection.id !== author) for (const message of updateMessages) connection.send(message);
    for (const message of answerMessages) connection.send(message);
    if (states === undefined) continue;
    const { client } = connection.admission;
    if (client === undefined || !clients.has(client)) connection.send(states);
    else if (clients.size > 1) {
      // Its own state, echoed with the room's clock, would overwrite what it has changed since.
      const others = [...clients].filter((other) => other !== client);
      connection.send(writeAwarenessMessage(writeAwareness(presence.entries(others))));
    }
  }
  for (const [id, mark] of marks) {
    const connection = connections.byId(id);
    if (connection?.isBehind === true) connection.holdMark(mark);
    else connection?.sendFrame({ type: "saved", id: mark });
  }
}
