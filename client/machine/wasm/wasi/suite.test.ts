// What the public suite of WASI preview 1 asks of a folder that is preopened as "/", call by call.

import { describe, expect, it } from "vitest";
import { noStreams } from "#machine/wasm/files/read-file.ts";
import { WasiCalls } from "#test/harness/wasi-calls.ts";
import { allRights, lookupFollow, openingFlag, right, timeFlag, wasiErrno, wasiType } from "./constants.ts";

const at = WasiCalls.resultAt;
const root = 3;
const { create, directory, exclusive, truncate } = openingFlag;
const { EBADF, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, notCapable } = wasiErrno;
const directoryOnly = { opening: directory, rights: allRights & ~right.write };

/** The folder /work as "/", and a descriptor of its own for it. */
function suite(): { readonly wasi: WasiCalls; readonly dir: number } {
  const wasi = new WasiCalls(noStreams, [{ name: "/", path: "/work" }]);
  const { base, inheriting } = rightsOf(wasi, root);
  const dir = wasi.open(root, ".", { opening: directory, rights: base, inheriting });
  expect(dir).toBeGreaterThan(root);
  return { wasi, dir };
}

function rightsOf(wasi: WasiCalls, fd: number): { readonly base: bigint; readonly inheriting: bigint } {
  expect(wasi.call("fd_fdstat_get", fd, at)).toBe(0);
  const { view } = wasi;
  return { base: view.getBigUint64(at + 8, true), inheriting: view.getBigUint64(at + 16, true) };
}

function makeFile(wasi: WasiCalls, dir: number, name: string): void {
  const fd = wasi.open(dir, name, { opening: create | exclusive });
  expect(fd).toBeGreaterThan(2);
  expect(wasi.call("fd_close", fd)).toBe(0);
}

const makeFolder = (wasi: WasiCalls, dir: number, name: string): number =>
  wasi.call("path_create_directory", dir, name);
const link = (wasi: WasiCalls, target: string, dir: number, name: string): number =>
  wasi.call("path_symlink", target, dir, name);
const unlink = (wasi: WasiCalls, dir: number, name: string): number =>
  wasi.call("path_unlink_file", dir, name);
const removeFolder = (wasi: WasiCalls, dir: number, name: string): number =>
  wasi.call("path_remove_directory", dir, name);
const rename = (wasi: WasiCalls, dir: number, from: string, to: string): number =>
  wasi.call("path_rename", dir, from, dir, to);

describe("the preopened root", () => {
  it("[WASI-1] opens with its own rights, with none, for reading, and not for writing", () => {
    const { wasi } = suite();
    const { base, inheriting } = rightsOf(wasi, root);
    for (const rights of [0n, right.read, base])
      for (const opening of [0, directory])
        expect(wasi.open(root, ".", { opening, rights, inheriting })).toBeGreaterThan(root);
    const written = { rights: right.read | right.write, inheriting: 0n };
    expect(wasi.open(root, ".", { opening: directory, ...written })).toBe(-EISDIR);
    expect(wasi.open(root, ".", written)).toBe(-EISDIR);
  });

  it("may be closed, and replaced by another descriptor", () => {
    const { wasi, dir } = suite();
    makeFolder(wasi, dir, "d");
    const other = wasi.open(dir, "d", directoryOnly);
    expect(wasi.call("fd_renumber", other, root)).toBe(0);
    expect(wasi.call("fd_fdstat_get", other, at)).toBe(EBADF);
    expect(wasi.call("fd_prestat_get", root, at)).toBe(EBADF);
    expect(wasi.call("fd_close", root)).toBe(0);
    expect(wasi.call("fd_fdstat_get", root, at)).toBe(EBADF);
    expect(wasi.call("fd_fdstat_get", dir, at)).toBe(0);
  });

  it("[WASI-2] where it is the whole tree, links may name anything, and absolute paths still nothing", () => {
    const wasi = new WasiCalls(noStreams, [{ name: "/", path: "/" }]);
    const { fs } = wasi;
    fs.symlink(fs.lookup(fs.root, "work").ino, "away", "/other");
    makeFile(wasi, root, "other/file");
    expect(wasi.open(root, "work/away/file")).toBeGreaterThan(root);
    expect(wasi.open(root, "work/../../other/file")).toBeGreaterThan(root);
    expect(wasi.open(root, "/other/file")).toBe(-EPERM);
    const work = wasi.open(root, "work", directoryOnly);
    expect(wasi.open(work, "away/file")).toBe(-EPERM);
    expect(wasi.open(work, "../other/file")).toBe(-EPERM);
  });
});

describe("rights", () => {
  it("[WASI-1] to empty a file are the folder's, not the file's", () => {
    const { wasi, dir } = suite();
    makeFile(wasi, dir, "file");
    const none = { opening: truncate, rights: 0n, inheriting: 0n };
    const writing = wasi.open(dir, "file");
    expect(wasi.write(writing, "text")).toBe(0);
    const { base, inheriting } = rightsOf(wasi, dir);
    const less = inheriting & ~right.setSize;
    expect(wasi.call("fd_fdstat_set_rights", dir, base, less)).toBe(0);
    expect(wasi.open(dir, "file", none)).toBeGreaterThan(2);
    expect(wasi.read(wasi.open(dir, "file", { rights: right.read, inheriting: 0n }))).toBe("");
    expect(wasi.call("fd_fdstat_set_rights", dir, base & ~right.pathSetSize, less)).toBe(0);
    expect(wasi.open(dir, "file", none)).toBe(-notCapable);
    expect(wasi.call("fd_fdstat_set_rights", dir, base, less)).toBe(notCapable);
  });

  it("[WASI-1] that are given up are gone, also for who could have them again", () => {
    const { wasi, dir } = suite();
    const rights = right.read | right.write | right.seek | right.tell;
    const fd = wasi.open(dir, "file", { opening: create, rights, inheriting: 0n });
    expect(wasi.call("fd_fdstat_set_rights", fd, right.seek | right.tell, 0n)).toBe(0);
    expect([EBADF, notCapable]).toContain(wasi.write(fd, "x"));
    expect(wasi.call("fd_fdstat_set_rights", fd, rights, 0n)).toBe(notCapable);
    expect(rightsOf(wasi, fd).base).toBe(right.seek | right.tell);
  });

  it("[WASI-1] of folders are none of files", () => {
    const { wasi, dir } = suite();
    const pieces = wasi.pieces(wasi.text("x"));
    for (const name of ["fd_read", "fd_write"])
      expect([EISDIR, EBADF, notCapable]).toContain(wasi.call(name, dir, ...pieces, at));
    for (const name of ["fd_pread", "fd_pwrite"])
      expect([EISDIR, EBADF, notCapable]).toContain(wasi.call(name, dir, ...pieces, 0n, at));
    for (const whence of [0, 1, 2])
      expect([EISDIR, EBADF, notCapable]).toContain(wasi.call("fd_seek", dir, 0n, whence, at));
    expect([EISDIR, EBADF, notCapable]).toContain(wasi.call("fd_tell", dir, at));
    expect([EISDIR, EBADF, notCapable]).toContain(wasi.call("fd_allocate", dir, 0n, 1n));
    expect([EISDIR, EBADF, EINVAL, notCapable]).toContain(wasi.call("fd_filestat_set_size", dir, 0n));
  });
});

describe("paths", () => {
  it("with dots, slashes and NUL", () => {
    const { wasi, dir } = suite();
    makeFolder(wasi, dir, "dir");
    makeFolder(wasi, dir, "dir/nested");
    makeFile(wasi, dir, "dir/nested/file");
    const plain = { follow: false, rights: 0n, inheriting: 0n };
    expect(wasi.open(dir, "/dir/nested/file", plain)).toBe(-EPERM);
    const detour = "dir/.//nested/../../dir/nested/../nested///./file";
    expect(wasi.open(dir, detour, plain)).toBeGreaterThan(2);
    expect(wasi.open(dir, "dir/nested/file\0", plain)).toBe(-EINVAL);
    for (const end of ["/", "///"]) {
      expect(wasi.open(dir, `dir/nested/file${end}`, plain)).toBe(-ENOTDIR);
      expect(wasi.open(dir, `dir/nested${end}`, plain)).toBeGreaterThan(2);
    }
    expect(wasi.open(dir, "dir/nested/../../../work/dir/nested/file", plain)).toBe(-EPERM);
  });

  it("of links that are not followed, and of those that lead nowhere", () => {
    const { wasi, dir } = suite();
    const plain = { follow: false, rights: 0n, inheriting: 0n };
    expect(link(wasi, "target", dir, "symlink")).toBe(0);
    expect(wasi.open(dir, "symlink", plain)).toBe(-ELOOP);
    expect([-ENOTDIR, -ELOOP]).toContain(wasi.open(dir, "symlink", { ...plain, opening: directory }));
    makeFolder(wasi, dir, "target");
    expect(wasi.open(dir, "symlink", plain)).toBe(-ELOOP);
    expect(wasi.open(dir, "symlink", { ...plain, follow: true, opening: directory })).toBeGreaterThan(2);
    removeFolder(wasi, dir, "target");
    makeFile(wasi, dir, "target");
    expect(wasi.open(dir, "symlink", { ...plain, follow: true, opening: directory })).toBe(-ENOTDIR);
    expect(link(wasi, "symlink2", dir, "symlink2")).toBe(0);
    expect(wasi.open(dir, "symlink2", plain)).toBe(-ELOOP);
    expect(wasi.open(dir, "symlink2")).toBe(-ELOOP);
  });

  it("with a slash at the end of a new link, a removed file, a moved folder", () => {
    const { wasi, dir } = suite();
    expect(link(wasi, "source", dir, "target/")).toBe(ENOENT);
    makeFolder(wasi, dir, "target");
    for (const name of ["target/", "target"]) expect(link(wasi, "source", dir, name)).toBe(EEXIST);
    expect(removeFolder(wasi, dir, "target/")).toBe(0);
    makeFile(wasi, dir, "target");
    expect([ENOTDIR, EEXIST]).toContain(link(wasi, "source", dir, "target/"));
    expect(unlink(wasi, dir, "target/")).toBe(ENOTDIR);
    expect(removeFolder(wasi, dir, "target/")).toBe(ENOTDIR);
    expect(removeFolder(wasi, dir, "target")).toBe(ENOTDIR);
    expect(rename(wasi, dir, "target", "other/")).toBe(ENOTDIR);
    expect(rename(wasi, dir, "target/", "other")).toBe(ENOTDIR);
    makeFolder(wasi, dir, "folder");
    expect([EISDIR, EPERM]).toContain(unlink(wasi, dir, "folder/"));
    expect(rename(wasi, dir, "folder/", "moved/")).toBe(0);
    expect(rename(wasi, dir, "moved", "target")).toBe(ENOTDIR);
    expect(rename(wasi, dir, "target", "moved")).toBe(EISDIR);
    makeFile(wasi, dir, "moved/inner");
    expect(removeFolder(wasi, dir, "moved")).toBe(ENOTEMPTY);
  });
});

describe("hard links", () => {
  it("share everything, and follow no symbolic link", () => {
    const { wasi, dir } = suite();
    const hard = (name: string, to: string, lookup = 0): number =>
      wasi.call("path_link", dir, lookup, name, dir, to);
    makeFile(wasi, dir, "file");
    expect(hard("file", "link")).toBe(0);
    const stats = ["file", "link"].map((name) => {
      expect(wasi.call("path_filestat_get", dir, 0, name, at)).toBe(0);
      return wasi.memory.slice(at, at + 64);
    });
    expect(stats[0]).toEqual(stats[1]);
    expect(hard("file", "link")).toBe(EEXIST);
    expect(hard("file", "file")).toBe(EEXIST);
    makeFolder(wasi, dir, "folder");
    expect(hard("file", "folder")).toBe(EEXIST);
    expect(hard("folder", "other")).toBe(EPERM);
    expect(hard("file", "new/")).toBe(ENOENT);
    link(wasi, "nowhere", dir, "symlink");
    expect(hard("symlink", "second")).toBe(0);
    expect(hard("file", "symlink")).toBe(EEXIST);
    expect([EINVAL, ENOENT]).toContain(hard("symlink", "third", lookupFollow));
  });
});

describe("times", () => {
  it("are kept to the nanosecond, of a link and of what it leads to", () => {
    const { wasi, dir } = suite();
    makeFile(wasi, dir, "file");
    link(wasi, "file", dir, "symlink");
    const set = (name: string, lookup: number, time: bigint): void =>
      expect(wasi.call("path_filestat_set_times", dir, lookup, name, 0n, time, timeFlag.mtime)).toBe(0);
    const mtime = (name: string, lookup = 0): bigint => {
      expect(wasi.call("path_filestat_get", dir, lookup, name, at)).toBe(0);
      return wasi.view.getBigUint64(at + 48, true);
    };
    const [before, linked] = [mtime("file"), mtime("symlink")];
    set("symlink", 0, linked - 201n);
    expect([mtime("symlink"), mtime("file"), mtime("symlink", lookupFollow)]).toEqual([
      linked - 201n,
      before,
      before,
    ]);
    set("symlink", lookupFollow, before - 101n);
    expect([mtime("file"), mtime("symlink")]).toEqual([before - 101n, linked - 201n]);
    const fd = wasi.open(dir, "file");
    expect(wasi.call("fd_filestat_set_times", fd, 0n, 1_234_567_891n, timeFlag.mtime)).toBe(0);
    expect(mtime("file")).toBe(1_234_567_891n);
    expect(wasi.write(fd, "x")).toBe(0);
    expect(mtime("file")).toBeGreaterThan(1_234_567_891n);
  });
});

it("what a descriptor is: none of the streams is a folder, none of the files a socket", () => {
  const { wasi, dir } = suite();
  makeFile(wasi, dir, "file");
  const fd = wasi.open(dir, "file");
  expect(wasi.call("fd_filestat_get", fd, at)).toBe(0);
  expect(wasi.view.getUint8(at + 16)).toBe(wasiType.regular);
  expect(wasi.call("sock_shutdown", fd, 0)).toBe(wasiErrno.ENOTSOCK);
  expect(wasi.call("sock_shutdown", 1000, 0)).toBe(EBADF);
});
