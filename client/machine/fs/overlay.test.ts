import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8 } from "#core/base/bytes.ts";
import { expectErrno, FsDriver, fsContract, neverInterrupted } from "#test/contracts/fs.ts";
import { attempt, randomStep, type Seen, snapshot } from "#test/contracts/random-files.ts";
import { Allowance } from "./allowance.ts";
import { contentBlockBytes } from "./content.ts";
import { type Fs, openFlag } from "./fs.ts";
import { MemFs } from "./memfs.ts";
import { Overlay } from "./overlay.ts";

const traits = { nanoseconds: true, hardLinks: true, specialFiles: true, xattrs: true, owners: true };

/** A lower file system as a base image is: nothing can be written, and every answer has to be waited for. */
function waiting(fs: MemFs): Fs {
  const later = <T>(value: () => T): Promise<T> => Promise.resolve().then(value);
  const readOnly = (): never => {
    throw new Error("invariant violation: the lower file system was written to");
  };
  return {
    root: fs.root,
    lookup: (directory, name) => later(() => fs.lookup(directory, name)),
    getattr: (ino) => later(() => fs.getattr(ino)),
    open: (ino, flags) => (flags === openFlag.readOnly ? later(() => fs.open(ino, flags)) : readOnly()),
    readdir: (directory, offset, limit) => later(() => fs.readdir(directory, offset, limit)),
    readlink: (ino) => later(() => fs.readlink(ino)),
    parent: (directory) => later(() => fs.parent(directory)),
    statfs: () => fs.statfs(),
    setattr: readOnly,
    create: readOnly,
    mkdir: readOnly,
    unlink: readOnly,
    rename: readOnly,
  };
}

async function base(): Promise<MemFs> {
  const fs = new MemFs();
  const driver = new FsDriver(fs);
  await driver.mkdir("etc");
  await driver.write("etc/passwd", "root:x:0:0\n");
  await driver.write("etc/group", "root:x:0:\n");
  await driver.mkdir("usr");
  await driver.mkdir("usr/lib");
  await driver.write("usr/lib/big", new Uint8Array(5 * contentBlockBytes).fill(7));
  fs.symlink(fs.root, "lib", "usr/lib");
  return fs;
}

fsContract("overlay over nothing", traits, () => ({ fs: new Overlay(new MemFs()) }));
fsContract("overlay that waits for its lower file system", traits, () => ({
  fs: new Overlay(waiting(new MemFs())),
}));

describe("overlay", () => {
  it("shows the lower files and keeps their inode numbers when they change", async () => {
    const lower = await base();
    const driver = new FsDriver(new Overlay(lower));
    const before = await driver.find("etc/passwd");
    expect(before.ino).toBe((await new FsDriver(lower).find("etc/passwd")).ino);
    const file = await driver.fs.open(before.ino, openFlag.writeOnly | openFlag.append);
    await file.write(0, encodeUtf8("ana:x:1000:1000\n"), neverInterrupted);
    await file.close();
    expect(await driver.read("etc/passwd")).toBe("root:x:0:0\nana:x:1000:1000\n");
    expect((await driver.find("etc/passwd")).ino).toBe(before.ino);
    expect(await new FsDriver(lower).read("etc/passwd")).toBe("root:x:0:0\n");
  });

  it("copies only the block that is written in part", async () => {
    const allowance = new Allowance(10 * contentBlockBytes);
    const driver = new FsDriver(new Overlay(await base(), { allowance }));
    const { ino, size } = await driver.find("usr/lib/big");
    const file = await driver.fs.open(ino, openFlag.readWrite);
    await file.write(contentBlockBytes + 10, encodeUtf8("x"), neverInterrupted);
    expect(allowance.used).toBe(contentBlockBytes);
    const bytes = await driver.readIno(ino);
    expect(bytes.length).toBe(size);
    expect([...bytes.subarray(contentBlockBytes + 9, contentBlockBytes + 12)]).toEqual([7, 120, 7]);
    await file.close();
  });

  it("lets go of a lower file's tail for ever when it is truncated", async () => {
    const driver = new FsDriver(new Overlay(await base()));
    const { ino } = await driver.find("usr/lib/big");
    await driver.fs.setattr(ino, { size: 10 });
    await driver.fs.setattr(ino, { size: 20 });
    expect([...(await driver.readIno(ino))]).toEqual([...Array(10).fill(7), ...Array(10).fill(0)]);
  });

  it("hides lower names that were removed, renamed or replaced", async () => {
    const driver = new FsDriver(new Overlay(await base()));
    await driver.remove("etc/passwd");
    await expectErrno("ENOENT", () => driver.find("etc/passwd"));
    await driver.rename("etc/group", "etc/passwd");
    expect(await driver.list("etc")).toEqual(["passwd"]);
    expect(await driver.read("etc/passwd")).toBe("root:x:0:\n");
    await expectErrno("ENOTEMPTY", () => driver.remove("etc", true));
    await driver.remove("etc/passwd");
    await driver.remove("etc", true);
    await driver.mkdir("etc");
    expect(await driver.list("etc")).toEqual([]);
  });

  it("moves a lower directory with everything in it", async () => {
    const driver = new FsDriver(new Overlay(await base()));
    await driver.rename("usr", "etc/usr");
    expect(await driver.list("etc/usr/lib")).toEqual(["big"]);
    const moved = await driver.find("etc/usr");
    expect(await driver.fs.parent?.(moved.ino)).toBe((await driver.find("etc")).ino);
    await expectErrno("EINVAL", () => driver.rename("etc", "etc/usr/lib/etc"));
  });

  it("shows who reads a lower file what is written meanwhile, also when its name goes", async () => {
    const driver = new FsDriver(new Overlay(await base()));
    const { ino } = await driver.find("etc/passwd");
    const reader = await driver.fs.open(ino, openFlag.readOnly);
    const writer = await driver.fs.open(ino, openFlag.writeOnly);
    await writer.write(0, encodeUtf8("ROOT"), neverInterrupted);
    await driver.remove("etc/passwd");
    await writer.close();
    expect(decodeUtf8(await reader.read(0, 100, neverInterrupted))).toBe("ROOT:x:0:0\n");
    await reader.close();
  });

  it("survives export and import", async () => {
    const lower = await base();
    const driver = new FsDriver(new Overlay(lower));
    await driver.write("new", "made here");
    await driver.mkdir("etc/conf.d");
    await driver.write("etc/conf.d/x", new Uint8Array(100_000).fill(3));
    await driver.remove("etc/group");
    await driver.rename("usr/lib", "lib2");
    await driver.fs.setxattr?.((await driver.find("new")).ino, "user.a", encodeUtf8("b"));
    const { ino } = await driver.find("etc/passwd");
    const file = await driver.fs.open(ino, openFlag.writeOnly);
    await file.write(5, encodeUtf8("XYZ"), neverInterrupted);
    await file.close();
    const state = (driver.fs as Overlay).exportState();

    const restored = new Overlay(lower);
    restored.importState(state);
    const again = new FsDriver(restored);
    expect(await snapshot(again)).toEqual(await snapshot(driver));
    expect(decodeUtf8(await restored.getxattr((await again.find("new")).ino, "user.a"))).toBe("b");
    const fresh = await again.write("after", "");
    expect((await snapshot(driver)).every(({ ino: used }) => used !== fresh.ino)).toBe(true);
    expect(() => restored.importState(state)).toThrow("invariant violation");
    await expectErrno("EPROTO", () => new Overlay(lower).importState(encodeUtf8("garbage")));
    await expectErrno("EPROTO", () => new Overlay(lower).importState(state.subarray(0, state.length - 1)));
  });

  it("behaves as a plain file system does, whatever is done to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomStep, { maxLength: 25 }), fc.boolean(), async (steps, waits) => {
        const model = new FsDriver(await base());
        const lower = await base();
        const driver = new FsDriver(new Overlay(waits ? waiting(lower) : lower));
        for (const each of steps) expect(await attempt(driver, each)).toBe(await attempt(model, each));
        const strip = ({ path: where, size, type, content }: Seen): object => ({
          where,
          size,
          type,
          content,
        });
        expect((await snapshot(driver)).map(strip)).toEqual((await snapshot(model)).map(strip));
      }),
      { numRuns: 60 },
    );
  });
});
