// The room of one project: admits participants, keeps the document, and tells each what the others do.
// Knows no PartyKit and no Workers: sockets, storage and clock come from a host. The rules are in core/room/SPEC.md.

import * as Y from "yjs";
import { can } from "#core/auth/role.ts";
import type { SharingRequest } from "#core/auth/sharing.ts";
import type { Pass } from "#core/auth/token.ts";
import { readMeta, seedProject } from "#core/project/meta.ts";
import { Project } from "#core/project/project.ts";
import { closeCode, closeReason } from "#core/room/close.ts";
import { roomProtocolVersion } from "#core/room/frames.ts";
import {
  batchMilliseconds,
  batchMillisecondsPerConnection,
  maxConnections,
  ownersPlaces,
} from "#core/room/limits.ts";
import { writeQueryAwareness, writeStep1 } from "#core/room/messages.ts";
import type { Person } from "#core/room/person.ts";
import { AwarenessHandler } from "./awareness-handler.ts";
import { broadcast, type Stored } from "./broadcast.ts";
import { ChannelRouter } from "./channel-router.ts";
import { ConnectionTable } from "./connection-table.ts";
import type { Connection } from "./connection.ts";
import type { RoomDocument } from "./document.ts";
import { EditHandler } from "./edit-handler.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Admission, MaybePromise, RoomHost, RoomSocket, Visit } from "./host.ts";
import { Journal, StorageFailure, storageSentence, type Written } from "./journal.ts";
import { MessageHandler } from "./message-handler.ts";
import { Outbox, type Batch } from "./outbox.ts";
import { ParticipantAccess, type Authorization, type SharingAnswer } from "./participant-access.ts";
import { PresenceTable } from "./presence.ts";
import { firstMeta, type Grant, type RegistryChange } from "./registry.ts";
import type { RoomStorage } from "./storage.ts";
import { TaskQueue } from "./task-queue.ts";

export interface ProjectInfo {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** The author of edits that no connection has sent. */
const roomItself = "";
const versionSentence = "This page and the server are of different versions: reload the page.";

export class Room {
  readonly #host: RoomHost;
  readonly #storage: RoomStorage;
  readonly #tasks = new TaskQueue();
  readonly #connections = new ConnectionTable();
  readonly #presence: PresenceTable;
  readonly #channels = new ChannelRouter((id) => this.#connections.byId(id));
  readonly #outbox: Outbox;
  readonly #journal: Journal;
  readonly #heartbeat: Heartbeat;
  readonly #access: ParticipantAccess;
  readonly #awareness: AwarenessHandler;
  readonly #messages: MessageHandler;
  #info: ProjectInfo | undefined;

  constructor(host: RoomHost, storage: RoomStorage) {
    const { clock } = host;
    const connections = this.#connections;
    const run = (task: () => MaybePromise<void>): void => void this.#run(undefined, task);
    this.#host = host;
    this.#storage = storage;
    this.#presence = new PresenceTable(() => clock.now());
    this.#outbox = new Outbox(
      clock,
      () => Math.max(batchMilliseconds, connections.size * batchMillisecondsPerConnection),
      (batch) => this.#flush(batch),
    );
    this.#journal = new Journal({
      host,
      storage,
      run,
      onStorageFailure: () => this.#storageFails(),
      onStorageRecovery: () => this.#storageRecovers(),
    });
    this.#heartbeat = new Heartbeat({ clock, connections: () => connections.all(), run });
    this.#access = new ParticipantAccess({
      host,
      storage,
      connections: () => connections.all(),
      onChange: (connection, before) => this.#accessChanged(connection, before),
    });
    this.#awareness = new AwarenessHandler({ clock, presence: this.#presence, outbox: this.#outbox });
    this.#messages = new MessageHandler({
      clock,
      connections,
      access: this.#access,
      edits: new EditHandler({ clock, journal: this.#journal, outbox: this.#outbox }),
      awareness: this.#awareness,
      channels: this.#channels,
      heartbeat: this.#heartbeat,
      journal: this.#journal,
      outbox: this.#outbox,
    });
  }

  /** [ROOM-50] What the project is; undefined where it was never created. */
  async info(): Promise<ProjectInfo | undefined> {
    const { name } = this.#journal;
    if (name !== undefined && this.#info !== undefined) return { ...this.#info, name };
    const meta = await this.#storage.readMeta();
    const stored = meta.get("name");
    if (stored === undefined) return undefined;
    this.#info = { name: name ?? stored, created: Number(meta.get("created") ?? 0) };
    return this.#info;
  }

  /** [ROOM-23] Makes the project, with its first content and those who may enter; false if it exists already. */
  async create(name: string, seed: (project: Project) => void, access: RegistryChange): Promise<boolean> {
    return await this.#tasks.run(async () => {
      if ((await this.info()) !== undefined) return false;
      const created = this.#host.clock.now();
      // Written into a document of its own: if it cannot be stored, nothing of it was ever here.
      const first = new Y.Doc();
      const project = new Project(first, { now: () => created });
      const facts = { epoch: this.#host.newId(), name, created };
      if (!seedProject(first, facts, () => seed(project)))
        throw new Error("invariant violation: a new document has an epoch");
      const update = Y.encodeStateAsUpdate(first);
      project.destroy();
      first.destroy();
      await this.#journal.begin(update, { name, created: String(created), ...firstMeta(access) });
      this.#info = { name, created };
      return true;
    });
  }

  /** Whether a person may enter, and in which role. */
  async authorize(pass: Pass, person: Person): Promise<Authorization> {
    return await this.#tasks.run(async () => {
      const info = await this.info();
      if (info === undefined) return unknownProject;
      return authorization(await this.#access.grant(pass, person), info);
    });
  }

  /** What `authorize` would answer, for a list of projects: nobody enters, so no invitation is taken. */
  async consider(pass: Pass, person: Person): Promise<Authorization> {
    return await this.#tasks.run(async () => {
      const info = await this.info();
      if (info === undefined) return unknownProject;
      return authorization(await this.#access.consider(pass, person), info);
    });
  }

  /** Lists links and people, after a change where one is requested; it holds for everybody at once. */
  async share(pass: Pass, person: Person, request: SharingRequest | undefined): Promise<SharingAnswer> {
    const answer = await this.#tasks.run(() => this.#access.share(pass, person, request));
    this.#forgetClosed();
    return answer;
  }

  /** The time that `wakeAt` asked for has come. */
  tick(): Promise<void> {
    return this.#run(undefined, () => this.#access.reconsider());
  }

  /** Takes a socket whose token was verified. */
  connect(socket: RoomSocket, visit: Visit): Promise<void> {
    return this.#run(socket, async () => {
      if ((await this.info()) === undefined)
        return socket.close(closeCode.unknownProject, "There is no such project.");
      // [ROOM-41] After the access, so that a stranger learns nothing.
      const admission = await this.#access.enter(visit);
      if ("ok" in admission) return socket.close(admission.code, closeReason(admission.reason));
      if (visit.protocol !== undefined && visit.protocol !== roomProtocolVersion)
        return socket.close(closeCode.otherVersion, closeReason(versionSentence));
      const places = can(admission.role, "manage") ? maxConnections : maxConnections - ownersPlaces;
      if (this.#connections.size >= places)
        return socket.close(closeCode.full, closeReason(`${places} people are here already.`));
      const document = await this.#journal.open();
      // [ROOM-24] Before a byte of either document reaches the other.
      if (admission.epoch !== undefined && admission.epoch !== readMeta(document.doc).epoch)
        return socket.close(closeCode.otherEpoch, "This project has been started over on the server.");
      socket.admission = admission;
      const connection = this.#admit(socket, admission, false);
      this.#greet(connection, document);
      this.#heartbeat.schedule();
      return this.#awareness.sendEverybody(connection);
    });
  }

  /** [ROOM-20] Takes over the sockets that stayed open while the room slept. */
  wake(sockets: Iterable<RoomSocket>): Promise<void> {
    return this.#run(undefined, async () => {
      for (const socket of sockets) {
        const { admission } = socket;
        if (admission === undefined) socket.close(closeCode.full, "The room has just started: come back.");
        else this.#admit(socket, admission, can(admission.role, "edit"));
      }
      await this.#access.reconsider();
      this.#forgetClosed();
      if (this.#connections.size === 0) return;
      const document = await this.#journal.open();
      for (const connection of this.#connections.all()) {
        this.#greet(connection, document);
        connection.send(writeQueryAwareness());
      }
      this.#heartbeat.schedule();
    });
  }

  receive(socket: RoomSocket, data: Uint8Array | string): Promise<void> {
    return this.#run(socket, () => {
      const connection = this.#connections.ofSocket(socket);
      if (connection?.isOpen !== true || this.#access.ended(connection)) return undefined;
      const now = this.#host.clock.now();
      connection.hear(now);
      if (!connection.affords("messages", 1, now) || !connection.affords("bytes", data.length, now))
        return undefined;
      if (typeof data !== "string") return this.#messages.take(connection, data);
      if (data === "ping") return socket.sendText("pong");
      return connection.close(closeCode.malformed, "Text messages are not spoken here.");
    });
  }

  /** [ROOM-12] `fell`: the socket has ended without a close, and its client may be back at once. */
  disconnect(socket: RoomSocket, { fell = false }: { readonly fell?: boolean } = {}): Promise<void> {
    return this.#run(socket, () => {
      const connection = this.#connections.ofSocket(socket);
      if (connection !== undefined) this.#forget(connection, fell);
    });
  }

  /** [ROOM-42] Looks at the files, with all that has arrived so far. `look` changes nothing. */
  async read<T>(look: (project: Project) => T): Promise<T> {
    return await this.#tasks.run(async () => {
      await this.#outbox.drain();
      return look((await this.#journal.open()).project);
    });
  }

  /**
   * [ROOM-42] The room itself changes files; settles when that is stored and sent, as anybody's edits are. Rejects with
   * what `edit` throws, and where it cannot be stored; nothing has changed then.
   */
  async change<T>(edit: (project: Project) => T): Promise<T> {
    return await this.#tasks.run(async () => {
      await this.#outbox.drain();
      const { result, update } = await this.#journal.edit(edit);
      if (update === undefined) return result;
      this.#outbox.addEdit(update, roomItself);
      // Within this task: nobody is answered from the document before the update is stored.
      await this.#outbox.drain();
      if (this.#journal.storageFails) throw new StorageFailure(storageSentence);
      return result;
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Ends timers; sockets are the host's to close. */
  dispose(): void {
    this.#outbox.dispose();
    this.#heartbeat.dispose();
    this.#awareness.dispose();
    this.#journal.dispose();
  }

  /** One task at a time; an unexpected failure costs the socket that asked for it, not the room. */
  async #run(socket: RoomSocket | undefined, task: () => MaybePromise<void>): Promise<void> {
    try {
      await this.#tasks.run(task);
    } catch (thrown) {
      this.#host.log("The room could not handle a message.", thrown);
      socket?.close(closeCode.full, "The server has a problem with this project: try again.");
    }
    this.#forgetClosed();
  }

  #admit(socket: RoomSocket, admission: Admission, behind: boolean): Connection {
    const now = this.#host.clock.now();
    return this.#connections.add({ socket, admission, behind, now, newId: () => this.#host.newId() });
  }

  #greet(connection: Connection, { doc }: RoomDocument): void {
    const { connection: id, person, role } = connection.admission;
    connection.sendFrame({ type: "welcome", connection: id, person, role });
    if (this.#journal.storageFails)
      connection.sendFrame({ type: "storage", ok: false, reason: storageSentence });
    if (can(role, "edit")) connection.send(writeStep1(Y.encodeStateVector(doc)));
  }

  /** [ROOM-31] A participant may do more now, or less, or has another name. */
  async #accessChanged(connection: Connection, before: Admission): Promise<void> {
    const { connection: id, person, role } = connection.admission;
    if (can(before.role, "run") && !can(role, "run")) this.#channels.unpublishAll(id);
    connection.sendFrame({ type: "welcome", connection: id, person, role });
    this.#awareness.rename(connection);
    if (can(before.role, "edit") || !can(role, "edit")) return;
    connection.missEdits();
    connection.send(writeStep1(Y.encodeStateVector((await this.#journal.open()).doc)));
  }

  /** What the room has closed is gone at once, whether or not the other side ever answers the close. */
  #forgetClosed(): void {
    for (;;) {
      const connection = this.#connections.nextClosing();
      if (connection === undefined) return;
      this.#forget(connection, false);
    }
  }

  #forget(connection: Connection, fell: boolean): void {
    if (!this.#connections.remove(connection)) return;
    this.#channels.leave(connection.id);
    this.#awareness.leave(connection, fell);
  }

  #storageFails(): void {
    for (const connection of this.#connections.all())
      connection.sendFrame({ type: "storage", ok: false, reason: storageSentence });
  }

  /** [ROOM-16] Asks for what was missed. */
  async #storageRecovers(): Promise<void> {
    const document = await this.#journal.open();
    const question = writeStep1(Y.encodeStateVector(document.doc));
    for (const connection of this.#connections.all()) {
      connection.sendFrame({ type: "storage", ok: true });
      if (can(connection.admission.role, "edit")) connection.send(question);
    }
  }

  /** [ROOM-6] Stores first, then sends. */
  #flush(batch: Batch): MaybePromise<void> {
    if (batch.edits.length === 0) return this.#broadcast(batch, { updates: [], answers: [] });
    const written = this.#journal.write(batch.edits);
    return written instanceof Promise
      ? written.then((settled) => this.#written(batch, settled))
      : this.#written(batch, written);
  }

  #written(batch: Batch, written: Written): void {
    if (written.ok) {
      for (const { author } of written.invalid)
        this.#connections.byId(author)?.close(closeCode.malformed, "An edit has no meaning.");
      return this.#broadcast(batch, written);
    }
    // [ROOM-14] Not its authors alone: somebody may have sent the same again meanwhile. Everybody is asked for it
    // before anything is acknowledged.
    for (const connection of this.#connections.all())
      if (can(connection.admission.role, "edit")) connection.missEdits();
    return this.#broadcast(batch, { updates: [], answers: [] });
  }

  #broadcast(batch: Batch, stored: Stored): void {
    broadcast(this.#connections, this.#presence, batch, stored);
    this.#forgetClosed();
  }
}

const unknownProject: Authorization = { ok: false, status: 404, sentence: "There is no such project." };

function authorization(grant: Grant, { name }: ProjectInfo): Authorization {
  if (grant.ok) return { ...grant, name };
  return { ok: false, status: grant.code === closeCode.forbidden ? 403 : 401, sentence: grant.reason };
}
