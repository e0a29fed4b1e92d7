// What participants ask about the document and want to change in it: who may, whether it fits, and what each is told.
// What is taken goes to the outbox, which has it written down.

import * as Y from "yjs";
import { can } from "#core/auth/role.ts";
import { closeCode } from "#core/room/close.ts";
import { maxIdleUpdateBytes } from "#core/room/limits.ts";
import { writeDenied, writeStep2 } from "#core/room/messages.ts";
import type { Connection } from "./connection.ts";
import type { RoomDocument } from "./document.ts";
import type { MaybePromise, RoomClock } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { Outbox } from "./outbox.ts";
import { TooManyPieces, type UpdateScan } from "./update-scan.ts";

const readOnlySentence = "You may look at this project, but not change it.";

export interface EditDeskOptions {
  readonly clock: RoomClock;
  readonly journal: Journal;
  readonly outbox: Outbox;
}

export class EditDesk {
  readonly #clock: RoomClock;
  readonly #journal: Journal;
  readonly #outbox: Outbox;

  constructor({ clock, journal, outbox }: EditDeskOptions) {
    this.#clock = clock;
    this.#journal = journal;
    this.#outbox = outbox;
  }

  /** Step 1 of a sync: what the asker lacks. */
  async answer(connection: Connection, stateVector: Uint8Array): Promise<void> {
    if (!connection.affords("questions", 1, this.#clock.now())) return undefined;
    // Nobody is told what is not written down yet.
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

  /** Step 2 of a sync, or an update: checked, and put into the outbox where it is new. */
  async take(connection: Connection, update: Uint8Array, isStep2: boolean): Promise<void> {
    if (!connection.affords("edits", 1, this.#clock.now())) return undefined;
    const { role } = connection.admission;
    // Reading costs more than refusing, and whoever may not edit has nothing large to say.
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
    // Before the edit joins a batch: where that cannot be stored, this is taken back.
    if (isStep2) connection.behind = false;
    if (isNew && this.#journal.inTrouble) connection.behind = true;
    else if (isNew && !(await this.#fits(document, update, scan)))
      return this.#refuse(connection, "This project is full: its text and history reach 64 MiB.");
    else if (isNew) this.#outbox.addEdit(update, connection.id);
    const { waitingMark } = connection;
    if (!isStep2 || connection.behind || waitingMark === undefined) return undefined;
    connection.waitingMark = undefined;
    return this.#outbox.addMark(connection.id, waitingMark);
  }

  /** What only deletes makes room, so it is never too much. */
  #fits(document: RoomDocument, update: Uint8Array, { structs }: UpdateScan): MaybePromise<boolean> {
    if (structs.size === 0 || document.fits(this.#outbox.pendingBytes + update.length)) return true;
    return this.#outbox.drain().then(async () => (await this.#journal.open()).makeRoom(update.length));
  }

  #refuse(connection: Connection, reason: string): void {
    connection.behind = true;
    connection.send(writeDenied(reason));
    connection.sendFrame({ type: "refused", what: "edit", reason });
  }
}
