import { describe, expect, it } from "vitest";
import { KeyValueRoomStorage, type KeyValueStore } from "#party/key-value-storage.ts";
import { MemoryRoomStorage } from "#party/memory-storage.ts";
import { storageContract } from "./room-storage.ts";

/** A key-value store with the limits of PartyKit's, and a switch that makes writes fail. */
class LimitedStore implements KeyValueStore {
  readonly values = new Map<string, unknown>();
  /** Writes that still succeed. */
  writes = Number.POSITIVE_INFINITY;

  async get(key: string): Promise<unknown> {
    return this.values.get(key);
  }

  async put(entries: Record<string, unknown>): Promise<void> {
    this.#count(Object.keys(entries).length);
    for (const [key, value] of Object.entries(entries)) {
      if (value instanceof Uint8Array && value.length > 128 * 1024) throw new Error("too large");
      this.values.set(key, value);
    }
  }

  async delete(keys: string[]): Promise<void> {
    this.#count(keys.length);
    for (const key of keys) this.values.delete(key);
  }

  async list(options: { prefix: string; startAfter?: string; limit: number }): Promise<Map<string, unknown>> {
    const { prefix, startAfter = "", limit } = options;
    const entries = [...this.values].filter(([key]) => key.startsWith(prefix) && key > startAfter);
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit));
  }

  #count(keys: number): void {
    if (keys > 128) throw new Error("too many keys");
    if (this.writes-- <= 0) throw new Error("the disk is full");
  }
}

describe("memory storage", () => {
  for (const { name, run } of storageContract)
    it(name, async () => {
      const storage = new MemoryRoomStorage();
      await run(() => storage);
    });
});

describe("key-value storage", () => {
  for (const { name, run } of storageContract)
    it(name, async () => {
      const store = new LimitedStore();
      await run(() => new KeyValueRoomStorage(store));
    });

  it("[ROOM-21] has all of an update or nothing, wherever writing stops", async () => {
    const update = new Uint8Array(40 * 1024 * 1024).fill(1);
    for (let writes = 0; writes < 6; writes++) {
      const store = new LimitedStore();
      const storage = new KeyValueRoomStorage(store);
      await storage.append(new Uint8Array([7]));
      store.writes = writes;
      const stored = await storage.append(update).then(
        () => true,
        () => false,
      );
      store.writes = Number.POSITIVE_INFINITY;
      const reopened = new KeyValueRoomStorage(store);
      expect((await reopened.readUpdates()).length).toBe(stored ? 2 : 1);
      await reopened.append(new Uint8Array([8]));
      expect((await reopened.readUpdates()).at(-1)).toEqual(new Uint8Array([8]));
    }
  });

  it("[ROOM-22] takes a shorter snapshot after a longer one that failed half way", async () => {
    const store = new LimitedStore();
    const storage = new KeyValueRoomStorage(store);
    await storage.append(new Uint8Array([1]));
    store.writes = 1;
    await expect(storage.replace(new Uint8Array(30 * 1024 * 1024))).rejects.toThrow("full");
    store.writes = Number.POSITIVE_INFINITY;
    await storage.replace(new Uint8Array(300_000).fill(3));
    expect(await new KeyValueRoomStorage(store).readUpdates()).toEqual([new Uint8Array(300_000).fill(3)]);
  });

  it("[ROOM-22] has the old log or the new snapshot, wherever replacing stops", async () => {
    for (let writes = 0; writes < 8; writes++) {
      const store = new LimitedStore();
      const storage = new KeyValueRoomStorage(store);
      for (let index = 0; index < 200; index++) await storage.append(new Uint8Array([index]));
      store.writes = writes;
      await storage.replace(new Uint8Array(30 * 1024 * 1024)).catch(() => {});
      store.writes = Number.POSITIVE_INFINITY;
      const reopened = new KeyValueRoomStorage(store);
      const lengths = (await reopened.readUpdates()).map((update) => update.length);
      expect([200, 1]).toContain(lengths.length);
      expect(lengths.reduce((sum, length) => sum + length)).toBe(
        lengths.length === 200 ? 200 : 30 * 1024 * 1024,
      );
      await reopened.append(new Uint8Array([8]));
      expect((await new KeyValueRoomStorage(store).readUpdates()).length).toBe(lengths.length + 1);
    }
  });
});
