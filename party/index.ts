// PartyKit's host of the room (`npx partykit dev`, partykit.json): connections, key-value storage, and making projects.
// Rooms only: blobs, links and the page are the Worker's. PartyKit's types appear structurally, so that it stays optional.

import { newProjectId } from "#core/auth/project-id.ts";
import { ServerKeys } from "#core/auth/keys.ts";
import { refusalSentences, signLink, verifyToken, type TokenCheck } from "#core/auth/token.ts";
import { cleanProjectName, maxProjectName, untitled } from "#core/project/meta.ts";
import { closeCode, closeReason } from "#core/room/close.ts";
import { visitOf } from "./visit.ts";
import type { Admission, RoomSocket } from "./host.ts";
import { KeyValueRoomStorage, type KeyValueStore } from "./key-value-storage.ts";
import { Room } from "./room.ts";
import { systemClock } from "#core/base/system-clock.ts";

interface PartyConnection {
  readonly id: string;
  readonly readyState: number;
  send(data: Uint8Array | string): void;
  close(code: number, reason: string): void;
}

interface PartyRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

interface PartyEnvironment {
  readonly env: Readonly<Record<string, unknown>>;
}

interface Party extends PartyEnvironment {
  readonly id: string;
  readonly storage: KeyValueStore;
}

interface Lobby extends PartyEnvironment {
  readonly parties: Readonly<
    Record<
      string,
      | {
          get(id: string): {
            fetch(init: {
              method: string;
              headers: Record<string, string>;
              body: string;
            }): Promise<{ readonly status: number }>;
          };
        }
      | undefined
    >
  >;
}

declare const Response: {
  new (body: string, init: { status: number; headers: Record<string, string> }): unknown;
};

const openState = 1;

function keysOf({ env }: PartyEnvironment): ServerKeys {
  const secret = env["CONCH_SECRET"];
  if (typeof secret !== "string") throw new Error("Set CONCH_SECRET: it signs the links.");
  return new ServerKeys(secret);
}

/** Links only: nobody exchanges them here. */
function check(
  party: PartyEnvironment,
  token: string | null | undefined,
  project: string,
): Promise<TokenCheck> {
  return verifyToken(keysOf(party), token, project, { now: systemClock.now(), longest: 0 });
}

/** The link of a project's maker. */
const ownerLink = { id: "owner", role: "owner", label: "", by: "", at: 0 } as const;

function json(status: number, body: unknown): unknown {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
}

class PartySocket implements RoomSocket {
  admission: Admission | undefined;
  readonly #connection: PartyConnection;

  constructor(connection: PartyConnection) {
    this.#connection = connection;
  }

  send(data: Uint8Array): void {
    if (this.#connection.readyState === openState) this.#connection.send(data);
  }

  sendText(text: string): void {
    if (this.#connection.readyState === openState) this.#connection.send(text);
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }
}

export default class ProjectParty {
  readonly #party: Party;
  readonly #room: Room;
  readonly #sockets = new Map<string, PartySocket>();

  /** Requests outside /parties: `POST /api/projects`. */
  static async onFetch(request: PartyRequest, lobby: Lobby): Promise<unknown> {
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/api/projects")
      return json(404, { error: "There is no such address." });
    const id = newProjectId();
    const token = await signLink(keysOf(lobby), id, ownerLink.id, ownerLink.role);
    const made = await lobby.parties["project"]?.get(id).fetch({
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: await request.text(),
    });
    if (made?.status !== 201)
      return json(400, { error: 'Send nothing, or JSON with "name" (at most 100 characters).' });
    return json(201, { id, url: `${origin}/p/${id}#${token}`, token });
  }

  constructor(party: Party) {
    this.#party = party;
    this.#room = new Room(
      {
        clock: systemClock,
        newId: () => crypto.randomUUID(),
        log: (sentence, thrown) => console.error(sentence, thrown),
        verify: (token, project) => check(party, token, project),
        // PartyKit's rooms do not sleep while somebody is here.
        wakeAt: (time) =>
          void systemClock.after(Math.max(0, time - systemClock.now()), () => void this.#room.tick()),
      },
      new KeyValueRoomStorage(party.storage),
    );
  }

  /** Makes the project; only someone who can sign an owner's token for it may. */
  async onRequest(request: PartyRequest): Promise<unknown> {
    const token = request.headers.get("Authorization")?.replace(/^Bearer /, "");
    const checked = await check(this.#party, token, this.#party.id);
    if (!checked.ok) return json(401, { error: refusalSentences[checked.reason] });
    if (request.method !== "POST" || checked.pass.link !== ownerLink.id)
      return json(403, { error: "With this link you may not make a project." });
    const name = readName(await request.text());
    if (name === undefined) return json(400, { error: "The name is not valid." });
    const access = { links: new Map([[ownerLink.id, { ...ownerLink, at: systemClock.now() }]]) };
    await this.#room.create(name, () => {}, access);
    return json(201, {});
  }

  async onConnect(
    connection: PartyConnection,
    { request }: { readonly request: PartyRequest },
  ): Promise<void> {
    const socket = new PartySocket(connection);
    const token = new URL(request.url).searchParams.get("token");
    const checked = await check(this.#party, token, this.#party.id);
    if (!checked.ok) {
      const code = checked.reason === "wrong-project" ? closeCode.forbidden : closeCode.unauthorized;
      socket.close(code, closeReason(refusalSentences[checked.reason]));
      return;
    }
    this.#sockets.set(connection.id, socket);
    await this.#room.connect(socket, visitOf(checked.pass, request.url, connection.id));
  }

  async onMessage(
    message: string | ArrayBuffer | ArrayBufferView,
    connection: PartyConnection,
  ): Promise<void> {
    const socket = this.#sockets.get(connection.id);
    if (socket === undefined) return;
    if (typeof message === "string") await this.#room.receive(socket, message);
    else if (message instanceof ArrayBuffer) await this.#room.receive(socket, new Uint8Array(message));
    else {
      const { buffer, byteOffset, byteLength } = message;
      await this.#room.receive(socket, new Uint8Array(buffer, byteOffset, byteLength));
    }
  }

  async onClose(connection: PartyConnection): Promise<void> {
    const socket = this.#sockets.get(connection.id);
    this.#sockets.delete(connection.id);
    if (socket !== undefined) await this.#room.disconnect(socket);
  }

  onError(connection: PartyConnection): Promise<void> {
    return this.onClose(connection);
  }
}

/** The name in a body of JSON; undefined where there is something else. */
function readName(body: string): string | undefined {
  try {
    const parsed: unknown = body.trim() === "" ? {} : JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const name: unknown = "name" in parsed ? parsed.name : untitled;
    if (typeof name !== "string" || name.length > maxProjectName) return undefined;
    const clean = cleanProjectName(name);
    return clean === "" ? undefined : clean;
  } catch {
    return undefined;
  }
}
