// A participant that says what it is told to and remembers everything it hears; what carries its messages is another's
// business. Used against a room in memory and, over real sockets, against every host of the room.

import * as Y from "yjs";
import { readAwareness, writeAwareness, type AwarenessEntry } from "#core/room/awareness.ts";
import type { ClientFrame, RoomFrame } from "#core/room/frames.ts";
import {
  readMessage,
  writeAwarenessMessage,
  writeFrame,
  writeStep1,
  writeStep2,
  writeUpdate,
  type Message,
} from "#core/room/messages.ts";

type FrameOf<T extends RoomFrame["type"]> = Extract<RoomFrame, { readonly type: T }>;

export abstract class RoomClient {
  readonly doc = new Y.Doc();
  readonly heard: Message[] = [];
  readonly texts: string[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** Answers step 1 and probes, as our clients do; false for one that is stuck. */
  answers = true;

  abstract say(data: Uint8Array | string): Promise<void>;

  sayFrame(frame: ClientFrame, bytes?: Uint8Array): Promise<void> {
    return this.say(writeFrame(frame, bytes));
  }

  askStep1(): Promise<void> {
    return this.say(writeStep1(Y.encodeStateVector(this.doc)));
  }

  sayAwareness(...entries: readonly (Omit<AwarenessEntry, "state"> & { state: unknown })[]): Promise<void> {
    const written = entries.map((entry) => ({ ...entry, state: JSON.stringify(entry.state) }));
    return this.say(writeAwarenessMessage(writeAwareness(written)));
  }

  /** Changes the document and tells the room. */
  async edit(change: (doc: Y.Doc) => void): Promise<void> {
    const updates: Uint8Array[] = [];
    const listen = (update: Uint8Array): unknown => updates.push(update);
    this.doc.on("update", listen);
    change(this.doc);
    this.doc.off("update", listen);
    for (const update of updates) await this.say(writeUpdate(update));
  }

  get text(): string {
    return this.doc.getText("t").toJSON();
  }

  /** What was heard since the last time. */
  take(): Message[] {
    return this.heard.splice(0);
  }

  count(kind: Message["kind"]): number {
    return this.heard.filter((message) => message.kind === kind).length;
  }

  frames<T extends RoomFrame["type"]>(type: T): (FrameOf<T> & { bytes: Uint8Array })[] {
    return this.heard.flatMap((message) => {
      if (message.kind !== "frame") return [];
      const frame = JSON.parse(message.json) as RoomFrame;
      return frame.type === type ? [{ ...(frame as FrameOf<T>), bytes: message.bytes }] : [];
    });
  }

  /** The last state heard of each client; null for who left. */
  presence(): Map<number, unknown> {
    const states = new Map<number, unknown>();
    const clocks = new Map<number, number>();
    for (const message of this.heard) {
      if (message.kind !== "awareness") continue;
      for (const { client, clock, state } of readAwareness(message.update)) {
        if (clock <= (clocks.get(client) ?? -1)) continue;
        clocks.set(client, clock);
        states.set(client, JSON.parse(state));
      }
    }
    return states;
  }

  /** Takes a message of the room, whose bytes are this client's from now on. */
  protected hear(data: Uint8Array): void {
    const message = readMessage(data);
    this.heard.push(message);
    if (message.kind === "update" || message.kind === "step2")
      Y.applyUpdate(this.doc, message.update, "room");
    if (!this.answers) return;
    if (message.kind === "step1")
      void this.say(writeStep2(Y.encodeStateAsUpdate(this.doc, message.stateVector)));
    if (message.kind !== "frame") return;
    const frame = JSON.parse(message.json) as RoomFrame;
    if (frame.type === "probe") void this.sayFrame({ type: "heard", id: frame.id });
  }
}
