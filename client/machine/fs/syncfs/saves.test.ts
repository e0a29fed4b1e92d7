// What becomes of a file that a program replaces while colleagues type in it (SPEC.md sections 2, 6 and 7).

import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import { neverInterrupted } from "#test/contracts/fs.ts";
import { newActor, newCaller, Program } from "#test/harness/program.ts";
import { openFlag } from "../fs.ts";
import { SyncFs } from "./sync-fs.ts";

const { readOnly, readWrite } = openFlag;
/** Longer than the moment in which a removed file returns. */
const later = 60_000;

let now = 1_700_000_000_000;
let project: Project;
let sync: SyncFs;
let blobs: MemoryBlobStore;

beforeEach(() => {
  blobs = new MemoryBlobStore();
  project = new Project(new Y.Doc(), { now: () => now });
  sync = new SyncFs({
    project,
    blobs,
    now: () => now,
    schedule: () => () => undefined,
    person: () => ({ name: "Ana", id: "ana" }),
  });
});

function idOf(path: string): string {
  const entry = project.resolve(path);
  if (entry === undefined) throw new Error(`${path} is not in the project`);
  return entry.id;
}

function textOf(path: string): Y.Text {
  const text = project.text(idOf(path));
  if (text === undefined) throw new Error(`${path} is no text`);
  return text;
}

/** A colleague types at the beginning of a line. */
function type(text: Y.Text, line: string, typed: string): void {
  text.insert(text.toJSON().indexOf(line), typed);
}

function trash(): string[] {
  return project.trashed().map(({ path, by }) => `${path} by ${by ?? "nobody"}`);
}

const program = (caller = newCaller()): Program => new Program(sync, caller);

describe("the base of a save", () => {
  const text = "one\ntwo\nthree\n";
  const edited = "one\n2\nthree\n";
  const typed = "one\n2\nTYPED three\n";

  /** Somebody has read the file, then a colleague types. */
  async function readAndTyped(reader: Program): Promise<void> {
    project.createText(rootId, "f", text);
    expect(await reader.cat("f")).toBe(text);
    type(textOf("f"), "three", "TYPED ");
  }

  it("[SY-60] is what the process has read, however it writes", async () => {
    const ways: ((each: Program) => Promise<void>)[] = [
      (each) => each.rewrite("f", edited),
      (each) => each.replace("f", edited),
      (each) => each.remake("f", edited),
      (each) => each.saveWithBackup("f", edited),
    ];
    for (const way of ways) {
      const each = program();
      await readAndTyped(each);
      const id = idOf("f");
      await way(each);
      expect(textOf("f").toJSON()).toBe(typed);
      expect(idOf("f")).toBe(id);
      expect(await each.cat("f")).toBe(typed);
      project.discard(id);
    }
    expect(trash()).toEqual([]);
  });

  it("[SY-61] of a patch in place is what its descriptor has read", async () => {
    project.createText(rootId, "f", text);
    await program().patch(
      "f",
      () => edited,
      () => type(textOf("f"), "three", "TYPED "),
    );
    expect(textOf("f").toJSON()).toBe(typed);
    // One that goes to the end appends, wherever that is.
    const file = await program().open("f", readWrite);
    await file.read(0, 100, neverInterrupted);
    textOf("f").delete(0, 4);
    await file.write(textOf("f").length, new Uint8Array([0x21]), neverInterrupted);
    await file.close();
    expect(textOf("f").toJSON()).toBe("2\nTYPED three\n!");
  });

  it("[SY-60] is what a process of its group has read, before what others have", async () => {
    const group = newActor();
    const reader = program(newCaller(group));
    await readAndTyped(reader);
    // Somebody else in the machine has seen more.
    await program().cat("f");
    await program(newCaller(group)).rewrite("f", edited);
    expect(textOf("f").toJSON()).toBe(typed);
  });

  it("[SY-60] is what the writer of a temporary file has read, whoever renames it", async () => {
    const session = newActor();
    const sed = program(newCaller(newActor(), session));
    await readAndTyped(sed);
    await sed.write("f.new", edited);
    await program().cat("f");
    await program(newCaller(newActor(), session)).rename("f.new", "f");
    expect(textOf("f").toJSON()).toBe(typed);
  });

  it("[SY-62] is what the machine has shown last, for a program that has read nothing", async () => {
    await readAndTyped(program());
    await program().rewrite("f", "new\n");
    expect(textOf("f").toJSON()).toContain("TYPED ");
    expect(textOf("f").toJSON().replace("TYPED ", "")).toBe("new\n");
    // Without anything shown, what is there.
    project.createText(rootId, "g", text);
    await program().rewrite("g", "new\n");
    expect(textOf("g").toJSON()).toBe("new\n");
  });

  it("[SY-63] is what the process wrote itself, not what was merged into it", async () => {
    const nano = program();
    await readAndTyped(nano);
    await nano.rewrite("f", edited);
    expect(textOf("f").toJSON()).toBe(typed);
    await nano.rewrite("f", "one\n2\nthree\nfour\n");
    expect(textOf("f").toJSON()).toBe("one\n2\nTYPED three\nfour\n");
    // Until it reads again.
    expect(await nano.cat("f")).toBe("one\n2\nTYPED three\nfour\n");
    await nano.rewrite("f", "one\n2\nthree\nfour\n");
    expect(textOf("f").toJSON()).toBe("one\n2\nthree\nfour\n");
  });

  it("[SY-63] knows what the process appended", async () => {
    const each = program();
    await readAndTyped(each);
    await each.append("f", "four\n");
    await each.rewrite("f", `${text}four\nfive\n`);
    expect(textOf("f").toJSON()).toBe("one\ntwo\nTYPED three\nfour\nfive\n");
  });

  it("[SY-60] lets a program delete what it has seen a colleague type", async () => {
    const each = program();
    await readAndTyped(each);
    await each.cat("f");
    await each.rewrite("f", edited);
    expect(textOf("f").toJSON()).toBe(edited);
  });

  it("[SY-64] is not what an editor has read only to keep a backup of it", async () => {
    const vim = program();
    await readAndTyped(vim);
    await vim.write("f~", await vim.cat("f"));
    await vim.rewrite("f", edited);
    expect(textOf("f").toJSON()).toBe(typed);
    // A program that goes by what it copied keeps that.
    const script = program();
    await script.cat("f");
    type(textOf("f"), "one", "MORE ");
    const seen = await script.cat("f");
    await script.write("f.orig", seen);
    await script.rewrite("f", `${seen}end\n`);
    expect(textOf("f").toJSON()).toBe("MORE one\n2\nTYPED three\nend\n");
  });

  it("[SY-60] of a notebook is the print that was read", async () => {
    const source = "# Title\n\n```python\na = 1\n```\n\n```python\nb = 2\n```\n";
    project.createNotebook(rootId, "n", source);
    const notebook = project.notebook(idOf("n.nb.md"));
    const each = program();
    const read = await each.cat("n.nb.md");
    const [, first] = notebook?.cells ?? [];
    first?.source?.insert(0, "# typed\n");
    await each.replace("n.nb.md", read.replace("b = 2", "b = 3"));
    expect(notebook?.cells.map((cell) => cell.code)).toEqual(["", "# typed\na = 1", "b = 3"]);
  });

  it("[SY-18] a colleague's edit does not tear what is read in pieces", async () => {
    project.createText(rootId, "f", text);
    const each = program();
    const file = await each.open("f", readOnly);
    const piece = async (offset: number): Promise<string> =>
      decodeUtf8Lossy(await file.read(offset, 6, neverInterrupted));
    expect(await piece(0)).toBe("one\ntw");
    textOf("f").insert(0, "TYPED\n");
    expect(await piece(6)).toBe("o\nthre");
    expect(await piece(12)).toBe("e\n");
    expect(await piece(14)).toBe("");
    await file.close();
    // What it wrote from that is merged.
    await each.rewrite("f", edited);
    expect(textOf("f").toJSON()).toBe("TYPED\none\n2\nthree\n");
  });
});

describe("a name that returns", () => {
  const text = "one\ntwo\nthree\n";

  it("[SY-70] means the same file, within a moment whoever makes it", async () => {
    project.createText(rootId, "f", text);
    const [id, shared] = [idOf("f"), textOf("f")];
    const before = await program().find("f");
    await program().remove("f");
    expect(project.resolve("f")).toBeUndefined();
    expect(trash()).toEqual(["f by Ana"]);
    // Typed by somebody whose tab has not noticed.
    type(shared, "two", "TYPED ");
    await program().write("f", "one\ntwo\n3\n");
    expect(idOf("f")).toBe(id);
    expect(textOf("f")).toBe(shared);
    expect(shared.toJSON()).toBe("one\nTYPED two\n3\n");
    expect(trash()).toEqual([]);
    const after = await program().find("f");
    expect(after.ino).not.toBe(before.ino);
    expect(after.size).toBe(shared.length);
  });

  it("[SY-70] means the same file, by the same process or group however long it takes", async () => {
    const group = newActor();
    for (const [remover, maker] of [
      [newCaller(group), newCaller(group)],
      Array.from({ length: 2 }).fill(newCaller()) as ReturnType<typeof newCaller>[],
    ] as const) {
      const { id } = project.createText(rootId, "f", text);
      await program(remover).remove("f");
      now += later;
      await program(maker).write("f", "new\n");
      expect(idOf("f")).toBe(id);
      project.discard(id);
    }
  });

  it("[SY-70] is nothing but a rename where a new file goes away and comes back itself", async () => {
    const shell = program();
    await shell.write("f", text);
    const id = idOf("f");
    await shell.rename("f", "g");
    await shell.rename("g", "f");
    expect(idOf("f")).toBe(id);
    expect(project.names(rootId).size).toBe(1);
    expect(await shell.cat("f")).toBe(text);
    expect(trash()).toEqual([]);
  });

  it("[SY-71] means another file much later, by somebody else, in the next cell, or to another person", async () => {
    const group = newActor();
    const cases: [ReturnType<typeof newCaller>, () => void, ReturnType<typeof newCaller>][] = [
      [newCaller(), () => (now += later), newCaller()],
      [
        newCaller(group),
        () => {
          now += later;
          group.run++;
        },
        newCaller(group),
      ],
    ];
    for (const [remover, wait, maker] of cases) {
      const { id } = project.createText(rootId, "f", text);
      await program(remover).remove("f");
      wait();
      await program(maker).write("f", "another\n");
      expect(idOf("f")).not.toBe(id);
      expect(trash()).toEqual(["f by Ana"]);
      project.discard(idOf("f"));
      project.discard(id);
    }
    const { id } = project.createText(rootId, "f", text);
    await program().remove("f");
    project.createText(rootId, "f", "by a person\n");
    expect(idOf("f")).not.toBe(id);
    expect(trash()).toEqual(["f by Ana"]);
  });

  it("[SY-72] means the same file at any time where the content is the same", async () => {
    project.createText(rootId, "f", text);
    project.createBytes(rootId, "b", blobs.put(new Uint8Array([0, 255])));
    const ids = [idOf("f"), idOf("b")];
    const first = program();
    await first.remove("f");
    await first.remove("b");
    now += later;
    const second = program();
    const made = await second.write("f", text);
    await second.write("b", new Uint8Array([0, 255]));
    expect([idOf("f"), idOf("b")]).toEqual(ids);
    expect((await second.find("f")).ino).toBe(made.ino);
    expect(trash()).toEqual([]);
    expect(project.nodeCount).toBe(2);
  });

  it("[SY-73] means the same file to git, which has the old one in its history", async () => {
    const checkout = async (content: string | undefined): Promise<void> => {
      const git = program();
      await git.write(".git/index.lock", "lock");
      if (content === undefined) await git.remove("f");
      else await git.write("f", content);
      await git.rename(".git/index.lock", ".git/index");
      now += later;
    };
    await program().mkdir(".git");
    await program().write("f", text);
    const [id, shared] = [idOf("f"), textOf("f")];
    await checkout(undefined);
    type(shared, "two", "TYPED ");
    await checkout("one\ntwo\n3\n");
    expect(idOf("f")).toBe(id);
    expect(shared.toJSON()).toBe("one\nTYPED two\n3\n");
  });

  it("[SY-74] brings directories back with what is made in them again", async () => {
    const shell = program();
    await shell.mkdir("d");
    await shell.mkdir("d/e");
    await shell.write("d/e/f", text);
    await shell.write("d/g", text);
    const ids = ["d", "d/e", "d/e/f"].map(idOf);
    for (const file of ["d/e/f", "d/g"]) await shell.remove(file);
    for (const directory of ["d/e", "d"]) await shell.remove(directory, true);
    expect(project.children(rootId)).toEqual([]);
    await shell.mkdir("d", 0o700);
    await shell.mkdir("d/e");
    await shell.write("d/e/f", "new\n");
    expect(["d", "d/e", "d/e/f"].map(idOf)).toEqual(ids);
    expect(project.resolve("d")?.mode).toBe(0o700);
    expect(await shell.list("d")).toEqual(["e"]);
    expect(trash()).toEqual(["d/g by Ana"]);
  });

  it("[SY-75] keeps what is open of the removed file as it was", async () => {
    project.createText(rootId, "f", text);
    const perl = program();
    const old = await perl.open("f", readOnly);
    const { ino } = await perl.find("f");
    await perl.remove("f");
    await perl.write("f", "");
    const fresh = await perl.open("f", readWrite);
    expect((await perl.fs.getattr(ino)).size).toBe(text.length);
    const lines = decodeUtf8Lossy(await old.read(0, 1000, neverInterrupted));
    expect(lines).toBe(text);
    await fresh.write(0, new TextEncoder().encode(lines.toUpperCase()), neverInterrupted);
    expect(decodeUtf8Lossy(await old.read(0, 1000, neverInterrupted))).toBe(text);
    await old.close();
    await fresh.close();
    expect(textOf("f").toJSON()).toBe(text.toUpperCase());
  });

  it("[SY-76] takes a temporary file that is renamed to it, and no file that has a life of its own", async () => {
    project.createText(rootId, "f", text);
    project.createText(rootId, "old", "other\n");
    const [id, other] = [idOf("f"), idOf("old")];
    const shell = program();
    await shell.write("f.new", "one\ntwo\n");
    await shell.remove("f");
    await shell.rename("f.new", "f");
    expect(idOf("f")).toBe(id);
    expect(trash()).toEqual([]);
    await shell.remove("f");
    await shell.rename("old", "f");
    expect(idOf("f")).toBe(other);
    expect(trash()).toEqual(["f by Ana"]);
    // Two that change names are renamed, and nothing else.
    const { id: second } = project.createText(rootId, "g", text);
    for (const [from, to] of [
      ["f", "t"],
      ["g", "f"],
      ["t", "g"],
    ] as const)
      await shell.rename(from, to);
    expect([idOf("f"), idOf("g")]).toEqual([second, other]);
  });

  it("[SY-24] takes back the name that a program gave its backup, and leaves what is open with the backup", async () => {
    for (const backup of ["f.orig", "before"]) {
      const { id } = project.createText(rootId, "f", text);
      const perl = program();
      const old = await perl.open("f", readOnly);
      await perl.rename("f", backup);
      await perl.write("f", "new\n");
      expect(idOf("f")).toBe(id);
      expect(decodeUtf8Lossy(await old.read(0, 1000, neverInterrupted))).toBe(text);
      expect(await perl.cat(backup)).toBe(text);
      await old.close();
      expect(textOf("f").toJSON()).toBe("new\n");
      // sed -i.bak: the new content comes by a rename.
      await perl.write("sedXYZ", "newer\n");
      await perl.rename("f", `${backup}2`);
      await perl.rename("sedXYZ", "f");
      expect(idOf("f")).toBe(id);
      expect(textOf("f").toJSON()).toBe("newer\n");
      for (const { id: each } of project.children(rootId)) project.discard(each);
    }
  });

  it("[SY-77] changes a link in place", async () => {
    const shell = program();
    await shell.fs.symlink?.(1, "l", "one");
    const id = idOf("l");
    await shell.fs.symlink?.(1, "Cu123", "two");
    await shell.rename("Cu123", "l");
    expect([idOf("l"), project.target(id)]).toEqual([id, "two"]);
    await shell.remove("l");
    await shell.fs.symlink?.(1, "l", "three");
    expect([idOf("l"), project.target(id)]).toEqual([id, "three"]);
    expect(project.nodeCount).toBe(1);
  });

  it("[SY-70] becomes bytes or text again, and keeps the runs of a notebook's cells", async () => {
    project.createText(rootId, "f", text);
    const shared = textOf("f");
    await program().remake("f", "\0\0");
    expect(project.resolve("f")?.kind).toBe("bytes");
    await program().remake("f", text);
    expect(textOf("f")).toBe(shared);
    project.createNotebook(rootId, "n", "```sh\ndate\n```\n");
    const cell = project.notebook(idOf("n.nb.md"))?.cells[0];
    const run = cell?.map.get("runs");
    await program().remake("n.nb.md", "# New\n\n```sh\ndate\n```\n");
    const [, same] = project.notebook(idOf("n.nb.md"))?.cells ?? [];
    expect(same?.id).toBe(cell?.id);
    expect(same?.map.get("runs")).toBe(run);
  });
});
