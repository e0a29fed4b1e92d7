import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../steps/process.ts";
import { readSoname } from "./elf.ts";
import { compareNames, encodeLdCache, findLibraries } from "./ld-cache.ts";
import { Tree } from "./tree.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "conch-ld-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A real shared library for i386: no C library is needed to link one. */
async function library(soname: string | undefined): Promise<Buffer> {
  const source = join(folder, "x.c");
  const target = join(folder, "x.so");
  await writeFile(source, "int f(void) { return 1; }\n");
  const name = soname === undefined ? [] : [`-Wl,-soname,${soname}`];
  await run(["gcc", "-m32", "-shared", "-nostdlib", "-fPIC", ...name, "-o", target, source]);
  return readFile(target);
}

describe("readSoname", () => {
  it("finds the name that a library carries", async () => {
    expect(readSoname(await library("libx.so.1"))).toBe("libx.so.1");
    expect(readSoname(await library(undefined))).toBeUndefined();
  });

  it("knows what is no i386 library", async () => {
    expect(readSoname(Buffer.from("INPUT(-lncurses)"))).toBeUndefined();
    expect(readSoname(await readFile(process.execPath))).toBeUndefined();
    expect(readSoname(Buffer.alloc(0))).toBeUndefined();
  });
});

describe("the cache", () => {
  it("is what the host's own ldconfig reads", async () => {
    const tree = new Tree();
    tree.write("usr/lib/i386-linux-gnu/libx.so.1.2", await library("libx.so.1"));
    tree.symlink("usr/lib/i386-linux-gnu/libx.so.1", "libx.so.1.2");
    tree.symlink("usr/lib/i386-linux-gnu/libx.so", "libx.so.1");
    tree.write("usr/lib/i386-linux-gnu/liby.so.10", await library("liby.so.10"));
    tree.write("usr/lib/i386-linux-gnu/libscript.so", "INPUT(libx.so.1)");
    const libraries = findLibraries(tree, ["usr/local/lib", "usr/lib/i386-linux-gnu"]);
    const cache = join(folder, "ld.so.cache");
    await writeFile(cache, encodeLdCache(libraries));
    const listed = await run(["/sbin/ldconfig", "-C", cache, "-p"]);
    expect(listed).toContain("libx.so.1 (libc6) => /usr/lib/i386-linux-gnu/libx.so.1\n");
    expect(listed).toContain("libx.so (libc6) => /usr/lib/i386-linux-gnu/libx.so\n");
    expect(listed).toContain("liby.so.10 (libc6) => /usr/lib/i386-linux-gnu/liby.so.10\n");
    expect(listed).not.toContain("libscript");
    // The loader's bisection needs the greatest first, and 10 is greater than 2.
    expect(listed.indexOf("liby")).toBeLessThan(listed.indexOf("libx"));
  });

  it("orders names as the loader does", () => {
    expect(compareNames("libc.so.6", "libc.so.10")).toBeLessThan(0);
    expect(compareNames("liba.so", "liba.so.1")).toBeLessThan(0);
    expect(compareNames("lib1.so", "libz.so")).toBeGreaterThan(0);
    expect(compareNames("libz.so.1", "libz.so.1")).toBe(0);
  });

  it("orders any names without contradiction", () => {
    const name = fc.stringMatching(/^lib[a-z0-9.-]{1,12}$/);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) + 0);
      }),
    );
  });
});
