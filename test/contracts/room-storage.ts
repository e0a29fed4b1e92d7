// What every storage of a room must do. Without a test framework, because it also runs inside workerd.

import type { RoomStorage } from "#party/storage.ts";

export interface StorageCheck {
  readonly name: string;
  /** `open` gives the storage anew, as after a restart, over the same data. */
  readonly run: (open: () => RoomStorage) => Promise<void>;
}

function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 7 + (index >> 8)) & 255);
}

async function expectUpdates(storage: RoomStorage, expected: readonly Uint8Array[]): Promise<void> {
  const updates = await storage.readUpdates();
  if (updates.length !== expected.length)
    throw new Error(`${updates.length} updates instead of ${expected.length}`);
  for (const [index, want] of expected.entries()) {
    const got = updates[index] ?? new Uint8Array();
    const same = got.length === want.length && got.every((byte, at) => byte === want[at]);
    if (!same) throw new Error(`update ${index} differs: ${got.length} bytes, not ${want.length}`);
  }
}

async function expectMeta(storage: RoomStorage, expected: Record<string, string>): Promise<void> {
  const meta = await storage.readMeta();
  const keys = new Set([...meta.keys(), ...Object.keys(expected)]);
  for (const key of keys)
    if (meta.get(key) !== expected[key])
      throw new Error(`${key} is ${String(meta.get(key))} instead of ${String(expected[key])}`);
}

const mebibyte = 1024 * 1024;

export const storageContract: readonly StorageCheck[] = [
  {
    name: "is empty at first",
    run: async (open) => {
      await expectUpdates(open(), []);
      await expectMeta(open(), {});
    },
  },
  {
    name: "keeps updates in order, and across a restart",
    run: async (open) => {
      const storage = open();
      const updates = Array.from({ length: 300 }, (_, index) => bytes(index % 50, index));
      for (const update of updates) await storage.append(update);
      await expectUpdates(storage, updates);
      await expectUpdates(open(), updates);
    },
  },
  {
    name: "goes on after a restart where it was",
    run: async (open) => {
      await open().append(bytes(10, 1));
      await open().append(bytes(10, 2));
      await expectUpdates(open(), [bytes(10, 1), bytes(10, 2)]);
    },
  },
  {
    name: "[ROOM-21] keeps an update larger than a piece whole",
    run: async (open) => {
      const updates = [bytes(3 * mebibyte + 5, 1), bytes(0, 2), bytes(mebibyte, 3)];
      const storage = open();
      for (const update of updates) await storage.append(update);
      await expectUpdates(open(), updates);
    },
  },
  {
    name: "does not depend on what the caller does to the bytes afterwards",
    run: async (open) => {
      const storage = open();
      const mine = bytes(100, 1);
      await storage.append(mine.subarray(20, 60));
      mine.fill(0);
      await expectUpdates(storage, [bytes(100, 1).subarray(20, 60)]);
    },
  },
  {
    name: "[ROOM-23] keeps values together with their update",
    run: async (open) => {
      await open().append(bytes(5, 1), { name: "Ünïcode", created: "1" });
      await expectMeta(open(), { name: "Ünïcode", created: "1" });
      await open().append(bytes(5, 2), { name: "other" });
      await expectMeta(open(), { name: "other", created: "1" });
      await expectUpdates(open(), [bytes(5, 1), bytes(5, 2)]);
    },
  },
  {
    name: "[ROOM-28] changes values alone, and takes them away",
    run: async (open) => {
      await open().append(bytes(5, 1), { name: "kept", gone: "1" });
      await open().writeMeta({ gone: undefined, "link/a": "{}", never: undefined });
      await expectMeta(open(), { name: "kept", "link/a": "{}" });
      await open().writeMeta({ "link/a": "{1}" });
      await expectMeta(open(), { name: "kept", "link/a": "{1}" });
      await expectUpdates(open(), [bytes(5, 1)]);
    },
  },
  {
    name: "[ROOM-22] replaces the log by a snapshot, and goes on after it",
    run: async (open) => {
      const storage = open();
      for (let index = 0; index < 20; index++) await storage.append(bytes(50, index), { name: "kept" });
      const snapshot = bytes(16 * mebibyte + 1, 9);
      await storage.replace(snapshot);
      await expectUpdates(storage, [snapshot]);
      await storage.append(bytes(7, 10));
      await expectUpdates(open(), [snapshot, bytes(7, 10)]);
      await open().replace(bytes(3, 11));
      await expectUpdates(open(), [bytes(3, 11)]);
      await expectMeta(open(), { name: "kept" });
    },
  },
  {
    name: "[ROOM-22] keeps what is appended while a snapshot is being stored",
    run: async (open) => {
      const storage = open();
      for (let index = 0; index < 5; index++) await storage.append(bytes(50, index));
      const snapshot = bytes(mebibyte, 9);
      await Promise.all([
        storage.append(bytes(7, 10), { first: "1" }),
        storage.replace(snapshot),
        storage.append(bytes(7, 11), { second: "2" }),
        storage.append(bytes(7, 12)),
      ]);
      await expectUpdates(open(), [snapshot, bytes(7, 11), bytes(7, 12)]);
      await expectMeta(open(), { first: "1", second: "2" });
    },
  },
];
