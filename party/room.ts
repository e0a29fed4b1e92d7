// The room of one project: admits participants, keeps the document, tells each what the others do.
// Knows no PartyKit and no Workers: sockets, storage and clock come from a host. The rules are in core/room/SPEC.md.

import * as Y from "yjs";
import { can } from "#core/auth/role.ts";
import type { Disposer } from "#core/base/disposable.ts";
import type { SharingRequest } from "#core/auth/sharing.ts";
import type { Pass } from "#core/auth/token.ts";
import { readMeta } from "#core/project/meta.ts";
import { readAwareness, writeAwareness } from "#core/room/awareness.ts";
import { closeCode, closeReason } from "#core/room/close.ts";
import { parseClientFrame, type ClientFrame } from "#core/room/frames.ts";
import {
  batchMilliseconds,
  batchMillisecondsPerConnection,
  lingerMilliseconds,
  maxAwarenessBytes,
  maxConnections,
  maxMessageBytes,
  ownersPlaces,
} from "#core/room/limits.ts";
import {
  readMessage,
  writeAwarenessMessage,
  writeQueryAwareness,
  writeStep1,
  writeUpdate,
  type Message,
} from "#core/room/messages.ts";
import type { Person } from "#core/room/person.ts";
import { RoomAccess, type Authorization, type SharingAnswer } from "./access.ts";
import { Connection, overdue } from "./connection.ts";
import type { RoomDocument } from "./document.ts";
import { EditDesk } from "./edit-desk.ts";
import type { Admission, MaybePromise, RoomHost, RoomSocket, Visit } from "./host.ts";
import { Journal, type Written } from "./journal.ts";
import { Outbox, type Batch } from "./outbox.ts";
import { PresenceTable } from "./presence.ts";
import { Pulse } from "./pulse.ts";
import { firstMeta, type RegistryChange } from "./registry.ts";
import { Serial } from "./serial.ts";
import type { RoomStorage } from "./storage.ts";
import { Switchboard } from "./switchboard.ts";

export interface ProjectInfo {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** The author of what no connection has sent. */
const roomItself = "";
const noAwareness = writeAwarenessMessage(writeAwareness([]));
const storageSentence =
  "The server cannot write anything down at the moment. Your edits are kept with you and are sent again.";

export class Room {
  readonly #host: RoomHost;
  readonly #storage: RoomStorage;
  readonly #serial = new Serial();
  readonly #connections = new Map<RoomSocket, Connection>();
  readonly #byId = new Map<string, Connection>();
  readonly #presence: PresenceTable;
  readonly #switchboard = new Switchboard((id) => this.#byId.get(id));
  readonly #outbox: Outbox;
  readonly #journal: Journal;
  readonly #edits: EditDesk;
  readonly #pulse: Pulse;
  readonly #access: RoomAccess;
  /** Closed by the room, and still to be forgotten. */
  readonly #closing = new Set<Connection>();
  /** Timers of those who are shown although their line fell. */
  readonly #lingering = new Set<Disposer>();
  #info: ProjectInfo | undefined;

  constructor(host: RoomHost, storage: RoomStorage) {
    this.#host = host;
    this.#storage = storage;
    this.#presence = new PresenceTable(() => host.clock.now());
    this.#outbox = new Outbox(
      host.clock,
      () => Math.max(batchMilliseconds, this.#connections.size * batchMillisecondsPerConnection),
      (batch) => this.#flush(batch),
    );
    this.#journal = new Journal({
      host,
      storage,
      run: (task) => void this.#run(undefined, task),
      onTrouble: () => this.#storageFails(),
      onRecovery: () => this.#storageIsBack(),
    });
    this.#edits = new EditDesk({ clock: host.clock, journal: this.#journal, outbox: this.#outbox });
    this.#pulse = new Pulse({
      clock: host.clock,
      connections: () => this.#connections.values(),
      run: (task) => void this.#run(undefined, task),
    });
    this.#access = new RoomAccess({
      host,
      storage,
      connections: () => this.#connections.values(),
      onChange: (connection, before) => this.#changed(connection, before),
    });
  }

  /** What was stored about the project; undefined where it was never created. */
  async info(): Promise<ProjectInfo | undefined> {
    if (this.#info !== undefined) return this.#info;
    const meta = await this.#storage.readMeta();
    const name = meta.get("name");
    if (name === undefined) return undefined;
    this.#info = { name, created: Number(meta.get("created") ?? 0) };
    return this.#info;
  }

  /** [ROOM-23] Makes the project, with its first content and those who may enter; false if it exists already. */
  async create(name: string, seed: (doc: Y.Doc) => void, access: RegistryChange): Promise<boolean> {
    return await this.#serial.run(async () => {
      if ((await this.info()) !== undefined) return false;
      const created = this.#host.clock.now();
      // Written into a document of its own: if it cannot be stored, nothing of it was ever here.
      const first = new Y.Doc();
      first.transact(() => {
        const meta = first.getMap("meta");
        meta.set("name", name);
        meta.set("created", created);
        meta.set("epoch", this.#host.newId());
        seed(first);
      });
      const update = Y.encodeStateAsUpdate(first);
      first.destroy();
      await this.#journal.begin(update, { name, created: String(created), ...firstMeta(access) });
      this.#info = { name, created };
      return true;
    });
  }

  /** Whether somebody may be here, and as what. */
  async authorize(pass: Pass, person: Person): Promise<Authorization> {
    return await this.#serial.run(async () => {
      const info = await this.info();
      if (info === undefined) return { ok: false, status: 404, sentence: "There is no such project." };
      const grant = await this.#access.grant(pass, person);
      if (grant.ok) return { ...grant, name: info.name };
      const status = grant.code === closeCode.forbidden ? 403 : 401;
      return { ok: false, status, sentence: grant.reason };
    });
  }

  /** Lists links and people, after a change where one is asked for; it holds for everybody at once. */
  async share(pass: Pass, person: Person, request: SharingRequest | undefined): Promise<SharingAnswer> {
    const answer = await this.#serial.run(() => this.#access.share(pass, person, request));
    this.#sweep();
    return answer;
  }

  /** The time that was asked for has come. */
  tick(): Promise<void> {
    return this.#run(undefined, () => this.#access.reconsider());
  }

  /** Takes a socket whose token was verified. */
  connect(socket: RoomSocket, visit: Visit): Promise<void> {
    return this.#run(socket, async () => {
      if ((await this.info()) === undefined)
        return socket.close(closeCode.unknownProject, "There is no such project.");
      const admission = await this.#access.enter(visit);
      if ("ok" in admission) return socket.close(admission.code, closeReason(admission.reason));
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
      this.#pulse.feel();
      // Also when nobody is here: a client that returns learns so who left meanwhile.
      const everybody = this.#presence.everybody(undefined);
      connection.send(writeAwarenessMessage(writeAwareness(everybody)));
      return undefined;
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
      this.#sweep();
      if (this.#connections.size === 0) return;
      const document = await this.#journal.open();
      for (const connection of this.#connections.values()) {
        this.#greet(connection, document);
        connection.send(writeQueryAwareness());
      }
      this.#pulse.feel();
    });
  }

  receive(socket: RoomSocket, data: Uint8Array | string): Promise<void> {
    return this.#run(socket, () => {
      const connection = this.#connections.get(socket);
      if (connection === undefined || connection.closed || this.#access.ended(connection)) return undefined;
      const now = this.#host.clock.now();
      connection.sign(now);
      if (!connection.affords("messages", 1, now) || !connection.affords("bytes", data.length, now))
        return undefined;
      if (typeof data !== "string") return this.#message(connection, data);
      if (data === "ping") return socket.sendText("pong");
      return connection.close(closeCode.malformed, "Text messages are not spoken here.");
    });
  }

  /** [ROOM-12] `fell`: the line is gone without a word, and may be put up again at once. */
  disconnect(socket: RoomSocket, { fell = false }: { readonly fell?: boolean } = {}): Promise<void> {
    return this.#run(socket, () => {
      const connection = this.#connections.get(socket);
      if (connection !== undefined) this.#forget(connection, fell);
    });
  }

  /** Looks at the document, with all that has arrived so far. */
  async read<T>(look: (doc: Y.Doc) => T): Promise<T> {
    return await this.#serial.run(async () => {
      await this.#outbox.drain();
      return look((await this.#journal.open()).doc);
    });
  }

  /** An edit of the room itself: written down and sent as anybody's. */
  change(edit: (doc: Y.Doc) => void): Promise<void> {
    return this.#run(undefined, async () => {
      await this.#outbox.drain();
      const { doc } = await this.#journal.open();
      // On a copy: where it cannot be stored, it has not happened.
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
      copy.on("update", (update: Uint8Array) => this.#outbox.addEdit(update, roomItself));
      edit(copy);
      copy.destroy();
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Ends timers; sockets are the host's to close. */
  dispose(): void {
    this.#outbox.dispose();
    this.#pulse.dispose();
    for (const end of this.#lingering) end();
    this.#journal.dispose();
  }

  /** One thing at a time; what goes wrong unexpectedly costs the socket that asked for it, not the room. */
  async #run(socket: RoomSocket | undefined, task: () => MaybePromise<void>): Promise<void> {
    try {
      await this.#serial.run(task);
    } catch (thrown) {
      this.#host.log("The room could not handle a message.", thrown);
      socket?.close(closeCode.full, "The server has a problem with this project: try again.");
    }
    this.#sweep();
  }

  #admit(socket: RoomSocket, admission: Admission, behind: boolean): Connection {
    const connection = new Connection({
      socket,
      admission,
      behind,
      now: this.#host.clock.now(),
      newId: () => this.#host.newId(),
      onClose: (closed) => this.#closing.add(closed),
    });
    this.#connections.set(socket, connection);
    this.#byId.set(connection.id, connection);
    return connection;
  }

  #greet(connection: Connection, { doc }: RoomDocument): void {
    const { connection: id, person, role } = connection.admission;
    connection.sendFrame({ type: "welcome", connection: id, person, role });
    if (this.#journal.inTrouble)
      connection.sendFrame({ type: "storage", ok: false, reason: storageSentence });
    if (can(role, "edit")) connection.send(writeStep1(Y.encodeStateVector(doc)));
  }

  /** [ROOM-31] Somebody may do more now, or less, or goes by another name. */
  async #changed(connection: Connection, before: Admission): Promise<void> {
    const { connection: id, client, person, role } = connection.admission;
    if (can(before.role, "run") && !can(role, "run")) this.#switchboard.retire(id);
    connection.sendFrame({ type: "welcome", connection: id, person, role });
    const renamed = this.#presence.rename(id, client, person);
    if (renamed !== undefined) this.#outbox.addClients([renamed]);
    if (can(before.role, "edit") || !can(role, "edit")) return;
    connection.behind = true;
    connection.send(writeStep1(Y.encodeStateVector((await this.#journal.open()).doc)));
  }

  /** A socket that the room has closed is gone at once, whether or not the other side ever answers. */
  #sweep(): void {
    for (const connection of this.#closing) {
      this.#closing.delete(connection);
      if (this.#connections.get(connection.socket) === connection) this.#forget(connection);
    }
  }

  #forget(connection: Connection, fell = false): void {
    connection.closed = true;
    connection.parts.clear();
    this.#connections.delete(connection.socket);
    this.#byId.delete(connection.id);
    this.#switchboard.leave(connection.id);
    const { client, conch } = connection.admission;
    const leave = (): void => {
      // Not where another connection has taken its place.
      const gone = this.#presence.leave(connection.id, client);
      if (gone !== undefined) this.#outbox.addClients([gone]);
    };
    // A stock client comes back as a stranger, whose place must be free.
    if (!fell || !conch) return leave();
    const end = this.#host.clock.after(lingerMilliseconds, () => {
      this.#lingering.delete(end);
      leave();
    });
    this.#lingering.add(end);
  }

  #message(connection: Connection, data: Uint8Array, fromParts = false): MaybePromise<void> {
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
        return this.#edits.answer(connection, message.stateVector);
      case "step2":
      case "update":
        this.#pulse.feel();
        return this.#edits.take(connection, message.update, message.kind === "step2");
      case "awareness":
        return this.#awareness(connection, message.update);
      case "query-awareness": {
        if (!this.#mayAsk(connection)) return undefined;
        const everybody = this.#presence.everybody(connection.admission.client);
        return connection.send(writeAwarenessMessage(writeAwareness(everybody)));
      }
      case "denied":
        return connection.close(closeCode.malformed, "Only the room refuses.");
      case "frame":
        return this.#frame(connection, message.json, message.bytes, fromParts);
    }
  }

  #mayAsk(connection: Connection): boolean {
    return connection.affords("questions", 1, this.#host.clock.now());
  }

  #storageFails(): void {
    for (const connection of this.#connections.values())
      connection.sendFrame({ type: "storage", ok: false, reason: storageSentence });
  }

  /** [ROOM-16] Asks for what was missed. */
  async #storageIsBack(): Promise<void> {
    const document = await this.#journal.open();
    const question = writeStep1(Y.encodeStateVector(document.doc));
    for (const connection of this.#connections.values()) {
      connection.sendFrame({ type: "storage", ok: true });
      if (can(connection.admission.role, "edit")) connection.send(question);
    }
  }

  #awareness(connection: Connection, update: Uint8Array): void {
    const { person, client: bound } = connection.admission;
    this.#pulse.feel();
    try {
      const entries = readAwareness(update);
      const own = bound ?? entries.find(({ state }) => state !== "null")?.client;
      for (const { client, state } of entries) {
        if (client !== own) continue;
        if (state.length > maxAwarenessBytes)
          return connection.close(closeCode.tooLarge, "An awareness state is larger than 16 KiB.");
        // Once per state, not per message: a repeated client would cost the others as much.
        if (!connection.affords("awareness", state.length, this.#host.clock.now())) return undefined;
      }
      const { client, changed } = this.#presence.receive(connection.id, person, bound, entries);
      if (client !== undefined && client !== bound) connection.bind(client);
      this.#outbox.addClients(changed);
    } catch {
      return connection.close(closeCode.malformed, "An awareness message is malformed.");
    }
    return connection.send(noAwareness);
  }

  #frame(connection: Connection, json: string, bytes: Uint8Array, fromParts: boolean): MaybePromise<void> {
    let frame: ClientFrame;
    try {
      if (!connection.admission.conch) throw new Error("frames were not announced");
      frame = parseClientFrame(json);
      if (fromParts && frame.type === "part") throw new Error("a part within parts");
    } catch {
      return connection.close(closeCode.malformed, "A frame is malformed.");
    }
    const { id } = connection;
    if ((frame.type === "publish" || frame.type === "watch") && !this.#mayAsk(connection)) return undefined;
    if ("channel" in frame) return this.#switchboard.take(connection, frame, bytes);
    switch (frame.type) {
      case "mark":
        if (connection.behind || this.#journal.inTrouble) connection.waitingMark = frame.id;
        else this.#outbox.addMark(id, frame.id);
        return undefined;
      case "heard":
        return connection.heard(frame.id);
      case "token":
        if (!this.#mayAsk(connection)) return undefined;
        return this.#access.renew(connection, frame.token);
      case "part":
        return this.#part(connection, bytes, frame.last);
    }
  }

  /** [ROOM-15] A part may be of any message but of a part. */
  #part(connection: Connection, bytes: Uint8Array, last: boolean): MaybePromise<void> {
    const { parts } = connection;
    if (parts.length + bytes.length > maxMessageBytes)
      return connection.close(closeCode.tooLarge, "A message is larger than 32 MiB.");
    parts.add(bytes, this.#host.clock.now());
    if (last) return this.#message(connection, parts.take(), true);
    overdue(this.#connections.values())?.close(
      closeCode.tooSlow,
      "A message was begun and not finished: send it again.",
    );
    return undefined;
  }

  /** [ROOM-6] Writes down, then speaks. */
  #flush(batch: Batch): MaybePromise<void> {
    if (batch.edits.length === 0) return this.#speak(batch, [], []);
    const written = this.#journal.write(batch.edits);
    return written instanceof Promise
      ? written.then((settled) => this.#written(batch, settled))
      : this.#written(batch, written);
  }

  #written(batch: Batch, written: Written): void {
    if (written.ok) {
      for (const { author } of written.nonsense)
        this.#byId.get(author)?.close(closeCode.malformed, "An edit has no meaning.");
      return this.#speak(batch, written.updates, written.answers);
    }
    // [ROOM-14] Not its authors alone: somebody may have sent the same again meanwhile. Everybody is asked for it
    // before anything is acknowledged.
    for (const connection of this.#connections.values())
      if (can(connection.admission.role, "edit")) connection.behind = true;
    return this.#speak(batch, [], []);
  }

  /** `answers` are the room's own edits, which nobody knows. */
  #speak(
    { edits, clients, marks }: Batch,
    updates: readonly Uint8Array[],
    answers: readonly Uint8Array[],
  ): void {
    const [first] = edits;
    // Nobody is told what he alone has said.
    const author = edits.every((edit) => edit.author === first?.author) ? first?.author : undefined;
    const messages = updates.map((update) => writeUpdate(update));
    const answered = answers.map((answer) => writeUpdate(answer));
    const states =
      clients.size === 0 ? undefined : writeAwarenessMessage(writeAwareness(this.#presence.entries(clients)));
    for (const connection of this.#connections.values()) {
      if (connection.id !== author) for (const message of messages) connection.send(message);
      for (const message of answered) connection.send(message);
      if (states !== undefined) {
        const { client } = connection.admission;
        if (client === undefined || !clients.has(client)) connection.send(states);
        else if (clients.size > 1) {
          // Its own state, echoed with our clock, would overwrite what it has changed since.
          const others = [...clients].filter((other) => other !== client);
          connection.send(writeAwarenessMessage(writeAwareness(this.#presence.entries(others))));
        }
      }
    }
    for (const [id, mark] of marks) {
      const connection = this.#byId.get(id);
      if (connection?.behind === true) connection.waitingMark = mark;
      else connection?.sendFrame({ type: "saved", id: mark });
    }
    this.#sweep();
  }
}
