// What a project's room does now and then, by its alarm: empties the trash of what is old, and deletes blobs that nobody
// has needed for a while. A project in which nothing waits to go, and nobody is, is left asleep.

import { referencedBlobs } from "#core/project/references.ts";
import type { Room } from "#party/room.ts";
import type { Alarms } from "./alarms.ts";
import { BlobCollector } from "#worker/blobs/collector.ts";
import { BlobMarks } from "#worker/blobs/marks.ts";
import type { Env } from "#worker/bindings/env.ts";

const day = 24 * 60 * 60 * 1000;
/** [PR-32] */
const trashMilliseconds = 30 * day;
const defaultGraceMilliseconds = 7 * day;
/** Rounds within the time of grace: a blob goes at most this part of it late. */
const roundsPerGrace = 7;
/** An alarm knows no name; where the project's is kept. */
const projectKey = "project";

export interface HousekeepingOptions {
  readonly storage: DurableObjectStorage;
  readonly id: DurableObjectId;
  readonly room: Room;
  readonly env: Env;
  readonly alarms: Pick<Alarms<"house">, "set" | "isSet">;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #marks: BlobMarks;
  readonly #graceMilliseconds: number;
  #collector: BlobCollector | undefined;
  #expected = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    const { sql } = options.storage;
    this.#marks = new BlobMarks({ exec: (query, ...bindings) => sql.exec(query, ...bindings) });
    const seconds = Number(options.env.CONCH_BLOB_GRACE ?? Number.NaN);
    this.#graceMilliseconds = seconds >= 0 ? 1000 * seconds : defaultGraceMilliseconds;
  }

  /** Somebody is here: there will be something to do. */
  async expect(): Promise<void> {
    if (this.#expected) return;
    this.#expected = true;
    const { storage, id, alarms } = this.#options;
    if (await alarms.isSet("house")) return;
    if (id.name !== undefined) await storage.put(projectKey, id.name);
    await alarms.set("house", Date.now() + this.#graceMilliseconds / roundsPerGrace);
  }

  async touch(hashes: readonly string[]): Promise<void> {
    const collector = await this.#collectorOf();
    for (const hash of hashes) await collector?.touch(hash);
    await this.expect();
  }

  async run(): Promise<void> {
    this.#expected = false;
    try {
      if (await this.#clean()) await this.expect();
    } catch (thrown) {
      console.error("A project could not be cleaned up.", thrown);
      await this.expect();
    }
  }

  /** Whether there will be more to do. */
  async #clean(): Promise<boolean> {
    const { room } = this.#options;
    await room.change((project) => project.purge(Date.now() - trashMilliseconds));
    const waiting = await (await this.#collectorOf())?.collect();
    const trash = await room.read((project) => project.trashed().length);
    return waiting === true || trash > 0 || room.connections > 0;
  }

  async #collectorOf(): Promise<BlobCollector | undefined> {
    if (this.#collector !== undefined) return this.#collector;
    const { storage, id, room, env } = this.#options;
    const project = id.name ?? (await storage.get<string>(projectKey));
    if (project === undefined) return undefined;
    this.#collector ??= new BlobCollector({
      project,
      bucket: env.BLOBS,
      marks: this.#marks,
      referenced: () => room.read(({ doc }) => referencedBlobs(doc)),
      graceMilliseconds: this.#graceMilliseconds,
      now: Date.now,
    });
    return this.#collector;
  }
}
