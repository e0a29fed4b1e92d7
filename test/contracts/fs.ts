// What every writable file system must do, run against each implementation. Knows only the Fs interface.

import { afterEach, describe, expect, it } from "vitest";
import { concatBytes, decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { type Errno, FsError } from "#core/base/errno.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import {
  type Attributes,
  type DirectoryEntry,
  fileType,
  type Fs,
  type Ino,
  type Interrupt,
  type OpenFile,
  openFlag,
} from "#machine/fs/fs.ts";

export interface FsSubject {
  readonly fs: Fs;
  readonly dispose?: () => void | Promise<void>;
}

export interface FsTraits {
  /** What the interface leaves optional: tests of what is missing are skipped. */
  readonly hardLinks: boolean;
  readonly specialFiles: boolean;
  readonly xattrs: boolean;
  /** Whether times finer than a microsecond are kept. */
  readonly nanoseconds?: boolean;
  /** Whether uid and gid are kept. */
  readonly owners: boolean;
}

export const neverInterrupted: Interrupt = { interrupted: false, on: () => () => undefined };

export async function expectErrno(code: Errno, action: () => unknown): Promise<void> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof FsError)) throw new Error(`expected ${code}, got ${String(thrown)}`);
  expect(thrown.code).toBe(code);
}

/** A file system with the small steps that tests are made of. */
export class FsDriver {
  readonly fs: Fs;

  constructor(fs: Fs) {
    this.fs = fs;
  }

  async find(path: string): Promise<Attributes> {
    let found = await this.fs.getattr(this.fs.root);
    for (const name of path.split("/").filter(Boolean)) found = await this.fs.lookup(found.ino, name);
    return found;
  }

  async mkdir(path: string, mode = 0o755): Promise<Attributes> {
    const [parent, name] = await this.parent(path);
    return this.fs.mkdir(parent, name, mode);
  }

  async write(path: string, text: string | Uint8Array): Promise<Attributes> {
    const [parent, name] = await this.parent(path);
    const { attributes, file } = await this.fs.create(parent, name, openFlag.readWrite, 0o644);
    await writeAll(file, 0, typeof text === "string" ? encodeUtf8(text) : text);
    await file.close();
    return this.fs.getattr(attributes.ino);
  }

  async read(path: string): Promise<string | undefined> {
    return decodeUtf8(await this.readIno((await this.find(path)).ino));
  }

  async readIno(ino: Ino): Promise<Uint8Array> {
    const file = await this.fs.open(ino, openFlag.readOnly);
    const bytes = await readAll(file);
    await file.close();
    return bytes;
  }

  async remove(path: string, directoryWanted = false): Promise<void> {
    const [parent, name] = await this.parent(path);
    await this.fs.unlink(parent, name, directoryWanted);
  }

  async rename(from: string, to: string): Promise<void> {
    const [parent, name] = await this.parent(from);
    const [newParent, newName] = await this.parent(to);
    await this.fs.rename(parent, name, newParent, newName);
  }

  async list(path: string, limit = 1000): Promise<string[]> {
    const { ino } = await this.find(path);
    return (await this.entries(ino, limit)).map(({ name }) => name).toSorted();
  }

  async entries(ino: Ino, limit: number): Promise<DirectoryEntry[]> {
    const all: DirectoryEntry[] = [];
    for (let offset = 0; ;) {
      const some = await this.fs.readdir(ino, offset, limit);
      const last = some.at(-1);
      if (last === undefined) return all;
      expect(some.length).toBeLessThanOrEqual(limit);
      all.push(...some);
      offset = last.next;
    }
  }

  async parent(path: string): Promise<[Ino, string]> {
    const slash = path.lastIndexOf("/");
    return [(await this.find(path.slice(0, Math.max(0, slash)))).ino, path.slice(slash + 1)];
  }
}

async function writeAll(file: OpenFile, offset: number, data: Uint8Array): Promise<void> {
  for (let done = 0; done < data.length;)
    done += await file.write(offset + done, data.subarray(done), neverInterrupted);
}

async function readAll(file: OpenFile): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const piece = await file.read(offset, 64 * 1024, neverInterrupted);
    if (piece.length === 0) return concatBytes(pieces);
    pieces.push(piece.slice());
    offset += piece.length;
  }
}

export function fsContract(name: string, traits: FsTraits, make: () => Awaitable<FsSubject>): void {
  describe(`${name} is a file system`, () => {
    let subject: FsSubject | undefined;
    const start = async (): Promise<FsDriver> => {
      subject = await make();
      return new FsDriver(subject.fs);
    };
    afterEach(async () => {
      await subject?.dispose?.();
      subject = undefined;
    });

    it("has a directory as its root", async () => {
      const driver = await start();
      const root = await driver.find("");
      expect(root.mode & fileType.mask).toBe(fileType.directory);
      expect(root.ino).toBe(driver.fs.root);
    });

    it("gives back what was written", async () => {
      const driver = await start();
      await driver.write("hello.txt", "Hello, world.\n");
      expect(await driver.read("hello.txt")).toBe("Hello, world.\n");
      const { size, mode, nlink, ino } = await driver.find("hello.txt");
      expect({ size, mode, nlink }).toEqual({ size: 14, mode: fileType.regular | 0o644, nlink: 1 });
      expect(ino).toBeGreaterThan(0);
      expect(ino).toBeLessThan(2 ** 28);
    });

    it("keeps bytes that are no text", async () => {
      const driver = await start();
      const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7919) & 0xff);
      const { ino } = await driver.write("data.bin", bytes);
      expect(Buffer.compare(await driver.readIno(ino), bytes)).toBe(0);
    });

    it("writes anywhere, and a gap reads as zeros", async () => {
      const driver = await start();
      const { attributes, file } = await driver.fs.create(
        driver.fs.root,
        "gap.bin",
        openFlag.readWrite,
        0o600,
      );
      await writeAll(file, 100_000, encodeUtf8("end"));
      await writeAll(file, 3, encodeUtf8("abc"));
      const bytes = await readAll(file);
      expect(bytes.length).toBe(100_003);
      expect([...bytes.subarray(0, 8)]).toEqual([0, 0, 0, 97, 98, 99, 0, 0]);
      expect(bytes.subarray(6, 100_000).every((byte) => byte === 0)).toBe(true);
      expect((await driver.fs.getattr(attributes.ino)).size).toBe(100_003);
      await file.close();
    });

    it("appends at the end whatever offset is given", async () => {
      const driver = await start();
      const { ino } = await driver.write("log", "one\n");
      const a = await driver.fs.open(ino, openFlag.writeOnly | openFlag.append);
      const b = await driver.fs.open(ino, openFlag.writeOnly | openFlag.append);
      await writeAll(a, 0, encodeUtf8("two\n"));
      await writeAll(b, 0, encodeUtf8("three\n"));
      await writeAll(a, 0, encodeUtf8("four\n"));
      await a.close();
      await b.close();
      expect(await driver.read("log")).toBe("one\ntwo\nthree\nfour\n");
    });

    it("truncates, and what is grown again is zero", async () => {
      const driver = await start();
      const { ino } = await driver.write("t", "abcdefgh");
      await driver.fs.setattr(ino, { size: 3 });
      expect(await driver.read("t")).toBe("abc");
      await driver.fs.setattr(ino, { size: 6 });
      expect(await driver.read("t")).toBe("abc\0\0\0");
      await (await driver.fs.open(ino, openFlag.writeOnly | openFlag.truncate)).close();
      expect((await driver.fs.getattr(ino)).size).toBe(0);
    });

    it("lets nobody read or write through the wrong kind of open file", async () => {
      const driver = await start();
      const { ino } = await driver.write("f", "text");
      const reader = await driver.fs.open(ino, openFlag.readOnly);
      await expectErrno("EBADF", () => reader.write(0, encodeUtf8("x"), neverInterrupted));
      await reader.close();
      const writer = await driver.fs.open(ino, openFlag.writeOnly);
      await expectErrno("EBADF", () => writer.read(0, 1, neverInterrupted));
      await writer.close();
    });

    it("shows a write at once to everybody who has the file open", async () => {
      const driver = await start();
      const { ino } = await driver.write("f", "old");
      const reader = await driver.fs.open(ino, openFlag.readOnly);
      expect(decodeUtf8(await readAll(reader))).toBe("old");
      const writer = await driver.fs.open(ino, openFlag.writeOnly);
      await writeAll(writer, 0, encodeUtf8("newer"));
      expect(decodeUtf8(await readAll(reader))).toBe("newer");
      expect((await driver.fs.getattr(ino)).size).toBe(5);
      await writer.close();
      await reader.close();
    });

    it("makes directories, lists them, removes them", async () => {
      const driver = await start();
      await driver.mkdir("a");
      await driver.mkdir("a/b");
      await driver.write("a/file", "x");
      expect(await driver.list("a")).toEqual(["b", "file"]);
      const { ino } = await driver.find("a");
      const types = new Map((await driver.entries(ino, 10)).map((entry) => [entry.name, entry.type]));
      expect(types.get("b")).toBe(fileType.directory);
      expect(types.get("file")).toBe(fileType.regular);
      await expectErrno("ENOTEMPTY", () => driver.remove("a", true));
      await expectErrno("EISDIR", () => driver.remove("a/b"));
      await expectErrno("ENOTDIR", () => driver.remove("a/file", true));
      await driver.remove("a/b", true);
      await driver.remove("a/file");
      await driver.remove("a", true);
      await expectErrno("ENOENT", () => driver.find("a"));
    });

    it("answers ENOENT, ENOTDIR, EEXIST, EISDIR as POSIX does", async () => {
      const driver = await start();
      const { ino } = await driver.write("f", "");
      await driver.mkdir("d");
      await expectErrno("ENOENT", () => driver.find("nothing"));
      await expectErrno("ENOTDIR", () => driver.fs.lookup(ino, "x"));
      await expectErrno("EEXIST", () => driver.write("f", ""));
      await expectErrno("EEXIST", () => driver.mkdir("f"));
      await expectErrno("EEXIST", () => driver.mkdir("d"));
      await expectErrno("ENOENT", () => driver.remove("nothing"));
      await expectErrno("ENOENT", () => driver.rename("nothing", "g"));
      const directory = await driver.find("d");
      await expectErrno("EISDIR", () => driver.fs.open(directory.ino, openFlag.readOnly));
    });

    it("takes names with spaces, newlines and any script, and refuses what is too long", async () => {
      const driver = await start();
      const names = [
        "a b",
        "line\nbreak",
        "naïve café",
        "日本語",
        "🐚 shell",
        "-rf",
        "'quote\"",
        "\\back",
        "a".repeat(255),
      ];
      for (const name of names) await driver.write(name, name);
      expect(await driver.list("")).toEqual(names.toSorted());
      for (const name of names) expect(await driver.read(name)).toBe(name);
      await expectErrno("ENAMETOOLONG", () => driver.write("a".repeat(256), ""));
      await expectErrno("ENAMETOOLONG", () => driver.write("é".repeat(128), ""));
    });

    it("renames within and across directories and keeps the inode", async () => {
      const driver = await start();
      await driver.mkdir("a");
      await driver.mkdir("b");
      const { ino } = await driver.write("a/x", "content");
      await driver.rename("a/x", "a/y");
      await driver.rename("a/y", "b/z");
      expect(await driver.list("a")).toEqual([]);
      expect(await driver.read("b/z")).toBe("content");
      expect((await driver.find("b/z")).ino).toBe(ino);
      await driver.rename("b", "a/b");
      expect(await driver.read("a/b/z")).toBe("content");
    });

    it("replaces what is in the way of a rename", async () => {
      const driver = await start();
      await driver.write("new", "new content");
      await driver.write("old", "old");
      await driver.rename("new", "old");
      expect(await driver.read("old")).toBe("new content");
      expect(await driver.list("")).toEqual(["old"]);
      await driver.mkdir("d1");
      await driver.mkdir("d2");
      await driver.write("d1/f", "x");
      await driver.rename("d1", "d2");
      expect(await driver.list("d2")).toEqual(["f"]);
    });

    it("refuses renames that make no sense", async () => {
      const driver = await start();
      await driver.mkdir("d");
      await driver.mkdir("d/inner");
      await driver.mkdir("full");
      await driver.write("full/f", "x");
      await driver.write("file", "x");
      await expectErrno("EINVAL", () => driver.rename("d", "d/inner/d"));
      await expectErrno("EINVAL", () => driver.rename("d", "d/d"));
      await expectErrno("ENOTDIR", () => driver.rename("d", "file"));
      await expectErrno("EISDIR", () => driver.rename("file", "d"));
      await expectErrno("ENOTEMPTY", () => driver.rename("d", "full"));
      await driver.rename("file", "file");
      expect(await driver.read("file")).toBe("x");
    });

    it("lets an open file live on after its last name is gone", async () => {
      const driver = await start();
      const { ino } = await driver.write("f", "still here");
      const file = await driver.fs.open(ino, openFlag.readWrite);
      await driver.remove("f");
      await expectErrno("ENOENT", () => driver.find("f"));
      expect(decodeUtf8(await readAll(file))).toBe("still here");
      await writeAll(file, 0, encodeUtf8("STILL"));
      expect(decodeUtf8(await readAll(file))).toBe("STILL here");
      await driver.write("f", "another");
      expect(decodeUtf8(await readAll(file))).toBe("STILL here");
      await file.close();
      expect(await driver.read("f")).toBe("another");
    });

    it("lets a file that a rename replaced live on for who has it open", async () => {
      const driver = await start();
      await driver.write("target", "old content");
      const file = await driver.fs.open((await driver.find("target")).ino, openFlag.readOnly);
      await driver.write("temporary", "new content!");
      await driver.rename("temporary", "target");
      expect(await driver.read("target")).toBe("new content!");
      const seen = decodeUtf8(await readAll(file));
      // An atomic save may be a content edit of the target: then who has it open sees the new content.
      expect(["old content", "new content!"]).toContain(seen);
      await file.close();
    });

    it("lists every name exactly once in small pieces", async () => {
      const driver = await start();
      const names = Array.from({ length: 100 }, (_, index) => `file-${String(index).padStart(3, "0")}`);
      for (const name of names) await driver.write(name, "");
      expect(await driver.list("", 7)).toEqual(names);
      expect(await driver.list("", 1)).toEqual(names);
    });

    it("goes on listing where it was while names come and go", async () => {
      const driver = await start();
      const names = Array.from({ length: 50 }, (_, index) => `file-${String(index).padStart(2, "0")}`);
      for (const name of names) await driver.write(name, "");
      const first = await driver.fs.readdir(driver.fs.root, 0, 20);
      const offset = first.at(-1)?.next ?? 0;
      for (const { name } of first.slice(0, 10)) await driver.remove(name);
      await driver.write("newcomer", "");
      const rest = new Set<string>();
      for (let at = offset; ;) {
        const some = await driver.fs.readdir(driver.fs.root, at, 20);
        const last = some.at(-1);
        if (last === undefined) break;
        for (const { name } of some) {
          expect(rest.has(name)).toBe(false);
          rest.add(name);
        }
        at = last.next;
      }
      const seen = new Set([...first.map(({ name }) => name), ...rest]);
      for (const name of names) expect(seen.has(name)).toBe(true);
      for (const { name } of first) expect(rest.has(name)).toBe(false);
    });

    it("keeps mode and times, and a change of content moves the modification time", async () => {
      const driver = await start();
      const { ino } = await driver.write("f", "x");
      await driver.fs.setattr(ino, { mode: 0o755 });
      expect((await driver.fs.getattr(ino)).mode).toBe(fileType.regular | 0o755);
      await driver.fs.setattr(ino, { mtime: 1_234_567_890_123 });
      expect((await driver.fs.getattr(ino)).mtime).toBe(1_234_567_890_123);
      const file = await driver.fs.open(ino, openFlag.writeOnly);
      await writeAll(file, 0, encodeUtf8("y"));
      await file.fsync();
      await file.close();
      expect((await driver.fs.getattr(ino)).mtime).not.toBe(1_234_567_890_123);
    });

    it("says whether others may change a file, and says the same everywhere", async () => {
      const driver = await start();
      const root = await driver.find("");
      const made = await driver.write("f", "");
      const inner = await driver.mkdir("d");
      const listed = await driver.entries(driver.fs.root, 10);
      for (const { shared } of [made, inner, ...listed, await driver.find("f")])
        expect(shared).toBe(root.shared);
    });

    it("has symbolic links", async () => {
      const driver = await start();
      const { fs } = driver;
      if (fs.symlink === undefined || fs.readlink === undefined) throw new Error("no symbolic links");
      const made = await fs.symlink(fs.root, "link", "../somewhere/ünïcode");
      expect(made.mode & fileType.mask).toBe(fileType.symlink);
      expect(made.size).toBe(encodeUtf8("../somewhere/ünïcode").length);
      expect(await fs.readlink(made.ino)).toBe("../somewhere/ünïcode");
      await expectErrno("ELOOP", () => fs.open(made.ino, openFlag.readOnly));
      const { ino } = await driver.write("f", "");
      await expectErrno("EINVAL", () => fs.readlink?.(ino));
      await driver.rename("link", "moved");
      expect(await fs.readlink((await driver.find("moved")).ino)).toBe("../somewhere/ünïcode");
      await driver.remove("moved");
    });

    it("knows the parent of a directory", async () => {
      const driver = await start();
      const { fs } = driver;
      if (fs.parent === undefined) return;
      const a = await driver.mkdir("a");
      const b = await driver.mkdir("a/b");
      expect(await fs.parent(fs.root)).toBe(fs.root);
      expect(await fs.parent(a.ino)).toBe(fs.root);
      expect(await fs.parent(b.ino)).toBe(a.ino);
      await driver.rename("a/b", "b");
      expect(await fs.parent(b.ino)).toBe(fs.root);
    });

    it("tells how much room there is", async () => {
      const { fs } = await start();
      const { blockSize, blocks, blocksFree } = await fs.statfs();
      expect(blockSize).toBeGreaterThan(0);
      expect(blocksFree).toBeGreaterThan(0);
      expect(blocksFree).toBeLessThanOrEqual(blocks);
    });

    it.runIf(traits.nanoseconds)(
      "keeps times to the nanosecond, until something else moves them",
      async () => {
        const driver = await start();
        const { ino } = await driver.write("f", "text");
        const { mtime, nanoseconds } = await driver.fs.setattr(ino, {
          mtime: 1_000_000.123_456,
          nanoseconds: { mtime: 123_456_789 },
        });
        expect({ mtime, nanoseconds }).toEqual({
          mtime: 1_000_000.123_456,
          nanoseconds: { mtime: 123_456_789 },
        });
        expect((await driver.find("f")).nanoseconds).toEqual({ mtime: 123_456_789 });
        await driver.fs.setattr(ino, { mtime: 2_000_000 });
        expect((await driver.find("f")).nanoseconds ?? {}).toEqual({});
      },
    );

    it("tells what a folder is that was removed while somebody is in it", async () => {
      const driver = await start();
      const { ino } = await driver.mkdir("d");
      await driver.remove("d", true);
      expect((await driver.fs.getattr(ino)).nlink).toBe(0);
      expect(await driver.entries(ino, 10).catch(() => [])).toEqual([]);
      await expectErrno("ENOENT", () => driver.fs.create(ino, "f", openFlag.writeOnly, 0o644));
    });

    it.runIf(traits.owners)("keeps owners", async () => {
      const driver = await start();
      const { ino } = await driver.write("f", "");
      await driver.fs.setattr(ino, { uid: 1000, gid: 100 });
      const { uid, gid } = await driver.fs.getattr(ino);
      expect({ uid, gid }).toEqual({ uid: 1000, gid: 100 });
    });

    it.runIf(traits.hardLinks)("has hard links", async () => {
      const driver = await start();
      const { ino } = await driver.write("one", "shared bytes");
      await driver.fs.link?.(driver.fs.root, "two", ino);
      expect((await driver.find("two")).nlink).toBe(2);
      await driver.remove("one");
      expect(await driver.read("two")).toBe("shared bytes");
      expect((await driver.find("two")).nlink).toBe(1);
      const { ino: directory } = await driver.mkdir("d");
      await expectErrno("EPERM", () => driver.fs.link?.(driver.fs.root, "d2", directory));
    });

    it.runIf(traits.specialFiles)("has pipes and devices, whose bytes are the guest's affair", async () => {
      const { fs } = await start();
      const fifo = await fs.mknod?.(fs.root, "pipe", fileType.fifo | 0o600, 0);
      const device = await fs.mknod?.(fs.root, "null", fileType.character | 0o666, 0x103);
      expect(fifo?.mode).toBe(fileType.fifo | 0o600);
      expect(device?.rdev).toBe(0x103);
      await expectErrno("ENXIO", () => fs.open(fifo?.ino ?? 0, openFlag.readOnly));
    });

    it.runIf(traits.xattrs)("keeps extended attributes", async () => {
      const driver = await start();
      const { fs } = driver;
      const { ino } = await driver.write("f", "");
      expect(await fs.listxattr?.(ino)).toEqual([]);
      await fs.setxattr?.(ino, "user.colour", encodeUtf8("coral"));
      await fs.setxattr?.(ino, "user.empty", new Uint8Array(0));
      expect([...((await fs.listxattr?.(ino)) ?? [])].toSorted()).toEqual(["user.colour", "user.empty"]);
      expect(decodeUtf8((await fs.getxattr?.(ino, "user.colour")) ?? new Uint8Array(0))).toBe("coral");
      await fs.removexattr?.(ino, "user.colour");
      await expectErrno("ENODATA", () => fs.getxattr?.(ino, "user.colour"));
      await expectErrno("ENODATA", () => fs.removexattr?.(ino, "user.colour"));
    });
  });
}
