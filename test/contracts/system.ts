// What every System of a WebAssembly program must do, run against each implementation. Knows only the interface.

import { afterEach, describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { ProgramSystem } from "#machine/wasm/calls/calls.ts";
import { fileType } from "#machine/fs/fs.ts";
import { atFdCwd, atFlag, pollEvent, seekFrom, systemFlag } from "#machine/wasm/system.ts";
import { expectErrno } from "./fs.ts";

export interface SystemSubject {
  readonly system: ProgramSystem;
  /** What its host does when the program has ended; some only live as long as their program. */
  readonly end?: () => Awaitable<void>;
  /** Absolute path of an empty folder that it may write to. */
  readonly folder: string;
  readonly dispose?: () => void | Promise<void>;
}

const { create, exclusive, truncate, append, directory, noFollow, readOnly, writeOnly, readWrite } =
  systemFlag;

export function systemContract(name: string, make: () => Awaitable<SystemSubject>): void {
  describe(`${name} is a System`, () => {
    let subject: SystemSubject | undefined;
    let system: ProgramSystem;
    /** The folder's descriptor. */
    let dir: number;
    const start = async (): Promise<void> => {
      subject = await make();
      system = subject.system;
      dir = (await system.openat(atFdCwd, subject.folder, readOnly | directory, 0)).fd;
    };
    afterEach(async () => {
      await subject?.dispose?.();
      subject = undefined;
    });

    const write = async (path: string, text: string): Promise<void> => {
      const { fd } = await system.openat(dir, path, create | truncate | writeOnly, 0o644);
      expect(await system.write(fd, encodeUtf8(text))).toBe(encodeUtf8(text).length);
      await system.close(fd);
    };
    const read = async (path: string): Promise<string> => {
      const { fd } = await system.openat(dir, path, readOnly, 0);
      const text = decodeUtf8Lossy(await system.read(fd, 1000));
      await system.close(fd);
      return text;
    };
    const list = async (fd: number, max: number): Promise<readonly string[]> => {
      const names: string[] = [];
      for (let cookie = 0; ;) {
        const entries = await system.readdir(fd, cookie, max);
        const last = entries.at(-1);
        if (last === undefined) return names.toSorted();
        expect(entries.length).toBeLessThanOrEqual(max);
        names.push(...entries.map((entry) => entry.name));
        cookie = last.next;
      }
    };

    it("[SYS-1] gives the lowest free number to what is opened", async () => {
      await start();
      expect(dir).toBe(3);
      const open = async (): Promise<number> => (await system.openat(dir, "f", create | readWrite, 0o644)).fd;
      expect([await open(), await open()]).toEqual([4, 5]);
      await system.close(4);
      expect(await open()).toBe(4);
      await expectErrno("EBADF", () => system.close(77));
    });

    it("[SYS-4] reads at most what is asked for, from where the last one ended, and nothing at the end", async () => {
      await start();
      await write("f", "héllo");
      const { fd, mode } = await system.openat(dir, "f", readOnly, 0);
      expect(mode & fileType.mask).toBe(fileType.regular);
      const pieces = [await system.read(fd, 2), await system.read(fd, 100), await system.read(fd, 100)];
      expect(pieces.map(({ length }) => length)).toEqual([2, 4, 0]);
      expect(decodeUtf8Lossy(await system.pread(fd, 3, 2))).toBe("ll");
      expect(await system.lseek(fd, -1, seekFrom.end)).toBe(5);
      expect(decodeUtf8Lossy(await system.read(fd, 9))).toBe("o");
      await expectErrno("EBADF", () => system.write(fd, encodeUtf8("x")));
      await expectErrno("EINVAL", () => system.lseek(fd, -9, seekFrom.start));
    });

    it("writes where it is, where it is told, and at the end", async () => {
      await start();
      const { fd } = await system.openat(dir, "f", create | exclusive | readWrite, 0o644);
      await system.write(fd, encodeUtf8("abcdef"));
      await system.pwrite(fd, 1, encodeUtf8("XY"));
      expect(await system.lseek(fd, 0, seekFrom.current)).toBe(6);
      await system.ftruncate(fd, 4);
      await system.setFlags(fd, append);
      expect((await system.getFlags(fd)) & (append | systemFlag.accessMode)).toBe(append | readWrite);
      await system.lseek(fd, 0, seekFrom.start);
      await system.write(fd, encodeUtf8("."));
      await system.fsync(fd);
      await system.close(fd);
      expect(await read("f")).toBe("aXYd.");
    });

    it("opens what is wanted, or says why not", async () => {
      await start();
      await write("f", "text");
      await system.mkdirat(dir, "d", 0o755);
      await system.symlinkat("f", dir, "link");
      const open = (path: string, flags: number) => system.openat(dir, path, flags, 0o644);
      await expectErrno("ENOENT", () => open("none", readOnly));
      await expectErrno("EEXIST", () => open("f", create | exclusive | writeOnly));
      await expectErrno("ENOTDIR", () => open("f", readOnly | directory));
      await expectErrno("ENOTDIR", () => open("f/x", readOnly));
      await expectErrno("EISDIR", () => open("d", writeOnly));
      await expectErrno("ELOOP", () => open("link", readOnly | noFollow));
      expect(await read("link")).toBe("text");
      await system.close((await open("f", truncate | writeOnly)).fd);
      expect(await read("f")).toBe("");
    });

    it("makes, lists, renames and removes names", async () => {
      await start();
      await system.mkdirat(dir, "d", 0o755);
      for (const file of ["a", "b", "d/c"]) await write(file, file);
      expect(await list(dir, 1)).toEqual(["a", "b", "d"]);
      expect(await list(dir, 100)).toEqual(["a", "b", "d"]);
      await system.renameat(dir, "a", dir, "d/a");
      await system.renameat(dir, "b", dir, "d/c");
      const { fd } = await system.openat(dir, "d", readOnly | directory, 0);
      expect(await list(fd, 100)).toEqual(["a", "c"]);
      expect(await read("d/c")).toBe("b");
      await expectErrno("EEXIST", () => system.mkdirat(dir, "d", 0o755));
      await expectErrno("ENOTEMPTY", () => system.unlinkat(dir, "d", atFlag.removeDirectory));
      await expectErrno("EISDIR", () => system.unlinkat(dir, "d", 0));
      await expectErrno("ENOTDIR", () => system.unlinkat(dir, "d/a", atFlag.removeDirectory));
      await expectErrno("ENOENT", () => system.renameat(dir, "none", dir, "some"));
      for (const file of ["a", "c"]) await system.unlinkat(fd, file, 0);
      await system.close(fd);
      await system.unlinkat(dir, "d", atFlag.removeDirectory);
      expect(await list(dir, 100)).toEqual([]);
    });

    it("has symbolic links, which are read as they were made", async () => {
      await start();
      await system.symlinkat("some/where", dir, "link");
      expect(await system.readlinkat(dir, "link")).toBe("some/where");
      const { mode, size } = await system.fstatat(dir, "link", atFlag.noFollow);
      expect([mode & fileType.mask, size]).toEqual([fileType.symlink, "some/where".length]);
      await expectErrno("ENOENT", () => system.fstatat(dir, "link", 0));
      await write("f", "");
      await expectErrno("EINVAL", () => system.readlinkat(dir, "f"));
    });

    it("[SYS-3] takes an empty path for the descriptor itself", async () => {
      await start();
      const { fd } = await system.openat(dir, "f", create | readWrite, 0o644);
      await system.write(fd, encodeUtf8("12345"));
      await system.fchmodat(fd, "", 0o600);
      await system.utimensat(fd, "", 1_000_000_000_000_000_000n, 1_200_000_000_000_000_000n, 0);
      const itself = await system.fstatat(fd, "", 0);
      const named = await system.fstatat(dir, "f", 0);
      expect({ ...itself }).toEqual({ ...named });
      expect([itself.mode & 0o7777, itself.size]).toEqual([0o600, 5]);
      expect([itself.atime, itself.mtime]).toEqual([1_000_000_000_000_000_000n, 1_200_000_000_000_000_000n]);
      await system.utimensat(dir, "f", "keep", "now", 0);
      const later = await system.fstatat(dir, "f", 0);
      expect(later.atime).toBe(itself.atime);
      expect(later.mtime).toBeGreaterThan(itself.mtime);
      expect((await system.fstatat(dir, "", 0)).mode & fileType.mask).toBe(fileType.directory);
    });

    it("[SYS-2] keeps paths beneath the descriptor that they are relative to", async () => {
      await start();
      await system.mkdirat(dir, "d", 0o755);
      await write("outside", "outside");
      const { fd } = await system.openat(dir, "d", readOnly | directory, 0);
      await system.symlinkat("../outside", fd, "out");
      await system.symlinkat("/etc/hosts", fd, "absolute");
      for (const path of ["../outside", "..", "/etc/hosts", "out", "absolute"])
        await expectErrno("EPERM", () => system.openat(fd, path, readOnly, 0));
      await expectErrno("EPERM", () => system.unlinkat(fd, "../outside", 0));
      await expectErrno("EPERM", () => system.renameat(fd, "out", fd, "../in"));
      // Within it, everything is as usual.
      expect(await read("d/../outside")).toBe("outside");
    });

    it("polls files as ready at once", async () => {
      await start();
      await write("f", "x");
      const { fd } = await system.openat(dir, "f", readOnly, 0);
      const results = await system.poll([{ fd, events: pollEvent.input | pollEvent.output }], undefined);
      expect((results[0]?.events ?? 0) & pollEvent.input).toBe(pollEvent.input);
      const invalid = await system.poll([{ fd: 99, events: pollEvent.input }], undefined);
      expect(invalid[0]?.events).toBe(pollEvent.invalid);
    });

    it("[SYS-5] has nothing any more after its end", async ({ skip }) => {
      await start();
      if (subject?.end === undefined) skip();
      await subject?.end?.();
      await expectErrno("EBADF", () => system.fstatat(dir, "", 0));
      await expectErrno("EBADF", () => system.openat(dir, "f", create | writeOnly, 0o644));
      await expectErrno("EBADF", () => system.read(0, 1));
    });
  });
}
