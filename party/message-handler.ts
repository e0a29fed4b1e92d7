// One message of a participant: parsed, and given to the part of the room that it is for.

import type { Clock } from "#core/base/clock.ts";
import { closeCode } from "#core/room/close.ts";
import { parseClientFrame, type ClientFrame } from "#core/room/frames.ts";
import { maxMessageBytes } from "#core/room/limits.ts";
import { readMessage, type Message } from "#core/room/messages.ts";
import type { AwarenessHandler } from "./awareness-handler.ts";
import type { ChannelRouter } from "./channel-router.ts";
import type { ConnectionTable } from "./connection-table.ts";
import { overdue, type Connection } from "./connection.ts";
import type { EditHandler } from "./edit-handler.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { MaybePromise } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { Outbox } from "./outbox.ts";
import type { ParticipantAccess } from "./participant-access.ts";

export interface MessageHandlerOptions {
  readonly clock: Clock;
  readonly connections: ConnectionTable;
  readonly access: ParticipantAccess;
  readonly edits: EditHandler;
  readonly awareness: AwarenessHandler;
  readonly channels: ChannelRouter;
  readonly heartbeat: Heartbeat;
  readonly journal: Journal;
  readonly outbox: Outbox;
}

export class MessageHandler {
  readonly #options: MessageHandlerOptions;

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
  }

  take(connection: Connection, data: Uint8Array, fromParts = false): MaybePromise<void> {
    const { edits, awareness, heartbeat } = this.#options;
    if (data.length > maxMessageBytes)
      return connection.close(closeCode.tooLarge, "A message is larger than 32 MiB.");
    let message: Message;
    try {
      message = readMessage(data);
    } catch {
      return connection.close(closeCode.malformed, "A message is malformed.");
    }
    switch (message.kind) {
      case "step1":
        return edits.answer(connection, message.stateVector);
      case "step2":
      case "update":
        heartbeat.schedule();
        return edits.take(connection, message.update, message.kind === "step2");
      case "awareness":
        heartbeat.schedule();
        return awareness.take(connection, message.update);
      case "query-awareness":
        return this.#mayAsk(connection) ? awareness.sendEverybody(connection) : undefined;
      case "denied":
        return connection.close(closeCode.malformed, "Only the room refuses.");
      case "frame":
        return this.#frame(connection, message.json, message.bytes, fromParts);
      default:
        return message satisfies never;
    }
  }

  #mayAsk(connection: Connection): boolean {
    return connection.affords("questions", 1, this.#options.clock.now());
  }

  #frame(connection: Connection, json: string, bytes: Uint8Array, fromParts: boolean): MaybePromise<void> {
    const { access, channels, journal, outbox } = this.#options;
    let frame: ClientFrame;
    try {
      if (!connection.speaksFrames) throw new Error("frames were not announced");
      frame = parseClientFrame(json);
      if (fromParts && frame.type === "part") throw new Error("a part within parts");
    } catch {
      return connection.close(closeCode.malformed, "A frame is malformed.");
    }
    if ((frame.type === "publish" || frame.type === "watch") && !this.#mayAsk(connection)) return undefined;
    if ("channel" in frame) return channels.take(connection, frame, bytes);
    switch (frame.type) {
      case "mark":
        return connection.isBehind || journal.storageFails
          ? connection.holdMark(frame.id)
          : outbox.addMark(connection.id, frame.id);
      case "heard":
        return connection.heard(frame.id);
      case "token":
        return this.#mayAsk(connection) ? access.renew(connection, frame.token) : undefined;
      case "part":
        return this.#part(connection, bytes, frame.last);
      default:
        return frame satisfies never;
    }
  }

  /** [ROOM-15] A part may be of any message but of a part. */
  #part(connection: Connection, bytes: Uint8Array, last: boolean): MaybePromise<void> {
    const { clock, connections } = this.#options;
    const { parts } = connection;
    if (parts.length + bytes.length > maxMessageBytes)
      return connection.close(closeCode.tooLarge, "A message is larger than 32 MiB.");
    parts.add(bytes, clock.now());
    if (last) return this.take(connection, parts.take(), true);
    overdue(connections.all())?.close(
      closeCode.tooSlow,
      "A message was begun and not finished: send it again.",
    );
    return undefined;
  }
}
