import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cached, folderBytes, keyOf, locked, sourceInputs } from "./cache.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "conch-cache-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("keys", () => {
  it("depend on names and contents, not on order", () => {
    expect(keyOf({ a: "1", b: "2" })).toBe(keyOf({ b: "2", a: "1" }));
    expect(keyOf({ a: "1", b: "2" })).not.toBe(keyOf({ a: "12", b: "" }));
    expect(keyOf({ a: "ä" })).toBe(keyOf({ a: Buffer.from("ä") }));
  });

  it("leave tests out", async () => {
    await mkdir(join(root, "sub"));
    for (const name of ["a.ts", "a.test.ts", "sub/b.c"]) await writeFile(join(root, name), name);
    expect(Object.keys(await sourceInputs(root)).sort()).toEqual(["a.ts", "sub/b.c"]);
  });
});

describe("cached", () => {
  it("builds once, and again after a failure that leaves nothing behind", async () => {
    let built = 0;
    const build = async (folder: string): Promise<void> => {
      await writeFile(join(folder, "half"), "xx");
      if (++built === 1) throw new Error("no disk");
    };
    await expect(cached(root, "kernel", "k", build)).rejects.toThrow("no disk");
    expect(await readdir(join(root, "kernel"))).toEqual([]);
    const folder = await cached(root, "kernel", "k", build);
    expect(await cached(root, "kernel", "k", build)).toBe(folder);
    expect(built).toBe(2);
    await mkdir(join(root, "kernel/.draft-k-killed"));
    await cached(root, "kernel", "k2", build);
    expect((await readdir(join(root, "kernel"))).sort()).toEqual(["k", "k2"]);
    expect(await folderBytes(folder)).toBe(2);
  });

  it("keeps the latest results and drops older ones", async () => {
    for (let index = 0; index < 8; index++) {
      const folder = await cached(root, "guest", `k${index}`, () => Promise.resolve());
      await utimes(folder, index + 1, index + 1);
    }
    expect((await readdir(join(root, "guest"))).sort()).toEqual(["k3", "k4", "k5", "k6", "k7"]);
  });
});

describe("locked", () => {
  it("lets one work at a time", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    let waited = 0;
    await Promise.all([1, 2, 3].map(() => locked(root, () => waited++, work)));
    expect(most).toBe(1);
    expect(waited).toBe(2);
    expect(await readdir(root)).toEqual([]);
  });

  it("is given back after a failure, and taken over from a process that died", async () => {
    await expect(
      locked(
        root,
        () => {},
        () => Promise.reject(new Error("failed")),
      ),
    ).rejects.toThrow("failed");
    await mkdir(join(root, "lock"));
    // No Linux process has so high a number.
    await writeFile(join(root, "lock/pid"), "99999999");
    expect(
      await locked(
        root,
        () => {},
        () => readFile(join(root, "lock/pid"), "utf8"),
      ),
    ).toBe(String(process.pid));
  });
});
