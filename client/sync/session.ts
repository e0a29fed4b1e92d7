// A participant's side of a project: the document, kept in step with the room; who is here; channels; blobs.
// The same in a page and in Node, which passes its WebSocket. Knows no user interface.

import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import { can, type Role } from "#core/auth/role.ts";
import type { Disposer } from "#core/base/disposable.ts";
import type { Clock } from "#core/base/clock.ts";
import { Emitter } from "#core/base/emitter.ts";
import { systemClock } from "#core/base/system-clock.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { readMeta } from "#core/project/meta.ts";
import { Project, type NodeId } from "#core/project/project.ts";
import { nodesOf } from "#core/project/schema.ts";
import { referencedBlobs } from "#core/project/references.ts";
import { touchedNodes } from "#core/project/touched-nodes.ts";
import { readAwareness } from "#core/room/awareness.ts";
import { closeCode } from "#core/room/close.ts";
import { parseRoomFrame, roomProtocolVersion, type RoomFrame } from "#core/room/frames.ts";
import { partBytes } from "#core/room/limits.ts";
import {
  cutMessage,
  readMessage,
  writeAwarenessMessage,
  writeFrame,
  writeStep1,
  writeStep2,
} from "#core/room/messages.ts";
import { Access, type GrantedAccess } from "./access.ts";
import { hasOpenSocket, statusOf, type ConnectionState } from "./connection-state.ts";
import { HttpBlobStore } from "./blobs.ts";
import { RoomChannels, type Channels } from "./channels.ts";
import type { LocalCopy } from "./local-copy.ts";
import { Outgoing } from "./outgoing.ts";
import type { Identity, Person } from "./person.ts";
import {
  RoomConnection,
  type SocketClass,
  watchBrowserNetwork,
  type WatchNetwork,
} from "./room-connection.ts";
import type { ConnectionStatus, StorageStatus } from "./room-status.ts";
import { UnsavedFiles } from "./unsaved-files.ts";
import { listParticipants, type AwarenessState, type Participant } from "./presence.ts";

export type { ConnectionStatus, StorageStatus } from "./room-status.ts";
export type { AwarenessState, Participant } from "./presence.ts";
export type { Channels } from "./channels.ts";

export interface SessionOptions {
  /** Origin of the server: "https://conch.example". */
  readonly server: string;
  readonly projectId: string;
  /** The token of a link; "" where one comes by a sign-in alone. */
  readonly token: string;
  /** What it was exchanged for already, where it was. */
  readonly access?: GrantedAccess;
  /** What one might do here the last time: it holds until the room says what one may. */
  readonly role?: Role;
  readonly person: Identity;
  /** The platform's own where it is left out. */
  readonly WebSocket?: SocketClass;
  readonly clock?: Clock;
  /** From 0 to 1, to spread attempts to connect. */
  readonly random?: () => number;
  readonly watchNetwork?: WatchNetwork;
  /** In place of the server's blobs. */
  readonly blobs?: BlobStore;
  /** What this browser keeps of the project; ends with the session. */
  readonly copy?: LocalCopy;
}

type Refused = Extract<RoomFrame, { readonly type: "refused" }>;

/** When the line has been down this long, the others are shown as gone; before that, nothing flickers. */
const graceMilliseconds = 3000;
/** A server that neither answers nor fails is not waited for longer where there is a copy to show. */
const patienceMilliseconds = 3000;

export class Session {
  readonly doc: Y.Doc;
  readonly project: Project;
  readonly awareness: Awareness;
  readonly blobs: BlobStore;
  readonly channels: Channels;
  /**
   * There is a project to show: the first exchange with the room is complete, or the server cannot be reached and
   * there is a local copy. Rejects with the refusal's sentence.
   */
  readonly synced: Promise<void>;
  readonly #options: SessionOptions;
  readonly #channels: RoomChannels;
  readonly #httpBlobs: HttpBlobStore | undefined = undefined;
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #connection: RoomConnection;
  readonly #connectionChanged = new Emitter<ConnectionStatus>();
  readonly #unsavedChanged = new Emitter<number>();
  readonly #participantsChanged = new Emitter<readonly Participant[]>();
  readonly #refused = new Emitter<Refused>();
  readonly #storageChanged = new Emitter<StorageStatus>();
  readonly #roleChanged = new Emitter<Role>();
  #settle: { resolve: () => void; reject: (refusal: Error) => void } | undefined;
  #identity: Identity;
  #person: Person;
  #role: Role | undefined;
  #status: ConnectionStatus = { kind: "connecting" };
  #storage: StorageStatus = { ok: true };
  readonly #outgoing: Outgoing;
  readonly #unsavedFiles: UnsavedFiles;
  #announcedUnsaved = 0;
  #heardEverybody = false;
  #awarenessQueued = false;
  #destroyed = false;
  #graceTimer: Disposer | undefined;
  #patienceTimer: Disposer | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { clock = systemClock, random = Math.random, watchNetwork = watchBrowserNetwork } = options;
    this.#clock = clock;
    this.#identity = options.person;
    this.#person = publicPerson(options.person);
    this.doc = options.copy?.doc ?? new Y.Doc();
    this.#outgoing = new Outgoing({
      clock,
      carried: options.copy?.carried ?? 0,
      send: (message) => this.#send(message),
    });
    this.#announcedUnsaved = this.#outgoing.unsaved;
    this.#unsavedFiles = new UnsavedFiles(
      options.copy?.carriedFiles ?? new Set(),
      options.copy?.carried ?? 0,
    );
    this.project = new Project(this.doc);
    this.awareness = new Awareness(this.doc);
    this.#channels = new RoomChannels({
      clock,
      send: (frame, bytes) => this.#send(writeFrame(frame, bytes)),
    });
    this.channels = this.#channels;
    this.#access = new Access({
      clock,
      server: options.server,
      projectId: options.projectId,
      link: options.token,
      person: () => this.#identity,
      ...(options.access === undefined ? {} : { granted: options.access }),
      // [ROOM-30] On a line that is down, the next attempt takes it along.
      onRenewed: ({ token }) => this.#send(writeFrame({ type: "token", token })),
      onRefused: (refusal) => this.#connection.refuse(refusal),
    });
    if (options.blobs === undefined) {
      const url = `${options.server}/api/projects/${options.projectId}/blobs`;
      const { copy } = options;
      const blobs = new HttpBlobStore({
        clock,
        url,
        token: () => this.#access.token(),
        mayUpload: () => this.#mayEdit,
        ...(copy === undefined ? {} : { keeper: copy.blobs }),
      });
      blobs.onPending(() => this.#tellUnsaved());
      this.#httpBlobs = blobs;
      this.blobs = blobs;
    } else this.blobs = options.blobs;
    this.synced = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever does not ask for it has the connection to tell.
    this.synced.catch(() => {});
    this.doc.on("update", this.#onUpdate);
    this.awareness.on("update", this.#onAwarenessUpdate);
    this.awareness.on("change", this.#onAwarenessChange);
    this.awareness.setLocalState({ user: this.#person });
    this.#patienceTimer = clock.after(patienceMilliseconds, () => this.#showCopy());
    this.#connection = new RoomConnection({
      address: (newToken) => this.#address(newToken),
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      clock,
      random,
      watchNetwork,
      onState: (state, before) => this.#onState(state, before),
      onMessage: (data) => this.#onMessage(data),
    });
  }

  /** As the room knows us. */
  get person(): Person {
    return this.#person;
  }

  /** Undefined until the room has let us in. */
  get role(): Role | undefined {
    return this.#role;
  }

  /** Links or people were changed: one may do something else now. */
  onRole(listener: (role: Role) => void): Disposer {
    return this.#roleChanged.on(listener);
  }

  /** For the server's HTTP interface. */
  accessToken(): Promise<string> {
    return this.#access.token();
  }

  get connection(): ConnectionStatus {
    return this.#status;
  }

  onConnection(listener: (connection: ConnectionStatus) => void): Disposer {
    return this.#connectionChanged.on(listener);
  }

  get storage(): StorageStatus {
    return this.#storage;
  }

  onStorage(listener: (storage: StorageStatus) => void): Disposer {
    return this.#storageChanged.on(listener);
  }

  /** Changes made here, and blobs, that the server has not written down yet. */
  get unsaved(): number {
    return this.#outgoing.unsaved + (this.#httpBlobs?.pending ?? 0);
  }

  /** The files that those are in; the project's root where it may be any. */
  get unsavedFiles(): ReadonlySet<NodeId> {
    const waiting = this.#httpBlobs?.waiting ?? new Set();
    const files = new Set(this.#unsavedFiles.ids);
    if (waiting.size > 0)
      for (const id of nodesOf(this.doc).keys())
        if (waiting.has(this.project.blob(id)?.hash ?? "")) files.add(id);
    return files;
  }

  /** The server will not get them, and nobody wants them any more. */
  giveUpUnsaved(): void {
    this.#outgoing.acknowledge(Number.POSITIVE_INFINITY);
    this.#unsavedFiles.acknowledged(Number.POSITIVE_INFINITY);
    for (const hash of this.#httpBlobs?.waiting ?? []) this.#httpBlobs?.cancel(hash);
    this.#tellUnsaved();
  }

  onUnsaved(listener: (unsaved: number) => void): Disposer {
    return this.#unsavedChanged.on(listener);
  }

  participants(): readonly Participant[] {
    return listParticipants(this.awareness.getStates(), this.awareness.clientID);
  }

  onParticipants(listener: (participants: readonly Participant[]) => void): Disposer {
    return this.#participantsChanged.on(listener);
  }

  /** A sentence about something that the room would not do. */
  onRefused(listener: (reason: string, what: Refused["what"]) => void): Disposer {
    return this.#refused.on(({ reason, what }) => listener(reason, what));
  }

  /** Tells the others something of oneself; undefined takes it back. */
  setState<Field extends Exclude<keyof AwarenessState, "user">>(
    field: Field,
    value: AwarenessState[Field] | undefined,
  ): void {
    const { [field]: _, ...rest } = this.awareness.getLocalState() ?? { user: this.#person };
    this.awareness.setLocalState(value === undefined ? rest : { ...rest, [field]: value });
  }

  /** Goes on under another name or colour. */
  setIdentity(identity: Identity): void {
    this.#identity = identity;
    this.#setPerson(publicPerson(identity));
    void this.#access.renew();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#outgoing.flush();
    // A last word, so that nobody has to notice our absence.
    this.awareness.setLocalState(null);
    this.#sendAwareness();
    this.#graceTimer?.();
    this.#patienceTimer?.();
    this.#outgoing.destroy();
    this.#access.destroy();
    this.#connection.destroy();
    this.#channels.destroy();
    this.#httpBlobs?.destroy();
    this.#settle?.reject(new Error("The session was ended."));
    void this.#options.copy?.close();
    this.project.destroy();
    // The awareness ends with its document.
    this.doc.destroy();
  }

  async #address(newToken: boolean): Promise<string> {
    const { server, projectId } = this.#options;
    if (newToken) this.#access.forget();
    const token = await this.#access.token();
    const { epoch } = readMeta(this.doc);
    const query = new URLSearchParams({ token, conch: roomProtocolVersion });
    // Two beginnings of one project must never meet: the room looks first.
    if (epoch !== undefined) query.set("epoch", epoch);
    return `${server.replace(/^http/, "ws")}/parties/project/${projectId}?${query}`;
  }

  #send(message: Uint8Array<ArrayBuffer>): void {
    for (const part of cutMessage(message, partBytes)) this.#connection.send(part);
  }

  #onState(state: ConnectionState, before: ConnectionState): void {
    if (hasOpenSocket(before) ? !hasOpenSocket(state) : state.kind === "waiting" && state.failures === 1)
      this.#lost();
    switch (state.kind) {
      case "requesting":
      case "opening":
      case "joined":
        return this.#setStatus(statusOf(state));
      case "joining":
        this.#outgoing.up();
        this.#heardEverybody = false;
        this.#send(writeStep1(Y.encodeStateVector(this.doc)));
        this.#sendAwareness();
        return;
      case "waiting":
        this.#setStatus(statusOf(state));
        return this.#showCopy();
      case "refused":
        return void this.#onRefusal(state.code, state.reason);
      case "ended":
        return;
      default:
        return state satisfies never;
    }
  }

  async #onRefusal(code: number, reason: string): Promise<void> {
    const startedOver = code === closeCode.otherEpoch;
    // A copy that cannot even be put away stays where it is, and is refused again.
    if (startedOver) await this.#options.copy?.setAside(this.unsavedFiles).catch(() => undefined);
    this.#setStatus({ kind: "refused", reason, ...(startedOver ? { startedOver } : {}) });
    this.#settle?.reject(new Error(reason));
    this.#settle = undefined;
  }

  #showCopy(): void {
    if (this.#options.copy?.filled !== true) return;
    this.#settle?.resolve();
    this.#settle = undefined;
  }

  #lost(): void {
    this.#outgoing.down();
    this.#channels.down();
    this.#graceTimer?.();
    this.#graceTimer = this.#clock.after(graceMilliseconds, () => this.#forgetOthers(new Set()));
  }

  #onMessage(data: Uint8Array): void {
    const message = readMessage(data);
    switch (message.kind) {
      case "step1": {
        this.#send(writeStep2(Y.encodeStateAsUpdate(this.doc, message.stateVector)));
        this.#outgoing.caughtUp();
        return;
      }
      case "step2":
        Y.applyUpdate(this.doc, message.update, this);
        // Both sides know everything now.
        if (this.#mayEdit) void this.#httpBlobs?.offer(referencedBlobs(this.doc));
        this.#settle?.resolve();
        this.#settle = undefined;
        return;
      case "update":
        Y.applyUpdate(this.doc, message.update, this);
        return;
      case "awareness":
        this.#receiveAwareness(message.update);
        return;
      case "query-awareness":
        this.#sendAwareness();
        return;
      case "denied":
        // Our own frame says the same.
        return;
      case "frame": {
        const frame = parseRoomFrame(message.json);
        if (frame !== undefined) this.#onFrame(frame, message.bytes);
        return;
      }
    }
  }

  #onFrame(frame: RoomFrame, bytes: Uint8Array): void {
    switch (frame.type) {
      case "welcome":
        this.#graceTimer?.();
        this.#setRole(frame.role);
        this.#setPerson(frame.person);
        this.#setStorage({ ok: true });
        this.#connection.welcomed();
        // The room does not say of each change of earlier visits that it takes none.
        if (!can(frame.role, "edit") && this.unsaved > 0)
          this.#refused.emit({
            type: "refused",
            what: "edit",
            reason: "What was changed here earlier cannot be saved with this link.",
          });
        this.#channels.welcome();
        this.#httpBlobs?.tryNow();
        return;
      case "saved":
        this.#outgoing.acknowledge(frame.id);
        this.#unsavedFiles.acknowledged(this.#outgoing.saved);
        this.#options.copy?.acknowledged(this.#outgoing.saved);
        this.#tellUnsaved();
        return;
      case "storage":
        this.#setStorage(
          frame.ok
            ? { ok: true }
            : { ok: false, reason: frame.reason ?? "The server cannot write anything down." },
        );
        return;
      case "refused":
        this.#refused.emit(frame);
        return;
      case "ended":
        return this.#connection.closed(frame.code, frame.reason);
      case "probe":
        this.#send(writeFrame({ type: "heard", id: frame.id }));
        return;
      case "watcher":
      case "snapshot":
      case "data":
      case "closed":
      case "offered":
      case "input":
      case "taken":
        return this.#channels.receive(frame, bytes);
    }
  }

  readonly #onUpdate = (
    update: Uint8Array,
    origin: unknown,
    _doc: Y.Doc,
    transaction: Y.Transaction,
  ): void => {
    if (origin === this) {
      this.#options.copy?.append(update, undefined);
      return;
    }
    // [ROOM-27] The room would refuse it: it stays in this replica, and goes with it.
    if (!this.#mayEdit) return;
    const number = this.#outgoing.add(update);
    const files = touchedNodes(transaction);
    this.#unsavedFiles.changed(number, files);
    this.#options.copy?.append(update, { number, files });
    this.#tellUnsaved();
  };

  #tellUnsaved(): void {
    const { unsaved } = this;
    if (unsaved === this.#announcedUnsaved) return;
    this.#announcedUnsaved = unsaved;
    this.#unsavedChanged.emit(unsaved);
  }

  readonly #onAwarenessUpdate = (_changes: unknown, origin: unknown): void => {
    // Several fields set in one go make one message.
    if (origin !== "local" || this.#awarenessQueued) return;
    this.#awarenessQueued = true;
    queueMicrotask(() => this.#sendAwareness());
  };

  #sendAwareness(): void {
    this.#awarenessQueued = false;
    if (hasOpenSocket(this.#connection.state))
      this.#send(writeAwarenessMessage(encodeAwarenessUpdate(this.awareness, [this.awareness.clientID])));
  }

  #receiveAwareness(update: Uint8Array): void {
    if (!this.#heardEverybody) {
      // The first message on a line names everybody: who left meanwhile is not in it.
      this.#heardEverybody = true;
      this.#forgetOthers(new Set(readAwareness(update).map(({ client }) => client)));
    }
    applyAwarenessUpdate(this.awareness, update, this);
  }

  #forgetOthers(except: ReadonlySet<number>): void {
    const gone = [...this.awareness.getStates().keys()].filter(
      (client) => client !== this.awareness.clientID && !except.has(client),
    );
    removeAwarenessStates(this.awareness, gone, this);
  }

  readonly #onAwarenessChange = (): void => {
    this.#participantsChanged.emit(this.participants());
  };

  #setPerson(person: Person): void {
    const { id, name, color, verified } = this.#person;
    if (id === person.id && name === person.name && color === person.color && verified === person.verified)
      return;
    this.#person = person;
    this.awareness.setLocalStateField("user", person);
  }

  #setRole(role: Role): void {
    const before = this.#role;
    this.#role = role;
    if (before !== role) this.#roleChanged.emit(role);
  }

  /** As far as is known: who has not been told keeps what they change. */
  get #mayEdit(): boolean {
    const { access, role } = this.#options;
    return can(this.#role ?? access?.role ?? role ?? "owner", "edit");
  }

  #setStatus(status: ConnectionStatus): void {
    const before = this.#status;
    this.#status = status;
    if (before.kind !== status.kind) this.#connectionChanged.emit(status);
  }

  #setStorage(storage: StorageStatus): void {
    if (storage.ok && this.#storage.ok) return;
    this.#storage = storage;
    this.#storageChanged.emit(storage);
  }
}

function publicPerson({ id, name, color }: Person): Person {
  return { id, name, color };
}
