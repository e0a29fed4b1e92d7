// Renames between what is shared and what is not: all of it, or nothing (SPEC SY-43, SY-44).

import * as Y from "yjs";
import { describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { type BlobStore, MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import { expectErrno, FsDriver, neverInterrupted } from "#test/contracts/fs.ts";
import { Allowance } from "../allowance.ts";
import { fileType, openFlag } from "../fs.ts";
import { SyncFs } from "./sync-fs.ts";

class Guest extends FsDriver {
  readonly project: Project;

  constructor(blobs: BlobStore = new MemoryBlobStore(), allowance = new Allowance(2 ** 20)) {
    const project = new Project(new Y.Doc());
    super(new SyncFs({ project, blobs, allowance }));
    this.project = project;
  }

  shared(path: string): boolean {
    return this.project.resolve(path) !== undefined;
  }
}

/** Its bytes are elsewhere, and come when the test says so. */
class RemoteBlobs implements BlobStore {
  readonly #store = new MemoryBlobStore();
  #waiting: (() => void)[] = [];
  reachable = true;

  get(ref: Parameters<BlobStore["get"]>[0]): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() =>
        this.reachable ? resolve(this.#store.get(ref)) : reject(new FsError("EIO", "the line is cut")),
      );
    });
  }

  put(bytes: Uint8Array, hash?: string): ReturnType<BlobStore["put"]> {
    return this.#store.put(bytes, hash);
  }

  arrive(): void {
    for (const settle of this.#waiting.splice(0)) settle();
  }
}

describe("what leaves the project", () => {
  it("[SY-43] is fetched first, as it is when it has come", async () => {
    const blobs = new RemoteBlobs();
    const guest = new Guest(blobs);
    const folder = guest.project.mkdir("root", "s");
    const file = guest.project.createFile(folder.id, "bin", encodeUtf8("\0one"), blobs);
    guest.project.createFile(folder.id, "text", encodeUtf8("before\n"), blobs);
    const renamed = guest.rename("s", "dist");
    await Promise.resolve();
    // Meanwhile a colleague changes it.
    guest.project.writeBytes(file.id, encodeUtf8("\0two"), blobs);
    guest.project.createFile(folder.id, "later", encodeUtf8("later\n"), blobs);
    blobs.arrive();
    await new Promise((resolve) => setImmediate(resolve));
    blobs.arrive();
    await renamed;
    expect(await guest.list("dist")).toEqual(["bin", "later", "text"]);
    expect(await guest.read("dist/bin")).toBe("\0two");
    expect(guest.shared("s")).toBe(false);
    expect(guest.project.trashed().map(({ path }) => path)).toEqual(["s"]);
  });

  it("[SY-43] stays where its bytes cannot be had, or where there is no room", async () => {
    const blobs = new RemoteBlobs();
    const guest = new Guest(blobs);
    guest.project.createFile("root", "bin", encodeUtf8("\0one"), blobs);
    await guest.mkdir(".cache");
    blobs.reachable = false;
    const renamed = expectErrno("EIO", () => guest.rename("bin", ".cache/bin"));
    await new Promise((resolve) => setImmediate(resolve));
    blobs.arrive();
    await renamed;
    expect(guest.shared("bin")).toBe(true);
    expect(await guest.list(".cache")).toEqual([]);
    const small = new Guest(new MemoryBlobStore(), new Allowance(1000));
    await small.mkdir(".cache");
    await small.write(".cache/there", "kept");
    await small.mkdir("s");
    await small.write("s/large", "x".repeat(900));
    await small.write("s/small", "y".repeat(300));
    await expectErrno("ENOSPC", () => small.rename("s", ".cache/s"));
    expect(await small.list("s")).toEqual(["large", "small"]);
    expect(await small.list(".cache")).toEqual(["there"]);
    await expectErrno("ENOSPC", () => small.rename("s/large", ".cache/there"));
    expect(await small.read(".cache/there")).toBe("kept");
    // What was begun has given its room back.
    await small.rename("s/small", ".cache/there");
    expect(await small.read(".cache/there")).toBe("y".repeat(300));
  });

  it("[SY-43] comes back from the trash as another file", async () => {
    const guest = new Guest();
    await guest.mkdir(".cache");
    const { ino } = await guest.write("f", "text");
    await guest.rename("f", ".cache/f");
    expect((await guest.find(".cache/f")).ino).toBe(ino);
    guest.project.restore(guest.project.trashed()[0]?.id ?? "");
    expect((await guest.find("f")).ino).not.toBe(ino);
    await guest.remove(".cache/f");
    expect(await guest.read("f")).toBe("text");
  });
});

describe("what comes into the project", () => {
  it("[SY-44] stays where a node cannot hold it", async () => {
    const guest = new Guest();
    await guest.mkdir("dist");
    const { ino } = await guest.write("dist/f", "text");
    await guest.write("dist/g", "text");
    await guest.fs.setxattr?.(ino, "user.large", new Uint8Array(5000));
    await expectErrno("ENOSPC", () => guest.rename("dist", "s"));
    expect(guest.project.nodeCount).toBe(0);
    expect(await guest.list("dist")).toEqual(["f", "g"]);
  });

  it("[SY-44] keeps hard links as files of their own, and what is not to be shared beside it", async () => {
    const guest = new Guest();
    await guest.mkdir("dist");
    const { ino } = await guest.write("dist/a", "text");
    const folder = await guest.find("dist");
    await guest.fs.link?.(folder.ino, "b", ino);
    await guest.fs.mknod?.(folder.ino, "pipe", fileType.fifo | 0o600, 0);
    await guest.mkdir("dist/node_modules");
    await guest.write("dist/node_modules/lib", "lib");
    await guest.rename("dist", "s");
    expect(await guest.list("s")).toEqual(["a", "b", "node_modules", "pipe"]);
    expect(await guest.read("s/b")).toBe("text");
    expect(await guest.read("s/node_modules/lib")).toBe("lib");
    expect([...guest.project.names(guest.project.resolve("s")?.id ?? "").keys()].toSorted()).toEqual([
      "a",
      "b",
    ]);
    const numbers = (await guest.entries((await guest.find("s")).ino, 2)).map((entry) => entry.ino);
    expect(new Set(numbers).size).toBe(4);
    for (const number of numbers) expect((await guest.fs.getattr(number)).nlink).toBeGreaterThan(0);
  });

  it("[SY-44] goes there and back, with everybody who has it open", async () => {
    const guest = new Guest();
    await guest.mkdir("dist");
    const { ino } = await guest.write("dist/f", "0");
    const file = await guest.fs.open(ino, openFlag.readWrite);
    for (let turn = 1; turn <= 5; turn++) {
      const [from, to] = turn % 2 === 1 ? ["dist", "s"] : ["s", "dist"];
      await guest.rename(from ?? "", to ?? "");
      await file.write(turn, encodeUtf8(String(turn)), neverInterrupted);
      expect(decodeUtf8Lossy(await file.read(0, 10, neverInterrupted))).toBe("012345".slice(0, turn + 1));
      expect((await guest.find(`${to}/f`)).ino).toBe(ino);
      expect(guest.shared("s/f")).toBe(to === "s");
    }
    await file.close();
    expect(await guest.read("s/f")).toBe("012345");
    await guest.remove("s/f");
    await guest.remove("s", true);
    expect(await guest.list("")).toEqual([]);
  });

  it("[SY-17] ends the lease: the guest's kernel learns anew what a name means", async () => {
    const guest = new Guest();
    await guest.mkdir("dist");
    const lease = guest.fs.lease?.();
    await guest.fs.leaseholder?.(() => guest.rename("dist", "s"));
    expect(guest.fs.lease?.()).not.toBe(lease);
  });
});
