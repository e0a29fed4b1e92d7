// A participant's side of a project: the document, kept in step with the room; who is here; channels; blobs.
// The same in a page and in Node, which passes its WebSocket. Knows no user interface.

import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { can, type Role } from "#core/auth/role.ts";
import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { Emitter } from "#core/base/emitter.ts";
import { systemClock } from "#core/base/system-clock.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import { readMeta } from "#core/project/meta.ts";
import { Project, type NodeId } from "#core/project/project.ts";
import { referencedBlobs } from "#core/project/references.ts";
import { touchedNodes } from "#core/project/touched-nodes.ts";
import { closeCode } from "#core/room/close.ts";
import { parseRoomFrame, roomProtocolVersion, type RoomFrame } from "#core/room/frames.ts";
import { partBytes } from "#core/room/limits.ts";
import { cutMessage, readMessage, writeFrame, writeStep1, writeStep2 } from "#core/room/messages.ts";
import { exchange, type Exchange, type GrantedAccess } from "./access-exchange.ts";
import { AccessToken } from "./access-token.ts";
import { HttpBlobStore } from "./blobs.ts";
import { RoomChannels, type Channels } from "./channels.ts";
import { hasOpenSocket, statusOf, type ConnectionState } from "./connection-state.ts";
import { FirstView } from "./first-view.ts";
import { GrantedRole } from "./granted-role.ts";
import type { LocalCopy } from "./local-copy.ts";
import { OutgoingChanges } from "./outgoing-changes.ts";
import type { Identity, Person } from "./person.ts";
import type { AwarenessState, Participant } from "./presence.ts";
import {
  RoomConnection,
  type SocketClass,
  watchBrowserNetwork,
  type WatchNetwork,
} from "./room-connection.ts";
import { RoomPresence } from "./room-presence.ts";
import type { ConnectionStatus, StorageStatus } from "./room-status.ts";
import { UnsavedWork } from "./unsaved-work.ts";

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
  /** How a token is had from the server; over HTTP where it is left out. */
  readonly exchange?: Exchange;
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

export class Session {
  readonly doc: Y.Doc;
  readonly project: Project;
  readonly blobs: BlobStore;
  readonly channels: Channels;
  /**
   * There is a project to show: the first exchange with the room is complete, or the server cannot be reached and
   * there is a local copy. Rejects with the refusal's sentence.
   */
  readonly synced: Promise<void>;
  readonly #options: SessionOptions;
  readonly #channels: RoomChannels;
  readonly #httpBlobs: HttpBlobStore | undefined;
  readonly #token: AccessToken;
  readonly #connection: RoomConnection;
  readonly #role: GrantedRole;
  readonly #presence: RoomPresence;
  readonly #changes: OutgoingChanges;
  readonly #unsaved: UnsavedWork;
  readonly #firstView: FirstView;
  readonly #connectionChanged = new Emitter<ConnectionStatus>();
  readonly #refused = new Emitter<Refused>();
  readonly #storageChanged = new Emitter<StorageStatus>();
  #identity: Identity;
  #status: ConnectionStatus = { kind: "connecting" };
  #storage: StorageStatus = { ok: true };
  #destroyed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { server, projectId, person, copy, access } = options;
    const { clock = systemClock, random = Math.random, watchNetwork = watchBrowserNetwork } = options;
    const send = (message: Uint8Array<ArrayBuffer>): void => this.#send(message);
    this.#identity = person;
    this.doc = copy?.doc ?? new Y.Doc();
    this.project = new Project(this.doc);
    this.#role = new GrantedRole(access?.role ?? options.role);
    this.#firstView = new FirstView(clock, copy?.filled === true);
    this.synced = this.#firstView.ready;
    this.#presence = new RoomPresence({ doc: this.doc, clock, person: publicPerson(person), send });
    this.#channels = new RoomChannels({ clock, send: (frame, bytes) => send(writeFrame(frame, bytes)) });
    this.channels = this.#channels;
    const address = { server, projectId, link: options.token };
    this.#token = new AccessToken({
      clock,
      exchange: () => (options.exchange ?? exchange)(address, this.#identity, clock),
      ...(access === undefined ? {} : { granted: access }),
      // [ROOM-30] Where there is no connection, the next attempt takes it along.
      onRenewed: ({ token }) => send(writeFrame({ type: "token", token })),
      onRefused: (refusal) => this.#connection.refuse(refusal),
    });
    const blobs = options.blobs ?? this.#serversBlobs(clock);
    this.blobs = blobs;
    this.#httpBlobs = blobs instanceof HttpBlobStore ? blobs : undefined;
    this.#changes = new OutgoingChanges({ clock, send, ...(copy === undefined ? {} : { copy }) });
    this.#unsaved = new UnsavedWork({
      project: this.project,
      changes: this.#changes,
      blobs: this.#httpBlobs,
    });
    this.doc.on("update", this.#onUpdate);
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

  get awareness(): Awareness {
    return this.#presence.awareness;
  }

  /** As the room knows us. */
  get person(): Person {
    return this.#presence.person;
  }

  /** Undefined until the room has let us in. */
  get role(): Role | undefined {
    return this.#role.told;
  }

  /** Links or people were changed: one may do something else now. */
  onRole(listener: (role: Role) => void): Disposer {
    return this.#role.onChange(listener);
  }

  /** For the server's HTTP interface. */
  accessToken(): Promise<string> {
    return this.#token.get();
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
    return this.#unsaved.count;
  }

  /** The files that those are in; the project's root where it may be any. */
  get unsavedFiles(): ReadonlySet<NodeId> {
    return this.#unsaved.files;
  }

  /** The server will not get them, and nobody wants them any more. */
  giveUpUnsaved(): void {
    this.#unsaved.giveUp();
  }

  onUnsaved(listener: (unsaved: number) => void): Disposer {
    return this.#unsaved.onCount(listener);
  }

  participants(): readonly Participant[] {
    return this.#presence.participants();
  }

  onParticipants(listener: (participants: readonly Participant[]) => void): Disposer {
    return this.#presence.onParticipants(listener);
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
    this.#presence.setState(field, value);
  }

  /** Goes on under another name or colour. */
  setIdentity(identity: Identity): void {
    this.#identity = identity;
    this.#presence.setPerson(publicPerson(identity));
    void this.#token.renew();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#changes.flush();
    this.#presence.destroy();
    this.#changes.destroy();
    this.#token.destroy();
    this.#connection.destroy();
    this.#channels.destroy();
    this.#httpBlobs?.destroy();
    this.#firstView.refused("The session was ended.");
    void this.#options.copy?.close();
    this.project.destroy();
    this.doc.destroy();
  }

  #serversBlobs(clock: Clock): HttpBlobStore {
    const { server, projectId, copy } = this.#options;
    return new HttpBlobStore({
      clock,
      url: `${server}/api/projects/${projectId}/blobs`,
      token: () => this.#token.get(),
      mayUpload: () => this.#role.mayEdit,
      ...(copy === undefined ? {} : { keeper: copy.blobs }),
    });
  }

  async #address(newToken: boolean): Promise<string> {
    const { server, projectId } = this.#options;
    if (newToken) this.#token.forget();
    const token = await this.#token.get();
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
    if (hasOpenSocket(before) ? !hasOpenSocket(state) : state.kind === "waiting" && state.failures === 1) {
      this.#changes.down();
      this.#channels.down();
      this.#presence.down();
    }
    switch (state.kind) {
      case "requesting":
      case "opening":
      case "joined":
        return this.#setStatus(statusOf(state));
      case "joining":
        this.#changes.up();
        this.#send(writeStep1(Y.encodeStateVector(this.doc)));
        return this.#presence.up();
      case "waiting":
        this.#setStatus(statusOf(state));
        return this.#firstView.unreachable();
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
    this.#firstView.refused(reason);
  }

  #onMessage(data: Uint8Array): void {
    const message = readMessage(data);
    switch (message.kind) {
      case "step1":
        this.#send(writeStep2(Y.encodeStateAsUpdate(this.doc, message.stateVector)));
        return this.#changes.caughtUp();
      case "step2":
        Y.applyUpdate(this.doc, message.update, this);
        // Both sides know everything now.
        if (this.#role.mayEdit) void this.#httpBlobs?.offer(referencedBlobs(this.doc));
        return this.#firstView.synced();
      case "update":
        return Y.applyUpdate(this.doc, message.update, this);
      case "awareness":
        return this.#presence.receive(message.update);
      case "query-awareness":
        return this.#presence.send();
      case "denied":
        // Our own frame says the same.
        return;
      case "frame": {
        const frame = parseRoomFrame(message.json);
        if (frame !== undefined) this.#onFrame(frame, message.bytes);
      }
    }
  }

  #onFrame(frame: RoomFrame, bytes: Uint8Array): void {
    switch (frame.type) {
      case "welcome":
        return this.#onWelcome(frame.role, frame.person);
      case "saved":
        this.#changes.acknowledge(frame.id);
        return this.#unsaved.recount();
      case "storage":
        return this.#setStorage(
          frame.ok
            ? { ok: true }
            : { ok: false, reason: frame.reason ?? "The server cannot write anything down." },
        );
      case "refused":
        return this.#refused.emit(frame);
      case "ended":
        return this.#connection.closed(frame.code, frame.reason);
      case "probe":
        return this.#send(writeFrame({ type: "heard", id: frame.id }));
      case "watcher":
      case "snapshot":
      case "data":
      case "closed":
      case "offered":
      case "input":
      case "taken":
        return this.#channels.receive(frame, bytes);
      default:
        return frame satisfies never;
    }
  }

  /** On joining, and whenever the room has slept, or one's role or name is another. */
  #onWelcome(role: Role, person: Person): void {
    this.#presence.welcomed();
    this.#role.tell(role);
    this.#presence.setPerson(person);
    this.#setStorage({ ok: true });
    this.#connection.welcomed();
    // The room does not say of each change of earlier visits that it takes none.
    if (!can(role, "edit") && this.unsaved > 0)
      this.#refused.emit({
        type: "refused",
        what: "edit",
        reason: "What was changed here earlier cannot be saved with this link.",
      });
    this.#channels.welcome();
    this.#httpBlobs?.tryNow();
  }

  readonly #onUpdate = (
    update: Uint8Array,
    origin: unknown,
    _doc: Y.Doc,
    transaction: Y.Transaction,
  ): void => {
    if (origin === this) return this.#options.copy?.append(update, undefined);
    // [ROOM-27] The room would refuse it: it stays in this replica, and goes with it.
    if (!this.#role.mayEdit) return;
    this.#changes.add(update, touchedNodes(transaction));
    this.#unsaved.recount();
  };

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
