// Replicas that meet in the real room through the real session, over lines that fall, stall, repeat and reorder, while
// the room restarts, sleeps and fails to store, and tabs are closed and opened again. Seeded. The caller replaces the
// timers by ones that can be wound on.

import { vi } from "vitest";
import * as Y from "yjs";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import { roomProtocolVersion } from "#core/room/frames.ts";
import { Room } from "#party/room.ts";
import { personFromSeed } from "#sync/person.ts";
import { Session } from "#sync/session.ts";
import { FragileStorage } from "../harness/room.ts";
import { type Line, lineClass } from "./line.ts";
import { MemoryCopy, type Change } from "../harness/memory-copy.ts";
import type { Random } from "../harness/random.ts";
import type { Network, Replica } from "./replicas.ts";

/** Longer than any timer of session and room. */
const quietMilliseconds = 2000;
/** Rounds after which everybody must have come to rest. */
const mostRounds = 60;

/** Lets everything happen that waits for nothing but its turn. The real one: only timers are replaced. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** One person's tab, and the copy that outlives it. */
class Tab implements Replica {
  readonly name: string;
  online = true;
  line: Line | undefined;
  copy: MemoryCopy;
  session: Session;
  project: Project;
  readonly #network: RoomReplicas;

  constructor(name: string, network: RoomReplicas) {
    this.name = name;
    this.#network = network;
    [this.copy, this.session, this.project] = this.#open();
  }

  /** The tab is closed at this moment and opened again: all that is left is the copy. */
  reopen(): void {
    this.session.destroy();
    this.project.destroy();
    [this.copy, this.session, this.project] = this.#open(this.copy);
  }

  #open(before?: MemoryCopy): [MemoryCopy, Session, Project] {
    const network = this.#network;
    const copy = new MemoryCopy(network.newClient(), (change) => network.acknowledged(change), before);
    const session = new Session({
      server: "http://room.test",
      projectId: "fuzz",
      token: "none",
      access: {
        id: "fuzz",
        name: "Fuzz",
        role: "editor",
        person: personFromSeed(`person-${this.name}`),
        token: "none",
        lasts: Number.MAX_SAFE_INTEGER,
      },
      person: personFromSeed(`person-${this.name}`),
      blobs: network.blobs,
      copy,
      WebSocket: lineClass((line) => (this.line = line)),
    });
    return [copy, session, new Project(copy.doc, network.projectOptions(this.name))];
  }
}

export class RoomReplicas implements Network {
  readonly all: readonly Tab[];
  readonly blobs = new MemoryBlobStore();
  readonly #random: Random;
  readonly #storage = new FragileStorage();
  /** What is in storage, as a document: it must have whatever was acknowledged. */
  readonly #stored = new Y.Doc();
  #room: Room;
  #clients = 0;
  #serial = 0;
  #time = 1_700_000_000_000;
  #connections = 0;
  /** Of the room. */
  #timers = 0;

  private constructor(count: number, random: Random) {
    this.#random = random;
    this.#storage.onAppend = () => {
      const [last] = this.#storage.readUpdates().slice(-1);
      if (last !== undefined) Y.applyUpdate(this.#stored, last);
    };
    this.#room = this.#makeRoom();
    this.all = Array.from({ length: count }, (_, index) => new Tab(String.fromCharCode(97 + index), this));
  }

  static async create(count: number, random: Random): Promise<RoomReplicas> {
    const network = new RoomReplicas(count, random);
    const link = { id: "link", role: "editor", label: "", by: "", at: 1 } as const;
    await network.#room.create("Fuzz", () => undefined, { links: new Map([[link.id, link]]) });
    await network.settle();
    return network;
  }

  destroy(): void {
    for (const { session, project } of this.all) {
      session.destroy();
      project.destroy();
    }
    this.#room.dispose();
  }

  /** Fixed numbers, so that a seed replays: concurrent writes are ordered by them. */
  newClient(): number {
    return ++this.#clients + 100 * this.#random.below(1000);
  }

  projectOptions(name: string): { readonly now: () => number; readonly newId: () => string } {
    return {
      now: () => this.#time++,
      newId: () => `${String(this.#random.below(1000)).padStart(3, "0")}${name}${this.#serial++}`,
    };
  }

  /** [ROOM-6] [ROOM-14] Whatever a session is told to be saved is in storage. */
  acknowledged({ client, clock }: Change): void {
    if (Y.getState(this.#stored.store, client) < clock)
      throw new Error(`change ${clock} of ${client} was acknowledged and is not stored`);
  }

  async deliver(tab: Tab): Promise<void> {
    const random = this.#random;
    if (random.chance(60)) this.#restart();
    if (random.chance(80)) await this.#sleep();
    if (random.chance(40)) this.#storage.failing = !this.#storage.failing;
    if (random.chance(40)) await this.#reopen(tab);
    await this.#tend(tab);
    // One direction may be much faster than the other.
    const up = random.below(6);
    for (let count = random.below(10); count > 0; count--)
      await this.#pass(tab, random.below(5) < up, random);
    // Mostly within the session's batches, now and then past its wait for another attempt.
    await this.#wind(random.below(random.chance(5) ? 600 : 12));
  }

  async settle(): Promise<void> {
    this.#storage.failing = false;
    for (const tab of this.all) tab.online = true;
    for (let round = 0; round < mostRounds; round++) {
      await this.#wind(round < 3 ? quietMilliseconds : 10);
      let moved = false;
      for (const tab of this.all) {
        await this.#tend(tab);
        while ((await this.#pass(tab, true, undefined)) || (await this.#pass(tab, false, undefined)))
          moved = true;
      }
      if (!moved && round > 3 && this.all.every(({ session }) => session.unsaved === 0)) return;
    }
    const states = this.all.map(
      ({ name, session }) => `${name}: ${session.connection.kind} ${session.unsaved}`,
    );
    throw new Error(`no rest after ${mostRounds} rounds: ${states.join(", ")}`);
  }

  fresh(): Y.Doc {
    const doc = new Y.Doc();
    for (const update of this.#storage.readUpdates()) Y.applyUpdate(doc, update);
    return doc;
  }

  /** Lets fall what has to, and puts up what may stand. */
  async #tend(tab: Tab): Promise<void> {
    const { line } = tab;
    if (line === undefined) return;
    if (line.page.closed) {
      // The session has let go of it.
      if (tab.line === line) tab.line = undefined;
      await this.#room.disconnect(line.room);
    } else if (!tab.online || line.room.closed !== undefined) {
      await this.#drop(tab, line);
    } else if (line.page.readyState === 0) {
      await this.#room.connect(line.room, {
        connection: `connection-${++this.#connections}`,
        pass: { project: "fuzz", link: "link" },
        protocol: roomProtocolVersion,
        person: personFromSeed(`person-${tab.name}`),
        ...(line.epoch === undefined ? {} : { epoch: line.epoch }),
      });
      line.open();
    }
  }

  /** Either end may be the first to notice. */
  async #drop(tab: Tab, line: Line): Promise<void> {
    if (this.#random.chance(2)) await this.#room.disconnect(line.room);
    if (tab.line === line) tab.line = undefined;
    line.fall();
    await this.#room.disconnect(line.room);
  }

  /** One message passes. */
  async #pass(tab: Tab, up: boolean, random: Random | undefined): Promise<boolean> {
    const { line } = tab;
    if (line === undefined || line.page.readyState !== 1) return false;
    if (!up) return line.arrive(random);
    const data = line.depart(random);
    if (data === undefined) return false;
    await this.#room.receive(line.room, data);
    return true;
  }

  async #reopen(tab: Tab): Promise<void> {
    const { line } = tab;
    tab.line = undefined;
    tab.reopen();
    if (line !== undefined) await this.#room.disconnect(line.room);
  }

  /** The process ends and another begins, with what was stored. */
  #restart(): void {
    this.#room.dispose();
    for (const tab of this.all) {
      const { line } = tab;
      tab.line = undefined;
      if (line?.page.readyState === 1) line.fall();
      else tab.line = line;
    }
    this.#room = this.#makeRoom();
  }

  /** [ROOM-20] A host puts a room to sleep that waits for nothing, and the sockets stay open. */
  async #sleep(): Promise<void> {
    if (this.#timers > 0) return;
    this.#room.dispose();
    this.#room = this.#makeRoom();
    const lines = this.all.flatMap(({ line }) => (line?.page.readyState === 1 ? [line.room] : []));
    await this.#room.wake(lines);
  }

  async #wind(milliseconds: number): Promise<void> {
    vi.advanceTimersByTime(milliseconds);
    await turn();
  }

  #makeRoom(): Room {
    return new Room(
      {
        clock: {
          now: () => Date.now(),
          after: (milliseconds, run) => {
            this.#timers++;
            const end = (): void => {
              if (timer !== undefined) this.#timers--;
              clearTimeout(timer);
              timer = undefined;
            };
            let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(() => {
              end();
              run();
            }, milliseconds);
            return end;
          },
        },
        newId: () => `id-${this.#connections++}`,
        newClient: () => this.newClient(),
        log: () => undefined,
        // Nothing ends here by itself.
        verify: () => Promise.resolve({ ok: false, reason: "invalid" }),
        wakeAt: () => undefined,
      },
      this.#storage,
    );
  }
}
