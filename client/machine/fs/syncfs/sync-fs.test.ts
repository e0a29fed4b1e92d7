// syncfs through the Fs contract, then what only a shared file system has: colleagues (SPEC.md quotes).

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import type { BlobRef, BlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import { expectErrno, FsDriver, fsContract, neverInterrupted } from "#test/contracts/fs.ts";
import { fileType, openFlag } from "../fs.ts";
import type { OpenFile } from "../fs.ts";
import { SyncFs } from "./sync-fs.ts";

/** Time and timers in the test's hand. */
class Clock {
  now = 1_700_000_000_000;
  readonly #timers = new Set<{ at: number; work: () => void }>();

  readonly schedule = (milliseconds: number, work: () => void): (() => void) => {
    const timer = { at: this.now + milliseconds, work };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.work();
    }
    this.now = end;
  }
}

/** Somebody with a machine: a replica and its file system. */
class Guest extends FsDriver {
  readonly project: Project;
  readonly clock: Clock;
  readonly sync: SyncFs;

  constructor(blobs: BlobStore, clock = new Clock()) {
    const now = (): number => clock.now;
    const project = new Project(new Y.Doc(), { now });
    const sync = new SyncFs({
      project,
      blobs,
      now,
      schedule: clock.schedule,
      person: () => ({ name: "Ana", id: "ana" }),
    });
    super(sync);
    this.project = project;
    this.clock = clock;
    this.sync = sync;
  }

  async open(path: string, flags: number): Promise<OpenFile> {
    return this.fs.open((await this.find(path)).ino, flags);
  }

  text(path: string): Y.Text {
    const text = this.project.text(this.project.resolve(path)?.id ?? "");
    if (text === undefined) throw new Error(`${path} is no text file`);
    return text;
  }
}

const write = (file: OpenFile, offset: number, text: string): unknown =>
  file.write(offset, encodeUtf8(text), neverInterrupted);
const read = async (file: OpenFile): Promise<string> =>
  decodeUtf8Lossy(await file.read(0, 1 << 20, neverInterrupted));
const { readOnly, writeOnly, readWrite, truncate, append } = openFlag;

function meet(...guests: readonly Guest[]): void {
  for (const a of guests) {
    for (const b of guests) {
      if (a !== b)
        Y.applyUpdate(
          b.project.doc,
          Y.encodeStateAsUpdate(a.project.doc, Y.encodeStateVector(b.project.doc)),
          "remote",
        );
    }
  }
}

fsContract(
  "syncfs",
  { nanoseconds: true, hardLinks: false, specialFiles: true, xattrs: true, owners: true },
  () => {
    const guest = new Guest(new MemoryBlobStore());
    return { fs: guest.sync, dispose: () => guest.sync.dispose() };
  },
);

describe("working copies", () => {
  it("[SY-10] the writer's close commits, though somebody reads on", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.write("log", "one\n");
    const reader = await guest.open("log", readOnly);
    const writer = await guest.open("log", writeOnly | append);
    await write(writer, 0, "two\n");
    expect(guest.text("log").toJSON()).toBe("one\n");
    await writer.close();
    expect(guest.text("log").toJSON()).toBe("one\ntwo\n");
    expect(await read(reader)).toBe("one\ntwo\n");
    await reader.close();
  });

  it("[SY-10] commits with fsync, with the last close, and after 300 ms without a write", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.write("f", "one\n");
    expect(guest.text("f").toJSON()).toBe("one\n");
    const [a, b] = [await guest.open("f", writeOnly), await guest.open("f", writeOnly)];
    await write(a, 4, "two\n");
    expect(guest.text("f").toJSON()).toBe("one\n");
    expect(await guest.read("f")).toBe("one\ntwo\n");
    await a.fsync();
    expect(guest.text("f").toJSON()).toBe("one\ntwo\n");
    await write(b, 0, "ONE\n");
    guest.clock.advance(299);
    expect(guest.text("f").toJSON()).toBe("one\ntwo\n");
    guest.clock.advance(1);
    expect(guest.text("f").toJSON()).toBe("ONE\ntwo\n");
    await write(a, 8, "three\n");
    await a.close();
    expect(guest.text("f").toJSON()).toBe("ONE\ntwo\n");
    await b.close();
    expect(guest.text("f").toJSON()).toBe("ONE\ntwo\nthree\n");
  });

  it("[SY-10] commits every two seconds where a writer never pauses", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.write("log", "");
    const file = await guest.open("log", writeOnly);
    for (let index = 0; index < 30; index++) {
      await write(file, index * 2, "x\n");
      guest.clock.advance(100);
    }
    expect(guest.text("log").length).toBeGreaterThan(30);
    await file.close();
    expect(guest.text("log").length).toBe(60);
  });

  it("[SY-11] shows nobody the moment between emptying and rewriting, nor half a character", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.write("f", "old content\n");
    const file = await guest.open("f", writeOnly | truncate);
    guest.clock.advance(5000);
    expect(guest.text("f").toJSON()).toBe("old content\n");
    const bytes = encodeUtf8("new żółw\n");
    await file.write(0, bytes.subarray(0, 5), neverInterrupted);
    guest.clock.advance(5000);
    expect(guest.project.resolve("f")?.kind).toBe("text");
    await file.write(5, bytes.subarray(5), neverInterrupted);
    guest.clock.advance(300);
    expect(guest.text("f").toJSON()).toBe("new żółw\n");
    await file.close();
  });

  it("[SY-12] merges a write with what a colleague typed meanwhile", async () => {
    const blobs = new MemoryBlobStore();
    const [ana, ben] = [new Guest(blobs), new Guest(blobs)];
    await ana.write("f", "one\ntwo\nthree\n");
    meet(ana, ben);
    const file = await ana.open("f", readWrite | truncate);
    await write(file, 0, "one\ntwo\nthree, by Ana\n");
    ben.text("f").insert(4, "by Ben\n");
    meet(ana, ben);
    await file.close();
    meet(ana, ben);
    for (const guest of [ana, ben]) expect(await guest.read("f")).toBe("one\nby Ben\ntwo\nthree, by Ana\n");
  });

  it("[SY-13] lets two guests append to one log", async () => {
    const blobs = new MemoryBlobStore();
    const [ana, ben] = [new Guest(blobs), new Guest(blobs)];
    await ana.write("log", "");
    meet(ana, ben);
    const files = [
      await ana.open("log", writeOnly | append),
      await ben.open("log", writeOnly | append),
    ] as const;
    for (let index = 0; index < 20; index++) {
      await write(files[0], 0, `ana ${index}\n`);
      await write(files[1], 0, `ben ${index}\n`);
      if (index % 3 === 0) meet(ana, ben);
    }
    for (const file of files) await file.close();
    meet(ana, ben);
    const lines = (await ana.read("log"))?.split("\n") ?? [];
    expect(await ben.read("log")).toBe(await ana.read("log"));
    expect(lines).toHaveLength(41);
    for (const who of ["ana", "ben"]) {
      expect(lines.filter((line) => line.startsWith(who))).toEqual(
        Array.from({ length: 20 }, (_, index) => `${who} ${index}`),
      );
    }
  });

  it("[SY-14] goes on at the end for a writer whose end a colleague has moved", async () => {
    const blobs = new MemoryBlobStore();
    const [ana, ben] = [new Guest(blobs), new Guest(blobs)];
    await ana.write("out", "");
    meet(ana, ben);
    // As `(echo one; sleep 1; echo two) > out` does: no O_APPEND.
    const file = await ana.open("out", writeOnly | truncate);
    await write(file, 0, "one\n");
    ana.clock.advance(1000);
    meet(ana, ben);
    ben.text("out").insert(0, "Ben's title\n");
    meet(ana, ben);
    await write(file, 4, "two\n");
    ben.text("out").insert(0, "# ");
    meet(ana, ben);
    await write(file, 8, "three\n");
    await file.close();
    expect(await ana.read("out")).toBe("# Ben's title\none\ntwo\nthree\n");
  });

  it("[SY-15] moves size and time with every change of a colleague", async () => {
    const blobs = new MemoryBlobStore();
    const [ana, ben] = [new Guest(blobs), new Guest(blobs)];
    await ana.write("f", "aaaa");
    meet(ana, ben);
    const file = await ana.open("f", readOnly);
    let before = await ana.find("f");
    for (let index = 0; index < 5; index++) {
      ben.text("f").insert(0, "b");
      ben.text("f").delete(1, 1);
      meet(ana, ben);
      const after = await ana.find("f");
      expect(after.mtime).toBeGreaterThan(before.mtime);
      expect(after.size).toBe(4);
      before = after;
    }
    expect(await read(file)).toBe("baaa");
    // Attributes alone do not look like new content.
    ben.project.setAttributes(ben.project.resolve("f")?.id ?? "", { mode: 0o755 });
    meet(ana, ben);
    expect((await ana.find("f")).mtime).toBe(before.mtime);
    await file.close();
  });

  it("[SY-16] keeps the times that a program sets", async () => {
    const guest = new Guest(new MemoryBlobStore());
    const { ino } = await guest.write("f", "");
    const file = await guest.open("f", writeOnly);
    await write(file, 0, "copied");
    await guest.fs.setattr(ino, { mtime: 5000, atime: 4000 });
    await file.close();
    guest.clock.advance(1000);
    expect(await guest.fs.getattr(ino)).toMatchObject({ mtime: 5000, atime: 4000 });
  });
});

describe("identity", () => {
  it("[SY-20] makes an atomic save a content edit of the file that was there", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.write("main.c", "int x;\nint y;\n");
    const text = guest.text("main.c");
    const { id } = guest.project.resolve("main.c") ?? { id: "" };
    const cursor = Y.createRelativePositionFromTypeIndex(text, 7);
    const { ino } = await guest.write("main.c.tmp", "int w;\nint x;\nint y;\n");
    await guest.fs.setattr(ino, { mode: 0o755 });
    const file = await guest.open("main.c.tmp", readWrite);
    await guest.rename("main.c.tmp", "main.c");
    expect(guest.project.resolve("main.c")).toMatchObject({ id, mode: 0o755 });
    expect(guest.text("main.c")).toBe(text);
    expect(Y.createAbsolutePositionFromRelativePosition(cursor, guest.project.doc)?.index).toBe(14);
    expect(guest.project.trashed()).toEqual([]);
    // The descriptor went along, and so did the number that the guest's kernel knows.
    await write(file, 0, "INT");
    await file.close();
    expect(await guest.read("main.c")).toBe("INT w;\nint x;\nint y;\n");
    expect((await guest.fs.getattr(ino)).size).toBe(21);
  });

  it("[SY-21] moves what is deleted to the trash, and lets who has it open go on", async () => {
    const guest = new Guest(new MemoryBlobStore());
    const { ino } = await guest.write("f", "text");
    const file = await guest.open("f", readWrite);
    await guest.remove("f");
    expect((await guest.fs.getattr(ino)).nlink).toBe(0);
    await write(file, 4, " goes on");
    await file.close();
    expect(guest.project.trashed()).toMatchObject([{ path: "f", by: "Ana" }]);
    guest.project.restore(guest.project.trashed()[0]?.id ?? "");
    expect(await guest.read("f")).toBe("text goes on");
  });

  it("[SY-22] keeps git's own files as bytes, and its temporary ones out of the trash", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.mkdir(".git");
    await guest.write(".git/HEAD", "ref: refs/heads/main\n");
    await guest.write(".git/HEAD.lock", "ref: refs/heads/other\n");
    await guest.rename(".git/HEAD.lock", ".git/HEAD");
    await guest.write(".git/tmp", "x");
    await guest.remove(".git/tmp");
    expect(guest.project.resolve(".git/HEAD")?.kind).toBe("bytes");
    expect(await guest.read(".git/HEAD")).toBe("ref: refs/heads/other\n");
    expect(guest.project.trashed()).toEqual([]);
  });

  it("[SY-23] turns a file into a notebook by its name, and prints what the page edits", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.write("n.nb.md", "# Hi\n\n```sh\necho 1\n```\n");
    const { id } = guest.project.resolve("n.nb.md") ?? { id: "" };
    guest.project.notebook(id)?.cells[1]?.source?.insert(6, "1");
    expect(await guest.read("n.nb.md")).toContain("echo 1");
    const size = (await guest.find("n.nb.md")).size;
    expect(size).toBe("# Hi\n\n```sh\necho 11\n```\n".length);
    const file = await guest.open("n.nb.md", writeOnly | truncate);
    await write(file, 0, "# Hello\n\n```sh\necho 2\n```\n");
    await file.close();
    expect(guest.project.notebook(id)?.cells[1]?.source?.toJSON()).toContain("echo 2");
    expect(await guest.read("n.nb.md")).toBe("# Hello\n\n```sh\necho 2\n```\n");
  });
});

describe("editors that make a backup", () => {
  it("[SY-24] keep the file, though they rename it away and make it anew", async () => {
    const guest = new Guest(new MemoryBlobStore());
    const { ino } = await guest.write("f.c", "int x;\n");
    const { id } = guest.project.resolve("f.c") ?? { id: "" };
    const text = guest.text("f.c");
    await guest.rename("f.c", "f.c~");
    const { attributes, file } = await guest.fs.create(guest.fs.root, "f.c", writeOnly, 0o644);
    expect(attributes.size).toBe(0);
    expect(attributes.ino).not.toBe(ino);
    await write(file, 0, "int x;\nint y;\n");
    await file.close();
    expect(guest.project.resolve("f.c")?.id).toBe(id);
    expect(guest.text("f.c")).toBe(text);
    expect(await guest.read("f.c")).toBe("int x;\nint y;\n");
    // The number that the kernel had renamed is the backup's.
    expect((await guest.find("f.c~")).ino).toBe(ino);
    expect(await guest.read("f.c~")).toBe("int x;\n");
    await guest.remove("f.c~");
    expect(guest.project.trashed()).toEqual([]);
  });

  it("[SY-24] find in the backup what the file was, and in the file nothing of that", async () => {
    const guest = new Guest(new MemoryBlobStore());
    const { ino } = await guest.write("f", "old");
    const fine = { atime: 999, mtime: 123_456 };
    const set = { ...fine, mode: 0o751, uid: 12, gid: 34, nanoseconds: { atime: 5, mtime: 456_000_789 } };
    await guest.fs.setattr(ino, set);
    await guest.fs.setxattr?.(ino, "user.k", encodeUtf8("v"));
    await guest.rename("f", "f~");
    const { ctime } = await guest.find("f~");
    const { attributes } = await guest.fs.create(guest.fs.root, "f", writeOnly, 0o600);
    const kept = await guest.find("f~");
    expect(kept).toMatchObject({ ...set, mode: fileType.regular | 0o751, ino, ctime });
    expect(guest.fs.listxattr?.(kept.ino)).toEqual(["user.k"]);
    expect(attributes).toMatchObject({ mode: fileType.regular | 0o600, uid: 0, gid: 0 });
    expect(attributes.mtime).toBeGreaterThan(123_456);
    expect(attributes.atime).toBeGreaterThan(999);
    expect(guest.fs.listxattr?.(attributes.ino)).toEqual([]);
  });

  it("[SY-24] are told from people, who take their time or choose another name", async () => {
    const guest = new Guest(new MemoryBlobStore());
    const cases = [
      ["other.c", 0],
      ["f.c~", 6000],
    ] as const;
    for (const [to, wait] of cases) {
      guest.clock.advance(6000);
      await guest.write("f.c", "old\n");
      const { id } = guest.project.resolve("f.c") ?? { id: "" };
      await guest.rename("f.c", to);
      guest.clock.advance(wait);
      await guest.write("f.c", "new\n");
      expect(guest.project.resolve(to)?.id).toBe(id);
      expect(await guest.read(to)).toBe("old\n");
      await guest.remove("f.c");
    }
  });
});

describe("bytes", () => {
  it("[SY-30] reads a blob that has to be fetched, and tells EIO where it cannot be had", async () => {
    const far = new MemoryBlobStore();
    let online = true;
    const slow: BlobStore = {
      put: (bytes) => far.put(bytes),
      get: async (ref: BlobRef) => {
        await Promise.resolve();
        if (!online) throw new FsError("EIO", "offline");
        return far.get(ref);
      },
    };
    const guest = new Guest(slow);
    guest.project.createBytes(rootId, "b", far.put(new Uint8Array([1, 2, 3])));
    const { ino } = await guest.find("b");
    expect([...(await guest.readIno(ino))]).toEqual([1, 2, 3]);
    online = false;
    await expectErrno("EIO", () => guest.readIno(ino));
    online = true;
    const file = await guest.open("b", readWrite);
    // Two writes while the blob is on its way: both count.
    await Promise.all([
      file.write(1, new Uint8Array([9]), neverInterrupted),
      file.write(3, new Uint8Array([0xff]), neverInterrupted),
    ]);
    await file.close();
    expect([...(await guest.readIno(ino))]).toEqual([1, 9, 3, 0xff]);
  });

  it("[SY-31] hashes a file when it is committed, not with each write", async () => {
    const store = new MemoryBlobStore();
    let puts = 0;
    const guest = new Guest({ get: (ref) => store.get(ref), put: (bytes) => (puts++, store.put(bytes)) });
    await guest.write("big", "");
    const file = await guest.open("big", writeOnly);
    for (let index = 0; index < 64; index++)
      await file.write(index * 65536, new Uint8Array(65536).fill(index), neverInterrupted);
    expect((await guest.find("big")).size).toBe(64 * 65536);
    await file.close();
    expect(puts).toBe(1);
    expect(guest.project.resolve("big")).toMatchObject({ kind: "bytes", size: 64 * 65536 });
  });
});

describe("what is not shared", () => {
  it("[SY-31] loses nothing that happens while a large file is hashed", async () => {
    const guest = new Guest(new MemoryBlobStore());
    const large = new Uint8Array(3 << 20).fill(1);
    const put = async (path: string): Promise<{ readonly closed: unknown }> => {
      await guest.write(path, "");
      const file = await guest.open(path, writeOnly);
      await file.write(0, large, neverInterrupted);
      return { closed: file.close() };
    };
    const bytes = async (path: string): Promise<Uint8Array> => {
      const file = await guest.open(path, readOnly);
      const all = await file.read(0, 4 << 20, neverInterrupted);
      await file.close();
      return all;
    };
    // Opened again and written to.
    const first = await put("written");
    const again = await guest.open("written", readWrite);
    expect((await again.read(0, 4 << 20, neverInterrupted)).length).toBe(large.length);
    await write(again, 5, "more");
    await first.closed;
    await again.close();
    expect(decodeUtf8Lossy((await bytes("written")).slice(4, 10))).toBe("\u0001more\u0001");
    // Renamed over another file.
    await guest.write("other", "old\n");
    const second = await put("renamed");
    await guest.rename("renamed", "other");
    await second.closed;
    expect((await bytes("other")).length).toBe(large.length);
    // Emptied, and removed.
    const third = await put("emptied");
    await (await guest.open("emptied", writeOnly | truncate)).close();
    await third.closed;
    expect((await bytes("emptied")).length).toBe(0);
    const fourth = await put("removed");
    await guest.remove("removed");
    await fourth.closed;
    expect(guest.project.resolve("removed")).toBeUndefined();
    guest.sync.flush();
    expect((await bytes("written")).length).toBe(large.length);
  });

  it("[SY-40] keeps node_modules and the like to this machine", async () => {
    const blobs = new MemoryBlobStore();
    const [ana, ben] = [new Guest(blobs), new Guest(blobs)];
    await ana.mkdir("app");
    await ana.mkdir("app/node_modules");
    await ana.mkdir("app/node_modules/left-pad");
    await ana.write("app/node_modules/left-pad/index.js", "x");
    await ana.write("app/target", "a file of that name is shared");
    meet(ana, ben);
    expect(await ana.list("app")).toEqual(["node_modules", "target"]);
    expect(await ana.read("app/node_modules/left-pad/index.js")).toBe("x");
    expect(await ben.list("app")).toEqual(["target"]);
    expect(ana.project.nodeCount).toBe(2);
    const modules = await ana.find("app/node_modules");
    expect(await ana.fs.parent?.(modules.ino)).toBe((await ana.find("app")).ino);
    await expectErrno("ENOTEMPTY", () => ana.remove("app", true));
    await ana.mkdir("dist");
    await ana.rename("app/node_modules", "dist/target");
    expect(await ana.list("dist/target")).toEqual(["left-pad"]);
    for (const path of ["dist/target/left-pad/index.js"]) await ana.remove(path);
    for (const path of ["dist/target/left-pad", "dist/target", "dist"]) await ana.remove(path, true);
    expect(await ana.list("")).toEqual(["app"]);
  });

  it("[SY-40] keeps the swap files of editors to this machine", async () => {
    const blobs = new MemoryBlobStore();
    const [ana, ben] = [new Guest(blobs), new Guest(blobs)];
    await ana.mkdir("app");
    for (const name of ["app/.f.c.swp", "app/.f.c.swx", "app/.f.c.swo", ".g.swp"])
      await ana.write(name, "swap");
    for (const name of ["app/f.swp", "app/.f.swift", ".swp"]) await ana.write(name, "a file");
    meet(ana, ben);
    expect(await ana.list("app")).toEqual([".f.c.swo", ".f.c.swp", ".f.c.swx", ".f.swift", "f.swp"]);
    expect(await ben.list("app")).toEqual([".f.swift", "f.swp"]);
    expect(await ben.list("")).toEqual([".swp", "app"]);
    await ana.remove("app/.f.c.swp");
    expect(ana.project.trashed()).toEqual([]);
  });

  it("[SY-41] takes the patterns from .conchignore", async () => {
    const guest = new Guest(new MemoryBlobStore());
    await guest.write(".conchignore", "*.o\n/out/\n!keep.o\n");
    for (const name of ["a.o", "keep.o", "a.c"]) await guest.write(name, name);
    for (const name of ["out", "node_modules"]) await guest.mkdir(name);
    expect(guest.project.children(rootId).map(({ name }) => name)).toEqual([
      ".conchignore",
      "a.c",
      "keep.o",
      "node_modules",
    ]);
    expect(await guest.list("", 2)).toEqual([".conchignore", "a.c", "a.o", "keep.o", "node_modules", "out"]);
    guest.text(".conchignore").insert(0, "*.log\n");
    await guest.write("x.log", "");
    expect(guest.project.resolve("x.log")).toBeUndefined();
  });

  it("[SY-42] shows a colleague's directory instead of the local one of that name", async () => {
    const blobs = new MemoryBlobStore();
    const [ana, ben] = [new Guest(blobs), new Guest(blobs)];
    await ana.mkdir("dist");
    await ana.write("dist/mine", "");
    ben.project.createText(ben.project.mkdir(rootId, "dist").id, "theirs");
    meet(ana, ben);
    expect(await ana.list("")).toEqual(["dist"]);
    expect(await ana.list("dist")).toEqual(["theirs"]);
  });
});
