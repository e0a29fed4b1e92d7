// The project document through its public face, alone and with replicas that meet later (SPEC.md sections 2 to 6).

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "./blobs.ts";
import { TextBase } from "#core/text/text-base.ts";
import { onMeta, readMeta, renameProject, seedProject } from "./meta.ts";
import { Project, rootId } from "./project.ts";
import type { ProjectChange } from "./project.ts";
import { nodesOf } from "./schema.ts";

let nextId = 0;

function newProject(doc = new Y.Doc()): Project {
  return new Project(doc, {
    now: () => 1_700_000_000_000,
    newId: () => `n${String(nextId++).padStart(4, "0")}`,
  });
}

function sync(...projects: readonly Project[]): void {
  for (const from of projects) {
    for (const to of projects) {
      if (from !== to)
        Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)), "remote");
    }
  }
}

/** Every path, directories with a slash. */
function paths(project: Project, directory = rootId): string[] {
  return project
    .children(directory)
    .flatMap(({ id, kind }) =>
      kind === "dir" ? [`${project.path(id)}/`, ...paths(project, id)] : [project.path(id)],
    );
}

function content(project: Project, path: string, blobs = new MemoryBlobStore()): string {
  const entry = project.resolve(path);
  const bytes = entry && project.readBytes(entry.id, blobs);
  return bytes instanceof Uint8Array ? decodeUtf8Lossy(bytes) : "";
}

describe("the tree", () => {
  it("makes, finds, renames and lists", () => {
    const project = newProject();
    const src = project.mkdir(rootId, "src");
    const main = project.createText(src.id, "main.c", "int main;\n");
    expect(project.resolve("/src/main.c")).toBe(project.entry(main.id));
    expect(main).toMatchObject({ kind: "text", name: "main.c", parent: src.id, mode: 0o644, size: 10 });
    project.move(main.id, rootId, "old.c");
    expect(paths(project)).toEqual(["old.c", "src/"]);
    expect(project.path(main.id)).toBe("old.c");
    expect(() => project.createText(rootId, "old.c")).toThrow("EEXIST");
    expect(() => project.createText("nowhere", "a")).toThrow("ENOENT");
    expect(() => project.createText(main.id, "a")).toThrow("ENOTDIR");
    expect(() => project.mkdir(rootId, "a/b")).toThrow("EINVAL");
    expect(() => project.mkdir(rootId, "x".repeat(256))).toThrow("ENAMETOOLONG");
    expect(() => project.move(src.id, project.mkdir(src.id, "in").id, "x")).toThrow("EINVAL");
  });

  it("[PR-10] keeps place in one register: of two moves at once, one wins and nothing doubles", () => {
    const [ana, ben] = [newProject(), newProject()];
    const file = ana.createText(rootId, "f", "x");
    for (const name of ["a", "b"]) ana.mkdir(rootId, name);
    sync(ana, ben);
    ana.move(file.id, ana.resolve("a")?.id ?? "", "one");
    ben.move(file.id, ben.resolve("b")?.id ?? "", "two");
    sync(ana, ben);
    expect(paths(ana)).toEqual(paths(ben));
    expect(paths(ana)).toHaveLength(3);
  });

  it("[PR-11] loses nobody's text when two make one path", () => {
    const [ana, ben] = [newProject(), newProject()];
    ana.createText(rootId, "x.txt", "from Ana");
    ben.createText(rootId, "x.txt", "from Ben");
    sync(ana, ben);
    expect(paths(ana)).toEqual(paths(ben));
    expect(
      paths(ana)
        .map((path) => content(ana, path))
        .sort(),
    ).toEqual(["from Ana", "from Ben"]);
  });

  it("[PR-22] agrees on a tree when directories are moved into each other", () => {
    const [ana, ben] = [newProject(), newProject()];
    const a = ana.mkdir(rootId, "a");
    const b = ana.mkdir(rootId, "b");
    ana.createText(a.id, "in-a");
    ana.createText(b.id, "in-b");
    sync(ana, ben);
    ana.move(a.id, b.id, "a");
    ben.move(b.id, a.id, "b");
    sync(ana, ben);
    expect(paths(ana)).toEqual(["a/", "a/b/", "a/b/in-b", "a/in-a"]);
    expect(paths(ben)).toEqual(paths(ana));
  });

  it("[PR-23] moves and deletes a merged directory as one", () => {
    const [ana, ben] = [newProject(), newProject()];
    ana.createText(ana.mkdir(rootId, "d").id, "a");
    ben.createText(ben.mkdir(rootId, "d").id, "b");
    sync(ana, ben);
    expect(paths(ana)).toEqual(["d/", "d/a", "d/b"]);
    ana.move(ana.resolve("d")?.id ?? "", rootId, "e");
    expect(paths(ana)).toEqual(["e/", "e/a", "e/b"]);
    sync(ana, ben);
    ben.trash(ben.resolve("e")?.id ?? "");
    sync(ana, ben);
    expect(paths(ana)).toEqual([]);
    const [top, ...others] = ana.trashed();
    expect(others).toEqual([]);
    ana.restore(top?.id ?? "");
    expect(paths(ana)).toEqual(["e/", "e/a", "e/b"]);
  });

  it("tells once per transaction what changed", () => {
    const project = newProject();
    const changes: ProjectChange[] = [];
    project.changes.on((change) => changes.push(change));
    project.transact(() => {
      const d = project.mkdir(rootId, "d");
      project.createText(d.id, "f", "x");
      expect(paths(project)).toEqual(["d/", "d/f"]);
    });
    const d = project.resolve("d");
    const f = project.resolve("d/f");
    expect(changes).toEqual([
      {
        directories: new Set([rootId, d?.id]),
        nodes: new Set([d?.id, f?.id]),
        contents: new Set([d?.id, f?.id]),
        displaced: new Set(),
        local: true,
        origin: null,
      },
    ]);
    changes.length = 0;
    project.text(f?.id ?? "")?.insert(0, "more ");
    project.setAttributes(f?.id ?? "", { mode: 0o755 });
    expect(changes.map(({ contents }) => contents.size)).toEqual([1, 0]);
    expect(project.resolve("d/f")).toMatchObject({ size: 6, mode: 0o755 });
  });
});

describe("the trash", () => {
  it("[PR-30] deletes and brings back a directory with all that was in it", () => {
    const project = newProject();
    const d = project.mkdir(rootId, "d");
    const f = project.createText(d.id, "f", "kept");
    project.createText(d.id, "g");
    project.trash(f.id, "Ana");
    project.trash(d.id, "Ben");
    expect(paths(project)).toEqual([]);
    // What was deleted before the directory is no part of it.
    expect(
      project
        .trashed()
        .map(({ path, by }) => `${path} ${by}`)
        .sort(),
    ).toEqual(["d Ben", "d/f Ana"]);
    project.restore(d.id);
    expect(paths(project)).toEqual(["d/", "d/g"]);
    project.restore(f.id);
    expect(content(project, "d/f")).toBe("kept");
    expect(project.trashed()).toEqual([]);
  });

  it("[PR-31] keeps a deleted directory for what somebody put into it meanwhile", () => {
    const [ana, ben] = [newProject(), newProject()];
    const d = ana.mkdir(rootId, "d");
    ana.createText(d.id, "old");
    sync(ana, ben);
    ana.trash(d.id);
    ben.createText(d.id, "new");
    sync(ana, ben);
    expect(paths(ana)).toEqual(["d/", "d/new"]);
    expect(paths(ben)).toEqual(paths(ana));
    // Using it brings it back for good.
    ana.createText(d.id, "more");
    for (const name of ["d/new", "d/more"]) ana.trash(ana.resolve(name)?.id ?? "");
    expect(paths(ana)).toEqual(["d/"]);
  });

  it("[PR-32] purges what is old and hidden, and nothing else", () => {
    const project = newProject();
    const f = project.createText(rootId, "f");
    const d = project.mkdir(rootId, "d");
    project.trash(f.id);
    project.trash(d.id);
    nodesOf(project.doc).get(project.createText(rootId, "g").id)?.set("at", [d.id, "g"]);
    expect(project.purge(1_700_000_000_000)).toBe(0);
    expect(project.purge(1_700_000_000_001)).toBe(1);
    expect(paths(project)).toEqual(["d/", "d/g"]);
  });
});

describe("content", () => {
  const exact = [
    ["text", ""],
    ["text", "no end"],
    ["text", "a\nb\n"],
    ["text", "a\r\nb\r\n"],
    ["text", "a\rb\r"],
    ["text", "\uFEFFa\r\nb"],
    ["text", "\uFEFF"],
    ["text", "żółw 😀\n"],
    ["bytes", "a\r\nb\n"],
    ["bytes", "a\0b"],
    ["text", "\uFEFF\uFEFFx"],
    ["bytes", "a\rb\n"],
  ] as const;

  it.each(exact)("[PR-60] gives back exactly the bytes that were written: %s %j", (kind, text) => {
    const project = newProject();
    const blobs = new MemoryBlobStore();
    const bytes = encodeUtf8(text);
    const file = project.writePath("d/f", bytes, blobs);
    expect(file.kind).toBe(kind);
    expect(file.size).toBe(bytes.length);
    expect(project.readBytes(file.id, blobs)).toEqual(bytes);
    // And over any other content.
    for (const [, before] of exact) {
      project.writeBytes(file.id, encodeUtf8(before), blobs);
      project.writeBytes(file.id, bytes, blobs);
      expect(project.readBytes(file.id, blobs)).toEqual(bytes);
      expect(project.entry(file.id)?.size).toBe(bytes.length);
    }
  });

  it("[PR-61] keeps what is no text as bytes", () => {
    const project = newProject();
    const blobs = new MemoryBlobStore();
    const kind = (path: string, bytes: Uint8Array): string => project.writePath(path, bytes, blobs).kind;
    expect(kind("latin1", new Uint8Array([0xe9]))).toBe("bytes");
    expect(kind("big", new Uint8Array(1024 * 1024).fill(97))).toBe("text");
    expect(kind("bigger", new Uint8Array(1024 * 1024 + 1).fill(97))).toBe("bytes");
    expect(kind(".git/HEAD", encodeUtf8("ref: refs/heads/main\n"))).toBe("bytes");
    expect(kind("sub/.git/config", encodeUtf8("[core]\n"))).toBe("bytes");
    expect(kind(".gitignore", encodeUtf8("*.o\n"))).toBe("text");
    expect(kind("n.nb.md", encodeUtf8("# Hi\n"))).toBe("notebook");
    expect(kind(".nb.md", encodeUtf8("# Hi\n"))).toBe("text");
  });

  it("[PR-62] stores new text as bytes when the project's texts are full", () => {
    const project = newProject();
    const blobs = new MemoryBlobStore();
    const megabyte = new Uint8Array(1024 * 1024).fill(97);
    for (let index = 0; index < 32; index++)
      expect(project.writePath(`t${index}`, megabyte, blobs).kind).toBe("text");
    expect(project.writePath("t32", megabyte, blobs).kind).toBe("bytes");
    expect(() => project.createText(rootId, "t33", "x")).toThrow("EDQUOT");
    expect(content(project, "t32", blobs)).toHaveLength(megabyte.length);
  });

  it("[PR-63] edits a text in place; after bytes it is the same Y.Text where it says the same", () => {
    const project = newProject();
    const blobs = new MemoryBlobStore();
    const file = project.writePath("f", encodeUtf8("one\ntwo\n"), blobs);
    const text = project.text(file.id);
    if (text === undefined) throw new Error("no text");
    const cursor = Y.createRelativePositionFromTypeIndex(text, 4);
    project.writeBytes(file.id, encodeUtf8("zero\none\ntwo\n"), blobs);
    project.writeBytes(file.id, new Uint8Array([0]), blobs);
    expect(project.text(file.id)).toBeUndefined();
    project.writeBytes(file.id, encodeUtf8("zero\none\ntwo\n"), blobs);
    expect(project.text(file.id)).toBe(text);
    expect(Y.createAbsolutePositionFromRelativePosition(cursor, project.doc)?.index).toBe(9);
    project.writeBytes(file.id, new Uint8Array([0]), blobs);
    project.writeBytes(file.id, encodeUtf8("zero\none\ntwo!\n"), blobs);
    expect(project.text(file.id)?.toJSON()).toBe("zero\none\ntwo!\n");
    expect(project.entry(file.id)?.id).toBe(file.id);
  });

  it("[PR-45] commits a working copy over a colleague's edits", () => {
    const [ana, ben] = [newProject(), newProject()];
    const blobs = new MemoryBlobStore();
    const file = ana.writePath("f", encodeUtf8("one\ntwo\nthree\n"), blobs);
    sync(ana, ben);
    const text = ana.text(file.id);
    if (text === undefined) throw new Error("no text");
    const base = new TextBase(text);
    ben.text(file.id)?.insert(4, "added by Ben\n");
    sync(ana, ben);
    ana.writeBytes(file.id, encodeUtf8("one\ntwo\nthree, by Ana\n"), blobs, base);
    sync(ana, ben);
    expect(content(ben, "f")).toBe("one\nadded by Ben\ntwo\nthree, by Ana\n");
    base.dispose();
  });

  it("[PR-64] keeps the bytes that a concurrent write would lose", () => {
    const [ana, ben] = [newProject(), newProject()];
    const blobs = new MemoryBlobStore();
    const file = ana.writePath("f", new Uint8Array([0, 1]), blobs);
    sync(ana, ben);
    ana.writeBytes(file.id, new Uint8Array([0, 2]), blobs);
    ben.writeBytes(file.id, new Uint8Array([0, 3]), blobs);
    sync(ana, ben);
    expect(ana.blob(file.id)).toEqual(ben.blob(file.id));
    const old = ana.history(file.id).map((blob) => blobs.get(blob)[1]);
    const now = blobs.get(ana.blob(file.id) ?? { hash: "", size: 0 })[1];
    expect([...old, now].sort((a = 0, b = 0) => a - b)).toEqual([1, 2, 3]);
    for (let index = 0; index < 30; index++) ana.writeBytes(file.id, new Uint8Array([0, 10 + index]), blobs);
    expect(ana.history(file.id)).toHaveLength(8);
  });

  it("[PR-65] makes a notebook of a file that is named as one, and back", () => {
    const project = newProject();
    const blobs = new MemoryBlobStore();
    const markdown = "# Title\n\n```sh\necho hi\n```\n";
    const file = project.writePath("a.md", encodeUtf8(markdown), blobs);
    project.move(file.id, rootId, "a.nb.md");
    expect(project.notebook(file.id)?.cells).toHaveLength(2);
    expect(content(project, "a.nb.md")).toBe(markdown);
    project.notebook(file.id)?.cells[1]?.source?.insert(0, "time ");
    project.move(file.id, rootId, "b.md");
    expect(content(project, "b.md")).toContain("time echo hi");
    expect(project.text(file.id)?.toJSON()).toBe(markdown.replace("echo", "time echo"));
    project.move(file.id, rootId, "c.nb.md");
    expect(content(project, "c.nb.md")).toContain("time echo hi");
  });

  it("keeps links and extended attributes", () => {
    const project = newProject();
    const link = project.symlink(rootId, "l", "to/żółw");
    expect(link).toMatchObject({ kind: "symlink", size: 10, mode: 0o777 });
    expect(project.target(link.id)).toBe("to/żółw");
    project.setXattr(link.id, "user.a", new Uint8Array([1]));
    expect([...project.xattrs(link.id)]).toEqual([["user.a", new Uint8Array([1])]]);
    project.setXattr(link.id, "user.a", undefined);
    expect(project.xattrs(link.id).size).toBe(0);
    expect(() => project.setXattr(link.id, "user.a", undefined)).toThrow("ENODATA");
    expect(() => project.setXattr(link.id, "user.big", new Uint8Array(5000))).toThrow("ENOSPC");
    expect(() => project.readBytes(link.id, new MemoryBlobStore())).toThrow("ELOOP");
    expect(() => project.readBytes(rootId, new MemoryBlobStore())).toThrow("EISDIR");
  });
});

describe("the document", () => {
  it("[PR-70] is seeded once", () => {
    const doc = new Y.Doc();
    const project = newProject(doc);
    const seed = { epoch: "e1", name: "First", created: 5 };
    expect(seedProject(doc, seed, () => void project.createText(rootId, "hello"))).toBe(true);
    expect(seedProject(doc, { ...seed, epoch: "e2" }, () => void project.createText(rootId, "again"))).toBe(
      false,
    );
    expect(readMeta(doc)).toEqual(seed);
    expect(paths(project)).toEqual(["hello"]);
  });

  it("[PR-73] has a name that is read and written on one line, bounded", () => {
    const doc = new Y.Doc();
    const seen: string[] = [];
    const end = onMeta(doc, ({ name }) => seen.push(name));
    expect(renameProject(doc, "  My\n project ")).toBe(true);
    expect(renameProject(doc, " \u0000 ")).toBe(false);
    doc.getMap("meta").set("name", `a ${"👩‍💻".repeat(1000)}`);
    end();
    renameProject(doc, "unheard");
    expect(seen).toEqual(["My project", `a ${"👩‍💻".repeat(32)}👩‍`]);
  });

  it("[PR-12] leaves alone what it does not understand", () => {
    const doc = new Y.Doc();
    const project = newProject(doc);
    const nodes = nodesOf(doc);
    nodes.set("junk", new Y.Map());
    doc.getMap("nodes").set("number", 7);
    const strange = new Y.Map<unknown>([
      ["at", ["root", "strange"]],
      ["kind", "portal"],
    ]);
    nodes.set("strange", strange);
    const bare = new Y.Map<unknown>([
      ["at", ["root", "bare"]],
      ["kind", "bytes"],
      ["blob", { hash: "no", size: -1 }],
    ]);
    nodes.set("bare", bare);
    expect(paths(project)).toEqual(["bare"]);
    expect(content(project, "bare")).toBe("");
  });

  it("loads what a replica loads at once and bit by bit the same", () => {
    const [ana, ben] = [newProject(), newProject()];
    ana.doc.on("update", (update: Uint8Array) => Y.applyUpdate(ben.doc, update));
    const d = ana.mkdir(rootId, "d");
    ana.createText(d.id, "x", "1");
    ana.trash(d.id);
    ana.restore(d.id);
    const late = newProject();
    Y.applyUpdate(late.doc, Y.encodeStateAsUpdate(ana.doc));
    const opened = newProject(late.doc);
    for (const each of [ben, late, opened]) expect(paths(each)).toEqual(["d/", "d/x"]);
  });
});
