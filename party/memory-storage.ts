// A room's storage in memory: for tests, and for rooms that nobody wants to keep.

import type { RoomStorage } from "./storage.ts";

export class MemoryRoomStorage implements RoomStorage {
  readonly #meta = new Map<string, string>();
  #updates: Uint8Array[] = [];

  readMeta(): ReadonlyMap<string, string> {
    return new Map(this.#meta);
  }

  readUpdates(): readonly Uint8Array[] {
    return [...this.#updates];
  }

  append(update: Uint8Array, meta: Readonly<Record<string, string>> = {}): void {
    this.#updates.push(update.slice());
    for (const [key, value] of Object.entries(meta)) this.#meta.set(key, value);
  }

  writeMeta(meta: Readonly<Record<string, string | undefined>>): void {
    for (const [key, value] of Object.entries(meta))
      if (value === undefined) this.#meta.delete(key);
      else this.#meta.set(key, value);
  }

  replace(snapshot: Uint8Array): void {
    this.#updates = [snapshot.slice()];
  }
}
