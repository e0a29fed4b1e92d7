import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { FsDriver } from "#test/contracts/fs.ts";
import { attempt, randomStep, snapshot } from "#test/contracts/random-files.ts";
import { contentBlockBytes } from "./content.ts";
import { FsKeeper, type FsStore } from "./fs-keeper.ts";
import type { FsChange, InodeChange } from "./fs-changes.ts";
import type { Ino } from "./fs.ts";
import { MemFs } from "./memfs.ts";
import { Overlay } from "./overlay.ts";
import type { OverlayState } from "./overlay-state.ts";

/** As a database would: copies of inodes and of blocks, each under its own key. */
class MemoryStore implements FsStore {
  readonly inodes = new Map<Ino, InodeChange>();
  readonly blocks = new Map<string, Uint8Array>();
  nextIno: Ino | undefined;
  full = false;
  stores = 0;

  load(): Promise<OverlayState | undefined> {
    const { nextIno } = this;
    if (nextIno === undefined) return Promise.resolve(undefined);
    return Promise.resolve({
      nextIno,
      inodes: [...this.inodes.values()].map(({ content, ...inode }) => ({
        ...inode,
        ...(content === undefined ? {} : { content: { ...content, blocks: this.#blocksOf(inode.ino) } }),
      })),
    });
  }

  store({ nextIno, inodes, gone }: FsChange): Promise<void> {
    if (this.full) return Promise.reject(new Error("no room"));
    this.stores++;
    this.nextIno = nextIno;
    for (const ino of gone) this.#remove(ino);
    for (const inode of inodes) {
      if (inode.content === undefined) this.#remove(inode.ino);
      this.inodes.set(inode.ino, structuredClone(inode));
      for (const [index, bytes] of inode.content?.blocks ?? []) {
        if (bytes === undefined) this.blocks.delete(`${inode.ino} ${index}`);
        else this.blocks.set(`${inode.ino} ${index}`, bytes.slice());
      }
    }
    return Promise.resolve();
  }

  #remove(ino: Ino): void {
    this.inodes.delete(ino);
    for (const [index] of this.#blocksOf(ino)) this.blocks.delete(`${ino} ${index}`);
  }

  #blocksOf(ino: Ino): [number, Uint8Array][] {
    return [...this.blocks].flatMap(([key, bytes]) => {
      const [of, index] = key.split(" ");
      return of === String(ino) ? [[Number(index), bytes.slice()] as [number, Uint8Array]] : [];
    });
  }
}

async function base(): Promise<MemFs> {
  const fs = new MemFs();
  const driver = new FsDriver(fs);
  await driver.mkdir("etc");
  await driver.write("etc/passwd", "root:x:0:0\n");
  await driver.mkdir("usr");
  await driver.mkdir("usr/lib");
  await driver.write("usr/lib/big", new Uint8Array(5 * contentBlockBytes).fill(7));
  return fs;
}

const kinds = {
  "a file system in memory": () => Promise.resolve(new MemFs()),
  "an overlay": async () => new Overlay(await base()),
} as const;

const noTrouble = (thrown: unknown): void => expect(thrown).toBeUndefined();

describe("a file system that is kept", () => {
  for (const [kind, make] of Object.entries(kinds)) {
    it(`${kind} comes back as it was, whatever was done to it and whenever it was stored`, async () => {
      const batches = fc.array(fc.array(randomStep, { maxLength: 8 }), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(batches, fc.array(fc.boolean(), { maxLength: 5 }), async (work, fails) => {
          const store = new MemoryStore();
          const fs = await make();
          const keeper = new FsKeeper({ fs, store, onTrouble: () => undefined });
          const driver = new FsDriver(fs);
          for (const [index, steps] of work.entries()) {
            for (const step of steps) await attempt(driver, step);
            store.full = fails[index] === true;
            await keeper.flush();
          }
          store.full = false;
          await keeper.close();
          const again = await make();
          const kept = await store.load();
          if (kept !== undefined) again.putBack(kept);
          expect(await snapshot(new FsDriver(again))).toEqual(await snapshot(driver));
          // The same once more, over what was put back.
          const next = new FsKeeper({ fs: again, store, onTrouble: noTrouble });
          for (const step of work[0] ?? []) await attempt(new FsDriver(again), step);
          await next.close();
          const third = await make();
          const keptAgain = await store.load();
          if (keptAgain !== undefined) third.putBack(keptAgain);
          expect(await snapshot(new FsDriver(third))).toEqual(await snapshot(new FsDriver(again)));
          // And goes on: numbers that were given out are not given out again.
          const made = await again.create(again.root, "fresh", 2, 0o644);
          expect((await snapshot(new FsDriver(third))).some(({ ino }) => ino === made.attributes.ino)).toBe(
            false,
          );
        }),
        { numRuns: 60 },
      );
    });
  }

  it("stores what changed soon after, and little of it", async () => {
    vi.useFakeTimers();
    try {
      const fs = new Overlay(await base());
      const store = new MemoryStore();
      const keeper = new FsKeeper({ fs, store, onTrouble: noTrouble });
      const driver = new FsDriver(fs);
      await driver.write("note", "one");
      expect(store.stores).toBe(0);
      await vi.advanceTimersByTimeAsync(1000);
      expect(store.stores).toBe(1);
      const taken = vi.spyOn(store, "store");
      await attempt(driver, { kind: "write", path: "usr/lib/big", at: 0, text: "x" });
      await vi.advanceTimersByTimeAsync(1000);
      const change = taken.mock.calls[0]?.[0];
      expect(change?.inodes.map(({ content }) => content?.blocks.length)).toEqual([1]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(taken).toHaveBeenCalledTimes(1);
      await keeper.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it("says once that there is no room, tries again, and says when it is over", async () => {
    vi.useFakeTimers();
    try {
      const fs = new MemFs();
      const store = new MemoryStore();
      store.full = true;
      const told: unknown[] = [];
      const keeper = new FsKeeper({ fs, store, onTrouble: (thrown) => void told.push(thrown) });
      await new FsDriver(fs).write("a", "a");
      await vi.advanceTimersByTimeAsync(50_000);
      expect(told).toEqual([new Error("no room")]);
      store.full = false;
      await vi.advanceTimersByTimeAsync(20_000);
      expect(told).toEqual([new Error("no room"), undefined]);
      const again = new MemFs();
      const kept = await store.load();
      if (kept !== undefined) again.putBack(kept);
      expect(await snapshot(new FsDriver(again))).toHaveLength(1);
      await keeper.close();
    } finally {
      vi.useRealTimers();
    }
  });
});
