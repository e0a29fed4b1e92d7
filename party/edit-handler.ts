// Edits of the document and questions about it: checks the role, the limits and the size, and answers. An edit that is
// accepted goes to the outbox, which has it stored.

import type { Clock } from "#core/base/clock.ts";
import * as Y from "yjs";
import { can } from "#core/auth/role.ts";
import { closeCode } from "#core/room/close.ts";
import { maxIdleUpdateBytes } from "#core/room/limits.ts";
import { writeDenied, writeStep2 } from "#core/room/messages.ts";
import type { Connection } from "./connection.ts";
import type { RoomDocument } from "./document.ts";
import type { MaybePromise } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { Outbox } from "./outbox.ts";
import { TooManyPieces, type UpdateScan } from "./update-scan.ts";

const readOnlySentence = "You may look at this project, but not change it.";

export interface EditHandlerOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly outbox: Outbox;
}

export class EditHandler {
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #outbox: Outbox;

  constructor({ clock, journal, outbox }: EditHandlerOptions) {
    this.#clock = clock;
    this.#journal = journal;
    this.#outbox = outbox;
  }

  /** Answers step 1 of a sync with what the participant lacks. */
  async answer(connection: Connection, stateVector: Uint8Array): Promise<void> {
    if (!connection.affords("questions", 1, this.#clock.now())) return undefined;
    // Nobody is sent what is not stored yet.
    await this.#outbox.busy;
    const { doc } = await this.#journal.open();
    let missing: Uint8Array;
    try {
      missing = Y.encodeStateAsUpdate(doc, stateVector);
    } catch {
      return connection.close(closeCode.malformed, "A state vector is malformed.");
    }
    if (!connection.affords("answers", missing.length, this.#clock.now())) return undefined;
    return connection.send(writeStep2(missing));
  }

  /** Takes step 2 of a sync, or an update: it is checked, and put into the outbox where it is new. */
  async take(connection: Connection, update: Uint8Array, isStep2: boolean): Promise<void> {
    if (!connection.affords("edits", 1, this.#clock.now())) return undefined;
    const { role } = connection.admission;
    // Reading costs more than refusing, and a participant who may not edit has no reason for a large message.
    if (!can(role, "edit") && update.length > maxIdleUpdateBytes)
      return this.#refuse(connection, readOnlySentence);
    const document = await this.#journal.open();
    let scan: UpdateScan;
    let isNew: boolean;
    try {
      scan = document.scan(update);
      isNew = document.isNew(scan);
    } catch (thrown) {
      if (thrown instanceof TooManyPieces)
        return connection.close(closeCode.tooLarge, "An edit consists of more than a million pieces.");
      return connection.close(closeCode.malformed, "An edit is malformed.");
    }
    if (!connection.affords("pieces", scan.pieces, this.#clock.now())) return undefined;
    if (isNew && !can(role, "edit")) return this.#refuse(connection, readOnlySentence);
    const fits = !isNew || this.#journal.storageFails || (await this.#fits(document, update, scan));
    if (isNew && this.#journal.storageFails) return connection.missEdits();
    if (!fits) return this.#refuse(connection, "This project is full: its text and history reach 64 MiB.");
    // Before the edit joins a batch: where that cannot be stored, the connection is behind again.
    const mark = isStep2 ? connection.catchUp() : undefined;
    if (isNew) this.#outbox.addEdit(update, connection.id);
    if (mark !== undefined) this.#outbox.addMark(connection.id, mark);
    return undefined;
  }

  /** An edit that only deletes makes room, so it always fits. */
  #fits(document: RoomDocument, update: Uint8Array, { structs }: UpdateScan): MaybePromise<boolean> {
    if (structs.size === 0 || document.fits(this.#outbox.pendingBytes + update.length)) return true;
    return this.#outbox.drain().then(async () => (await this.#journal.open()).makeRoom(update.length));
  }

  #refuse(connection: Connection, reason: string): void {
    connection.missEdits();
    connection.send(writeDenied(reason));
    connection.sendFrame({ type: "refused", what: "edit", reason });
  }
}
