// WASI preview 1, function by function: what the public suite of WASI asks, and what POSIX says where it is silent.

import { describe, expect, it } from "vitest";
import { WasiCalls } from "#test/harness/wasi-calls.ts";
import { allRights, fdFlag, openingFlag, right, timeFlag, wasiErrno, wasiType } from "./constants.ts";

const at = WasiCalls.resultAt;
const work = 3;
const other = 4;
const { create, directory, exclusive, truncate } = openingFlag;

function made(content = "hello"): { readonly wasi: WasiCalls; readonly fd: number } {
  const wasi = new WasiCalls();
  const fd = wasi.open(work, "file", { opening: create | exclusive });
  expect(wasi.write(fd, content)).toBe(0);
  return { wasi, fd };
}

describe("preopened directories", () => {
  it("[WASI-2] are told by name until they are closed", () => {
    const wasi = new WasiCalls();
    expect(wasi.call("fd_prestat_get", work, at)).toBe(0);
    expect(wasi.view.getUint32(at + 4, true)).toBe(1);
    expect(wasi.call("fd_prestat_get", other, at)).toBe(0);
    const room = wasi.space(16);
    expect(wasi.call("fd_prestat_dir_name", other, room, 3)).toBe(wasiErrno.ENAMETOOLONG);
    expect(wasi.call("fd_prestat_dir_name", other, room, 6)).toBe(0);
    expect(String.fromCharCode(...wasi.memory.slice(room, room + 6))).toBe("/other");
    expect(wasi.call("fd_prestat_get", other + 1, at)).toBe(wasiErrno.EBADF);
    expect(wasi.call("fd_close", other)).toBe(0);
    expect(wasi.call("fd_prestat_get", other, at)).toBe(wasiErrno.EBADF);
    // The lowest free number is taken next.
    expect(wasi.open(work, ".", { opening: directory, rights: allRights & ~right.write })).toBe(other);
    expect(wasi.call("fd_prestat_get", other, at)).toBe(wasiErrno.EBADF);
  });

  it("[WASI-3] no path of any function leads out of them", () => {
    const wasi = new WasiCalls();
    const { fs } = wasi;
    const inside = fs.lookup(fs.root, "work").ino;
    fs.symlink(inside, "up", "..");
    fs.symlink(inside, "root", "/");
    fs.symlink(inside, "sideways", "../other");
    fs.mkdir(inside, "deep", 0o755);
    fs.symlink(fs.lookup(inside, "deep").ino, "far", "../../other");
    wasi.open(other, "secret", { opening: create });
    wasi.open(work, "mine", { opening: create });
    const paths = [
      "../other",
      "up/other",
      "root/other",
      "sideways",
      "deep/far",
      "deep/../../other",
      "/other",
      "./../work/../other",
    ];
    for (const path of paths.map((each) => `${each}/secret`)) {
      const refused: Record<string, number> = {
        open: wasi.call("path_open", work, 1, path, 0, right.read, 0n, 0, at),
        create: wasi.call("path_open", work, 0, `${path}2`, create, right.write, 0n, 0, at),
        stat: wasi.call("path_filestat_get", work, 1, path, at),
        lstat: wasi.call("path_filestat_get", work, 0, path, at),
        times: wasi.call("path_filestat_set_times", work, 1, path, 0n, 0n, timeFlag.mtimeNow),
        mkdir: wasi.call("path_create_directory", work, `${path}3`),
        readlink: wasi.call("path_readlink", work, path, at, 100, 0),
        unlink: wasi.call("path_unlink_file", work, path),
        rmdir: wasi.call("path_remove_directory", work, path),
        "rename from": wasi.call("path_rename", work, path, work, "stolen"),
        "rename to": wasi.call("path_rename", work, "mine", work, path),
        "link from": wasi.call("path_link", work, 0, path, work, "stolen"),
        "link to": wasi.call("path_link", work, 0, "mine", work, `${path}4`),
        "symlink at": wasi.call("path_symlink", "mine", work, `${path}5`),
      };
      for (const [what, error] of Object.entries(refused))
        expect(`${what} ${path} ${error}`).toBe(`${what} ${path} ${wasiErrno.EPERM}`);
    }
    // A link at the end is followed where the call follows.
    expect(wasi.open(work, "sideways", { opening: directory })).toBe(-wasiErrno.EPERM);
    expect(wasi.open(work, "up")).toBe(-wasiErrno.EPERM);
    expect(wasi.open(work, "..")).toBe(-wasiErrno.EPERM);
    expect([...fs.readdir(fs.lookup(fs.root, "other").ino, 0, 9)].map(({ name }) => name)).toEqual([
      "secret",
    ]);
    // From one to the other is allowed by name.
    expect(wasi.call("path_rename", work, "mine", other, "given")).toBe(0);
    expect(wasi.open(other, "given")).toBeGreaterThan(0);
  });

  it("[WASI-3] no link with an absolute target is made", () => {
    const wasi = new WasiCalls();
    expect(wasi.call("path_symlink", "/other/secret", work, "link")).toBe(wasiErrno.EPERM);
    expect(wasi.call("path_symlink", "no/where", work, "link")).toBe(0);
    expect(wasi.open(work, "link")).toBe(-wasiErrno.ENOENT);
  });
});

describe("paths", () => {
  it("that make no sense are refused", () => {
    const wasi = new WasiCalls();
    expect(wasi.open(work, "")).toBe(-wasiErrno.ENOENT);
    expect(wasi.open(work, "a\0b")).toBe(-wasiErrno.EINVAL);
    expect(wasi.open(work, "x".repeat(300), { opening: create })).toBe(-wasiErrno.ENAMETOOLONG);
    expect(wasi.call("path_create_directory", work, ...wasi.bytes(Uint8Array.of(0xff, 0xfe)))).toBe(
      wasiErrno.EILSEQ,
    );
    expect(wasi.open(0, "file")).toBe(-wasiErrno.ENOTDIR);
    expect(wasi.open(99, "file")).toBe(-wasiErrno.EBADF);
  });

  it("with a slash at the end mean directories", () => {
    const { wasi } = made();
    expect(wasi.call("path_create_directory", work, "dir/")).toBe(0);
    expect(wasi.call("path_create_directory", work, "dir")).toBe(wasiErrno.EEXIST);
    expect(wasi.open(work, "file/")).toBe(-wasiErrno.ENOTDIR);
    expect(wasi.open(work, "new/", { opening: create })).toBe(-wasiErrno.EISDIR);
    expect(wasi.call("path_unlink_file", work, "file/")).toBe(wasiErrno.ENOTDIR);
    expect(wasi.call("path_unlink_file", work, "dir")).toBe(wasiErrno.EISDIR);
    expect(wasi.call("path_remove_directory", work, "file")).toBe(wasiErrno.ENOTDIR);
    expect(wasi.call("path_rename", work, "dir", work, "renamed/")).toBe(0);
    expect(wasi.call("path_remove_directory", work, "renamed/")).toBe(0);
    expect(wasi.call("path_remove_directory", work, ".")).toBe(wasiErrno.EINVAL);
  });

  it("are renamed as POSIX says", () => {
    const { wasi } = made();
    for (const name of ["empty", "full", "full/inner"]) wasi.call("path_create_directory", work, name);
    expect(wasi.call("path_rename", work, "file", work, "empty")).toBe(wasiErrno.EISDIR);
    expect(wasi.call("path_rename", work, "empty", work, "file")).toBe(wasiErrno.ENOTDIR);
    expect(wasi.call("path_rename", work, "empty", work, "full")).toBe(wasiErrno.ENOTEMPTY);
    expect(wasi.call("path_rename", work, "full", work, "full/inner/full")).toBe(wasiErrno.EINVAL);
    expect(wasi.call("path_rename", work, "full", work, "empty")).toBe(0);
    expect(wasi.call("path_rename", work, "file", work, "file")).toBe(0);
    expect(wasi.call("path_rename", work, "none", work, "file")).toBe(wasiErrno.ENOENT);
  });

  it("name links and what they lead to", () => {
    const { wasi } = made();
    wasi.call("path_symlink", "file", work, "link");
    expect(wasi.call("path_filestat_get", work, 0, "link", at)).toBe(0);
    expect(wasi.view.getUint8(at + 16)).toBe(wasiType.symlink);
    expect(wasi.call("path_filestat_get", work, 1, "link", at)).toBe(0);
    expect(wasi.view.getUint8(at + 16)).toBe(wasiType.regular);
    expect(wasi.open(work, "link", { follow: false })).toBe(-wasiErrno.ELOOP);
    expect(wasi.open(work, "link", { opening: create | exclusive })).toBe(-wasiErrno.EEXIST);
    const room = wasi.space(8);
    expect(wasi.call("path_readlink", work, "link", room, 2, at)).toBe(0);
    expect([wasi.result, String.fromCharCode(...wasi.memory.slice(room, room + 3))]).toEqual([2, "fi\0"]);
    expect(wasi.call("path_link", work, 0, "file", work, "second")).toBe(0);
    expect(wasi.call("path_filestat_get", work, 1, "second", at)).toBe(0);
    expect(wasi.view.getBigUint64(at + 24, true)).toBe(2n);
    expect(wasi.call("path_link", work, 0, "file", work, "second")).toBe(wasiErrno.EEXIST);
    // A dangling link is a place where something can be made.
    wasi.call("path_symlink", "made", work, "dangling");
    expect(wasi.open(work, "dangling", { opening: create })).toBeGreaterThan(0);
    expect(wasi.call("path_filestat_get", work, 0, "made", at)).toBe(0);
  });
});

describe("descriptors", () => {
  it("tell what they are", () => {
    const { wasi, fd } = made();
    expect(wasi.call("fd_fdstat_get", fd, at)).toBe(0);
    expect(wasi.view.getUint8(at)).toBe(wasiType.regular);
    expect(wasi.view.getBigUint64(at + 8, true) & right.readdir).toBe(0n);
    expect(wasi.call("fd_fdstat_get", work, at)).toBe(0);
    expect(wasi.view.getUint8(at)).toBe(wasiType.directory);
    expect(wasi.view.getBigUint64(at + 8, true) & (right.read | right.seek)).toBe(0n);
    expect(wasi.call("fd_fdstat_get", 1, at)).toBe(0);
    expect(wasi.view.getUint8(at)).toBe(wasiType.unknown);
    expect(wasi.view.getBigUint64(at + 8, true) & (right.read | right.seek | right.write)).toBe(right.write);
    expect(wasi.call("fd_fdstat_get", 99, at)).toBe(wasiErrno.EBADF);
  });

  it("[WASI-1] have the rights that were asked for, and lose what is given up", () => {
    const { wasi } = made();
    const reading = wasi.open(work, "file", { rights: right.read | right.setFlags });
    expect(wasi.write(reading, "x")).toBe(wasiErrno.EBADF);
    expect(wasi.call("fd_seek", reading, 0n, 0, at)).toBe(wasiErrno.notCapable);
    expect(wasi.call("fd_filestat_get", reading, at)).toBe(wasiErrno.notCapable);
    expect(wasi.read(reading)).toBe("hello");
    expect(wasi.call("fd_fdstat_set_rights", reading, allRights, 0n)).toBe(wasiErrno.notCapable);
    expect(wasi.call("fd_fdstat_set_rights", reading, 0n, 0n)).toBe(0);
    expect(wasi.call("fd_read", reading, ...wasi.pieces([at, 1]), at)).toBe(wasiErrno.EBADF);
    expect(wasi.call("fd_fdstat_set_rights", work, right.open, right.read)).toBe(0);
    expect(wasi.open(work, "file", { rights: right.write, inheriting: 0n })).toBe(-wasiErrno.notCapable);
    expect(wasi.call("path_create_directory", work, "dir")).toBe(wasiErrno.notCapable);
    expect(wasi.open(work, "file", { rights: right.read, inheriting: 0n })).toBeGreaterThan(0);
  });

  it("are renumbered", () => {
    const { wasi, fd } = made();
    const second = wasi.open(work, "second", { opening: create });
    expect(wasi.call("fd_renumber", fd, 99)).toBe(wasiErrno.EBADF);
    expect(wasi.call("fd_renumber", 99, fd)).toBe(wasiErrno.EBADF);
    expect(wasi.call("fd_renumber", fd, fd)).toBe(0);
    expect(wasi.call("fd_renumber", fd, second)).toBe(0);
    expect(wasi.write(fd, "x")).toBe(wasiErrno.EBADF);
    expect(wasi.write(second, " again")).toBe(0);
    wasi.call("fd_seek", second, 0n, 0, at);
    expect(wasi.read(second)).toBe("hello again");
    // Over a standard stream.
    expect(wasi.call("fd_renumber", second, 1)).toBe(0);
    expect(wasi.write(1, "!")).toBe(0);
    wasi.call("fd_seek", 1, 0n, 0, at);
    expect(wasi.read(1)).toBe("hello again!");
  });

  it("read and write in pieces", () => {
    const { wasi, fd } = made("");
    const empty: [number, number] = [0, 0];
    expect(wasi.call("fd_write", fd, ...wasi.pieces(wasi.text("ab"), empty, wasi.text("cde")), at)).toBe(0);
    expect(wasi.result).toBe(5);
    const room = wasi.space(16);
    expect(wasi.call("fd_pread", fd, ...wasi.pieces([room, 1], empty, [room + 8, 8]), 1n, at)).toBe(0);
    expect(wasi.result).toBe(4);
    expect(String.fromCharCode(...wasi.memory.slice(room, room + 12))).toBe("b\0\0\0\0\0\0\0cde\0");
    expect(wasi.call("fd_read", fd, ...wasi.pieces(), at)).toBe(0);
    expect(wasi.call("fd_pwrite", fd, ...wasi.pieces(wasi.text("X"), wasi.text("Y")), 3n, at)).toBe(0);
    expect(wasi.call("fd_seek", fd, 0n, 0, at)).toBe(0);
    expect(wasi.read(fd)).toBe("abcXY");
    expect(wasi.read(fd)).toBe("");
    expect(wasi.call("fd_pread", fd, ...wasi.pieces([room, 1]), -1n, at)).toBe(wasiErrno.EINVAL);
    expect(wasi.call("fd_read", fd, ...wasi.pieces([wasi.memory.length - 1, 2]), at)).toBe(wasiErrno.EFAULT);
    expect(wasi.call("fd_read", fd, -8, 1, at)).toBe(wasiErrno.EFAULT);
  });

  it("append whatever the offset is", () => {
    const { wasi } = made();
    const fd = wasi.open(work, "file", { flags: fdFlag.append });
    wasi.call("fd_seek", fd, 0n, 0, at);
    wasi.write(fd, "!");
    expect(wasi.call("fd_tell", fd, at)).toBe(0);
    expect(wasi.result64).toBe(6n);
    expect(wasi.call("fd_fdstat_get", fd, at)).toBe(0);
    expect(wasi.view.getUint16(at + 2, true)).toBe(fdFlag.append);
    expect(wasi.call("fd_fdstat_set_flags", fd, 0)).toBe(0);
    wasi.call("fd_seek", fd, 0n, 0, at);
    wasi.write(fd, "J");
    expect(wasi.call("fd_fdstat_set_flags", fd, fdFlag.sync)).toBe(wasiErrno.EINVAL);
    wasi.call("fd_seek", fd, 0n, 0, at);
    expect(wasi.read(fd)).toBe("Jello!");
  });

  it("seek, and not before the start", () => {
    const { wasi, fd } = made();
    expect(wasi.call("fd_seek", fd, -2n, 2, at)).toBe(0);
    expect(wasi.result64).toBe(3n);
    expect(wasi.call("fd_seek", fd, -4n, 1, at)).toBe(wasiErrno.EINVAL);
    expect(wasi.call("fd_seek", fd, 0n, 7, at)).toBe(wasiErrno.EINVAL);
    expect(wasi.call("fd_seek", fd, 100n, 0, at)).toBe(0);
    expect(wasi.read(fd)).toBe("");
    expect(wasi.call("fd_seek", 1, 0n, 1, at)).toBe(wasiErrno.ESPIPE);
    expect(wasi.call("fd_seek", work, 0n, 1, at)).toBe(wasiErrno.EBADF);
  });

  it("change size, room and times", () => {
    const { wasi, fd } = made();
    const size = (): bigint => {
      expect(wasi.call("fd_filestat_get", fd, at)).toBe(0);
      return wasi.view.getBigUint64(at + 32, true);
    };
    expect(wasi.call("fd_filestat_set_size", fd, 3n)).toBe(0);
    expect(size()).toBe(3n);
    expect(wasi.call("fd_allocate", fd, 2n, 8n)).toBe(0);
    expect(size()).toBe(10n);
    expect(wasi.call("fd_allocate", fd, 0n, 1n)).toBe(0);
    expect(size()).toBe(10n);
    expect(wasi.call("fd_allocate", fd, 0n, 0n)).toBe(wasiErrno.EINVAL);
    expect(wasi.call("fd_advise", fd, 0n, 1n, 3)).toBe(0);
    expect(wasi.call("fd_advise", fd, 0n, 1n, 6)).toBe(wasiErrno.EINVAL);
    expect(wasi.call("fd_advise", work, 0n, 1n, 3)).toBe(wasiErrno.EBADF);
    expect(wasi.call("fd_filestat_set_times", fd, 1_000n, 2_000n, timeFlag.atime | timeFlag.mtime)).toBe(0);
    size();
    expect([wasi.view.getBigUint64(at + 40, true), wasi.view.getBigUint64(at + 48, true)]).toEqual([
      1_000n,
      2_000n,
    ]);
    expect(wasi.call("fd_filestat_set_times", fd, 0n, 0n, timeFlag.mtime | timeFlag.mtimeNow)).toBe(
      wasiErrno.EINVAL,
    );
    expect(wasi.call("fd_filestat_set_times", fd, 0n, 0n, timeFlag.mtimeNow)).toBe(0);
    size();
    expect(wasi.view.getBigUint64(at + 48, true)).toBeGreaterThan(10n ** 18n);
    expect(wasi.view.getBigUint64(at + 40, true)).toBe(1_000n);
    expect(wasi.call("fd_sync", fd)).toBe(0);
    expect(wasi.call("fd_datasync", fd)).toBe(0);
  });

  it("truncate only where that is asked for", () => {
    const { wasi } = made();
    expect(wasi.read(wasi.open(work, "file", { opening: create }))).toBe("hello");
    expect(wasi.read(wasi.open(work, "file", { opening: truncate }))).toBe("");
    expect(wasi.open(work, "file", { opening: directory })).toBe(-wasiErrno.ENOTDIR);
  });
});

describe("directories", () => {
  const names = (wasi: WasiCalls, fd: number, room: number): string[] => {
    const buffer = wasi.space(room);
    const found: string[] = [];
    for (let cookie = 0n; ;) {
      expect(wasi.call("fd_readdir", fd, buffer, room, cookie, at)).toBe(0);
      const used = wasi.result;
      let position = 0;
      while (position + 24 <= used) {
        const length = wasi.view.getUint32(buffer + position + 16, true);
        if (position + 24 + length > used) break;
        cookie = wasi.view.getBigUint64(buffer + position, true);
        found.push(
          String.fromCharCode(...wasi.memory.slice(buffer + position + 24, buffer + position + 24 + length)),
        );
        position += 24 + length;
      }
      if (used < room) return found;
    }
  };

  it("are listed with any buffer that holds an entry", () => {
    const wasi = new WasiCalls();
    const all = Array.from({ length: 40 }, (_, index) => `entry-${index}`);
    for (const name of all) wasi.call("path_create_directory", work, name);
    for (const room of [34, 60, 500, 4000])
      expect(names(wasi, work, room).sort()).toEqual([".", "..", ...all].sort());
  });

  it("are listed on from a cookie while they change", () => {
    const wasi = new WasiCalls();
    for (const name of ["a", "b", "c", "d"]) wasi.call("path_create_directory", work, name);
    const buffer = wasi.space(200);
    // Three entries of 25 bytes: ".", "..", which has one more, and the first.
    wasi.call("fd_readdir", work, buffer, 76, 0n, at);
    const cookie = wasi.view.getBigUint64(buffer + 51, true);
    wasi.call("path_remove_directory", work, "c");
    wasi.call("fd_readdir", work, buffer, 200, cookie, at);
    const rest = new TextDecoder().decode(wasi.memory.slice(buffer, buffer + wasi.result));
    expect(rest.replace(/[^a-d]/g, "")).toMatch(/^bc?d$/);
  });

  it("are no files, and files no directories", () => {
    const { wasi, fd } = made();
    expect(wasi.call("fd_readdir", fd, at, 100, 0n, at)).toBe(wasiErrno.ENOTDIR);
    expect(wasi.call("fd_read", work, ...wasi.pieces([at, 1]), at)).toBe(wasiErrno.EISDIR);
    expect(wasi.write(work, "x")).toBe(wasiErrno.EBADF);
  });
});

describe("poll_oneoff", () => {
  const subscribe = (
    wasi: WasiCalls,
    subscriptions: readonly ((at: number) => void)[],
  ): { tag: bigint; error: number; type: number }[] | number => {
    const list = wasi.space(48 * subscriptions.length);
    const events = wasi.space(32 * subscriptions.length);
    for (const [index, write] of subscriptions.entries()) {
      wasi.view.setBigUint64(list + index * 48, BigInt(index + 1), true);
      write(list + index * 48);
    }
    const error = wasi.call("poll_oneoff", list, events, subscriptions.length, at);
    if (error !== 0) return error;
    return Array.from({ length: wasi.result }, (_, index) => ({
      tag: wasi.view.getBigUint64(events + index * 32, true),
      error: wasi.view.getUint16(events + index * 32 + 8, true),
      type: wasi.view.getUint8(events + index * 32 + 10),
    }));
  };
  const clock =
    (wasi: WasiCalls, id: number, timeout: bigint, flags = 0) =>
    (start: number) => {
      wasi.view.setUint32(start + 16, id, true);
      wasi.view.setBigUint64(start + 24, timeout, true);
      wasi.view.setUint16(start + 40, flags, true);
    };
  const descriptor = (wasi: WasiCalls, type: number, fd: number) => (start: number) => {
    wasi.view.setUint8(start + 8, type);
    wasi.view.setUint32(start + 16, fd, true);
  };

  it("tells what has happened", () => {
    const { wasi, fd } = made();
    expect(subscribe(wasi, [])).toBe(wasiErrno.EINVAL);
    expect(subscribe(wasi, [clock(wasi, 1, 1000n)])).toEqual([{ tag: 1n, error: 0, type: 0 }]);
    expect(subscribe(wasi, [clock(wasi, 0, 1n, 1)])).toEqual([{ tag: 1n, error: 0, type: 0 }]);
    // A file never waits, a clock may.
    expect(subscribe(wasi, [clock(wasi, 1, 10n ** 12n), descriptor(wasi, 1, fd)])).toEqual([
      { tag: 2n, error: 0, type: 1 },
    ]);
    expect(subscribe(wasi, [descriptor(wasi, 2, 1), descriptor(wasi, 1, fd)])).toEqual([
      { tag: 1n, error: 0, type: 2 },
      { tag: 2n, error: 0, type: 1 },
    ]);
  });

  it("tells what cannot happen at once, as an event", () => {
    const { wasi, fd } = made();
    const list = subscribe(wasi, [
      descriptor(wasi, 1, 99),
      clock(wasi, 9, 10n ** 12n),
      descriptor(wasi, 7, fd),
      clock(wasi, 1, 10n ** 12n),
    ]);
    expect(list).toEqual([
      { tag: 1n, error: wasiErrno.EBADF, type: 1 },
      { tag: 2n, error: wasiErrno.EINVAL, type: 0 },
      { tag: 3n, error: wasiErrno.EINVAL, type: 7 },
    ]);
  });
});

describe("the rest", () => {
  it("arguments and environment", () => {
    const wasi = new WasiCalls();
    expect(wasi.call("args_sizes_get", at, at + 4)).toBe(0);
    expect([wasi.result, wasi.view.getUint32(at + 4, true)]).toEqual([2, 8]);
    const pointers = wasi.space(8);
    const bytes = wasi.space(16);
    expect(wasi.call("args_get", pointers, bytes)).toBe(0);
    expect(wasi.view.getUint32(pointers + 4, true)).toBe(bytes + 5);
    expect(new TextDecoder().decode(wasi.memory.slice(bytes, bytes + 8))).toBe("prog\0é\0");
    expect(wasi.call("environ_sizes_get", at, at + 4)).toBe(0);
    expect([wasi.result, wasi.view.getUint32(at + 4, true)]).toEqual([1, 4]);
  });

  it("clocks and randomness", () => {
    const wasi = new WasiCalls();
    expect(wasi.call("clock_time_get", 0, 0n, at)).toBe(0);
    expect(Math.abs(Number(wasi.result64 / 1_000_000n) - Date.now())).toBeLessThan(10_000);
    expect(wasi.call("clock_time_get", 1, 0n, at)).toBe(0);
    expect(wasi.call("clock_time_get", 4, 0n, at)).toBe(wasiErrno.EINVAL);
    expect(wasi.call("clock_res_get", 0, at)).toBe(0);
    expect(wasi.result64).toBeGreaterThan(0n);
    const room = wasi.space(1000);
    expect(wasi.call("random_get", room, 1000)).toBe(0);
    expect(new Set(wasi.memory.slice(room, room + 1000)).size).toBeGreaterThan(100);
    expect(wasi.call("random_get", room, 70_000)).toBe(wasiErrno.EFAULT);
  });

  it("[WASI-1] there are no sockets", () => {
    const wasi = new WasiCalls();
    for (const name of ["sock_accept", "sock_recv", "sock_send", "sock_shutdown"]) {
      for (const fd of [0, work, wasi.open(work, "f", { opening: create })])
        expect(wasi.call(name, fd, 0, 0, 0)).toBe(wasiErrno.ENOTSOCK);
      expect(wasi.call(name, 99, 0, 0, 0)).toBe(wasiErrno.EBADF);
    }
  });

  it("ends by exit and by signals", () => {
    const wasi = new WasiCalls();
    const end = (name: string, number: number): unknown => {
      try {
        return wasi.call(name, number);
      } catch (thrown) {
        return (thrown as { readonly status: unknown }).status;
      }
    };
    expect(end("proc_exit", 258)).toEqual({ code: 2 });
    expect(end("proc_raise", 0)).toBe(0);
    expect(end("proc_raise", 6)).toEqual({ code: 134, signal: "ABRT" });
    expect(end("proc_raise", 16)).toEqual({ code: 145, signal: "CHLD" });
    expect(end("proc_raise", 31)).toBe(wasiErrno.EINVAL);
    expect(wasi.call("sched_yield")).toBe(0);
  });
});
