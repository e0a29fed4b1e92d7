// Who is here: one's own awareness state, sent to the room, and everybody else's, received from it.

import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import type * as Y from "yjs";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { readAwareness } from "#core/room/awareness.ts";
import { writeAwarenessMessage } from "#core/room/messages.ts";
import type { Person } from "./person.ts";
import { listParticipants, type AwarenessState, type Participant } from "./presence.ts";

/** When there has been no connection for this many milliseconds, the others are shown as gone; before that, nothing flickers. */
const graceMilliseconds = 3000;

export interface RoomPresenceOptions {
  readonly doc: Y.Doc;
  readonly clock: Clock;
  /** Oneself. */
  readonly person: Person;
  /** Drops the message where there is no connection: a new one begins with `up`. */
  readonly send: (message: Uint8Array<ArrayBuffer>) => void;
}

export class RoomPresence {
  readonly awareness: Awareness;
  readonly #options: RoomPresenceOptions;
  readonly #changed = new Emitter<readonly Participant[]>();
  #person: Person;
  /** On this connection, the room has said who is here. */
  #heardEverybody = false;
  #queued = false;
  #graceTimer: Disposer | undefined;

  constructor(options: RoomPresenceOptions) {
    this.#options = options;
    this.#person = options.person;
    this.awareness = new Awareness(options.doc);
    this.awareness.on("update", this.#onUpdate);
    this.awareness.on("change", () => this.#changed.emit(this.participants()));
    this.awareness.setLocalState({ user: this.#person });
  }

  /** As the room knows us. */
  get person(): Person {
    return this.#person;
  }

  setPerson(person: Person): void {
    const { id, name, color, verified } = this.#person;
    if (id === person.id && name === person.name && color === person.color && verified === person.verified)
      return;
    this.#person = person;
    this.awareness.setLocalStateField("user", person);
  }

  /** Tells the others something of oneself; undefined takes it back. */
  setState<Field extends Exclude<keyof AwarenessState, "user">>(
    field: Field,
    value: AwarenessState[Field] | undefined,
  ): void {
    const { [field]: _, ...rest } = this.awareness.getLocalState() ?? { user: this.#person };
    this.awareness.setLocalState(value === undefined ? rest : { ...rest, [field]: value });
  }

  participants(): readonly Participant[] {
    return listParticipants(this.awareness.getStates(), this.awareness.clientID);
  }

  onParticipants(listener: (participants: readonly Participant[]) => void): Disposer {
    return this.#changed.on(listener);
  }

  /** There is a connection: messages can be sent. */
  up(): void {
    this.#heardEverybody = false;
    this.send();
  }

  /** The room has let us in: whoever is here will be told. */
  welcomed(): void {
    this.#graceTimer?.();
  }

  /** The connection is lost. */
  down(): void {
    this.#graceTimer?.();
    this.#graceTimer = this.#options.clock.after(graceMilliseconds, () => this.#forgetOthers(new Set()));
  }

  /** Sends one's own state. */
  send(): void {
    this.#queued = false;
    const update = encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]);
    this.#options.send(writeAwarenessMessage(update));
  }

  receive(update: Uint8Array): void {
    if (!this.#heardEverybody) {
      // The first message on a connection names everybody: who left meanwhile is not in it.
      this.#heardEverybody = true;
      this.#forgetOthers(new Set(readAwareness(update).map(({ client }) => client)));
    }
    applyAwarenessUpdate(this.awareness, update, this);
  }

  /** Says goodbye, so that nobody has to notice our absence. The awareness itself ends with its document. */
  destroy(): void {
    this.#graceTimer?.();
    this.awareness.setLocalState(null);
    this.send();
  }

  readonly #onUpdate = (_changes: unknown, origin: unknown): void => {
    // Several fields set in one go make one message.
    if (origin !== "local" || this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      if (this.#queued) this.send();
    });
  };

  #forgetOthers(except: ReadonlySet<number>): void {
    const gone = [...this.awareness.getStates().keys()].filter(
      (client) => client !== this.awareness.clientID && !except.has(client),
    );
    removeAwarenessStates(this.awareness, gone, this);
  }
}
