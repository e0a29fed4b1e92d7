import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Header } from "tar-stream";
import { describe, expect, it } from "vitest";
import { readTar, Tree, writeTar } from "./tree.ts";

const mtime = new Date(1_700_000_000_000);

/** What a reader of tar files leaves out is what the archive left out; the types do not know that. */
function header(given: Partial<Header>): Header {
  return given as Header;
}

describe("a tree", () => {
  it("merges /bin, /sbin and /lib into /usr", () => {
    const tree = new Tree();
    tree.add(header({ name: "./bin/", type: "directory", mtime }), Buffer.alloc(0));
    tree.add(header({ name: "./bin/cat", type: "file", mode: 0o755, mtime }), Buffer.from("cat"));
    tree.add(header({ name: "./usr/lib/x", type: "link", linkname: "./bin/cat", mtime }), Buffer.alloc(0));
    expect(tree.get("bin")).toMatchObject({ kind: "symlink", target: "usr/bin" });
    expect(tree.get("usr/bin/cat")).toMatchObject({ kind: "file", mode: 0o755, mtime: 1_700_000_000 });
    expect(tree.get("lib/x")).toBe(tree.get("bin/cat"));
  });

  it("comes back from a tar file with owners, modes, times and links", async () => {
    const tree = new Tree();
    tree.add(
      header({ name: "etc/shadow", type: "file", mode: 0o640, uid: 0, gid: 42, mtime }),
      Buffer.from("x"),
    );
    tree.add(header({ name: "tmp", type: "directory", mode: 0o1777, mtime }), Buffer.alloc(0));
    tree.add(header({ name: "usr/bin/su", type: "file", mode: 0o4755, mtime }), Buffer.from("su"));
    tree.add(header({ name: "usr/bin/su2", type: "link", linkname: "usr/bin/su", mtime }), Buffer.alloc(0));
    tree.symlink("etc/mtab", "../proc/self/mounts");
    tree.write("a name/with ünïcode", "");
    tree.write(`${"long/".repeat(40)}file`, "deep");
    const folder = await mkdtemp(join(tmpdir(), "conch-tree-"));
    try {
      await writeTar(tree, join(folder, "root.tar"));
      const back = await readTar(join(folder, "root.tar"));
      expect([...back.walk()].slice(1)).toEqual([...tree.walk()].slice(1));
      expect(back.get("usr/bin/su2")).toBe(back.get("usr/bin/su"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("lists parents first and names in the order of their bytes", () => {
    const tree = new Tree();
    for (const name of ["b", "a/ä", "a/z", "a/A"]) tree.write(`x/${name}`, "");
    expect([...tree.walk("x")].map(([path]) => path)).toEqual(["x", "x/a", "x/a/A", "x/a/z", "x/a/ä", "x/b"]);
  });

  it("refuses what an image cannot hold", () => {
    const tree = new Tree();
    expect(() => tree.add(header({ name: "dev/null", type: "character-device" }), Buffer.alloc(0))).toThrow(
      "cannot be in the image",
    );
    expect(() => tree.add(header({ name: "x", type: "link", linkname: "y" }), Buffer.alloc(0))).toThrow(
      "is missing",
    );
    expect(() => tree.text("etc/none")).toThrow("no file /etc/none");
    tree.write("f", "");
    expect(() => tree.write("f/g", "")).toThrow("is no directory");
  });
});
