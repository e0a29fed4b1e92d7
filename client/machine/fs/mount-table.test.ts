import { describe, expect, it } from "vitest";
import { expectErrno, FsDriver, fsContract } from "#test/contracts/fs.ts";
import { MemFs } from "./memfs.ts";
import { MountTable } from "./mount-table.ts";

const traits = { nanoseconds: true, hardLinks: true, specialFiles: true, xattrs: true, owners: true };

fsContract("mount table with one mount", traits, () => ({ fs: new MountTable(new MemFs()) }));

async function setUp(): Promise<{ driver: FsDriver; root: MemFs; project: MemFs }> {
  const root = new MemFs();
  const project = new MemFs({ shared: true });
  root.mkdir(root.root, "home", 0o755);
  const point = root.mkdir(root.root, "project", 0o755);
  root.mkdir(point.ino, "hidden", 0o755);
  const table = new MountTable(root);
  await table.mount("/project", project, 1);
  await table.mount("home", new MemFs(), 2);
  return { driver: new FsDriver(table), root, project };
}

describe("mount table", () => {
  it("hides what was at the mount point and shows what is mounted", async () => {
    const { driver, project } = await setUp();
    expect(await driver.list("project")).toEqual([]);
    await driver.write("project/f", "in the project");
    expect(project.lookup(project.root, "f").size).toBe(14);
    expect(await driver.read("project/f")).toBe("in the project");
  });

  it("tells shared from private at the mount point, in lookup and in readdir", async () => {
    const { driver } = await setUp();
    expect((await driver.find("project")).shared).toBe(true);
    expect((await driver.find("home")).shared).toBe(false);
    const listed = new Map((await driver.entries(driver.fs.root, 10)).map((entry) => [entry.name, entry]));
    expect(listed.get("project")?.shared).toBe(true);
    expect(listed.get("project")?.ino).toBe((await driver.find("project")).ino);
    expect(listed.get("home")?.shared).toBe(false);
  });

  it("gives every file a number of its own, small enough for a 32-bit stat", async () => {
    const { driver } = await setUp();
    const numbers = [await driver.find(""), await driver.find("home"), await driver.find("project")].map(
      ({ ino }) => ino,
    );
    expect(new Set(numbers).size).toBe(3);
    for (const ino of numbers) expect(ino).toBeLessThan(2 ** 32);
  });

  it("refuses to move or link across, and to remove a mount point", async () => {
    const { driver } = await setUp();
    await driver.write("file", "x");
    await expectErrno("EXDEV", () => driver.rename("file", "project/file"));
    const { ino } = await driver.find("file");
    const project = await driver.find("project");
    await expectErrno("EXDEV", () => driver.fs.link?.(project.ino, "file", ino));
    await expectErrno("EBUSY", () => driver.remove("project", true));
    await expectErrno("EBUSY", () => driver.rename("project", "elsewhere"));
    await driver.mkdir("other");
    await expectErrno("EBUSY", () => driver.rename("other", "project"));
  });

  it("goes up from a mounted root to where it is mounted", async () => {
    const { driver } = await setUp();
    const project = await driver.find("project");
    expect(await driver.fs.parent?.(project.ino)).toBe(driver.fs.root);
    expect(await driver.fs.parent?.(driver.fs.root)).toBe(driver.fs.root);
  });

  it("[PACK-19] gives files the same numbers, in whichever order their file systems are mounted", async () => {
    const numbers = async (order: readonly string[]): Promise<readonly number[]> => {
      const root = new MemFs();
      for (const name of ["a", "b"]) root.mkdir(root.root, name, 0o755);
      const table = new MountTable(root);
      for (const name of order) await table.mount(name, new MemFs(), name === "a" ? 1 : 2);
      const driver = new FsDriver(table);
      return [(await driver.find("a")).ino, (await driver.find("b")).ino];
    };
    expect(await numbers(["b", "a"])).toEqual(await numbers(["a", "b"]));
  });

  it("refuses a number that another mount has, and one that no mount can have", async () => {
    const root = new MemFs();
    for (const name of ["a", "b"]) root.mkdir(root.root, name, 0o755);
    const table = new MountTable(root);
    await table.mount("a", new MemFs(), 14);
    await expectErrno("EBUSY", () => table.mount("b", new MemFs(), 14));
    for (const number of [-1, 0, 0.5, 15])
      await expectErrno("EINVAL", () => table.mount("b", new MemFs(), number));
  });

  it("unmounts", async () => {
    const root = new MemFs();
    root.mkdir(root.root, "d", 0o755);
    const table = new MountTable(root);
    const unmount = await table.mount("d", new MemFs(), 1);
    const driver = new FsDriver(table);
    await driver.write("d/f", "x");
    const { ino } = await driver.find("d/f");
    unmount();
    expect(await driver.list("d")).toEqual([]);
    await expectErrno("ESTALE", () => table.getattr(ino));
    await expectErrno("ENOENT", () => table.mount("nowhere", new MemFs(), 1));
    await driver.write("file", "");
    await expectErrno("ENOTDIR", () => table.mount("file", new MemFs(), 1));
    await expectErrno("EBUSY", () => table.mount("", new MemFs(), 1));
  });
});
