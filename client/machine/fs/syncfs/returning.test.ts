// Files that return through a renamed directory, another machine's git, or a copy that was read instead of them; and
// what programs make for a moment only (SPEC.md sections 2, 6 and 7).

import { beforeEach, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import { neverInterrupted } from "#test/contracts/fs.ts";
import { newActor, newCaller, Program } from "#test/harness/program.ts";
import { openFlag } from "../fs.ts";
import { SyncFs } from "./sync-fs.ts";

/** Longer than the moment in which a removed file returns. */
const later = 60_000;

const text = "one\ntwo\nthree\n";
const edited = "one\n2\nthree\n";
const both = "one\n2\nTYPED three\n";

let now = 1_700_000_000_000;
let project: Project;
let blobs: MemoryBlobStore;
let sync: SyncFs;
/** Work that waits for its time. */
let waiting: (() => void)[];

beforeEach(() => {
  blobs = new MemoryBlobStore();
  project = new Project(new Y.Doc(), { now: () => now });
  waiting = [];
  sync = machine();
});

/** One more machine with the same project, or the same one after a reload of the page. */
function machine(owner = "ana"): SyncFs {
  const schedule = (_milliseconds: number, work: () => void) => {
    waiting.push(work);
    return () => void (waiting = waiting.filter((each) => each !== work));
  };
  return new SyncFs({ project, blobs, now: () => now, schedule, person: () => ({ name: "Ana", id: owner }) });
}

const program = (caller = newCaller(), on = sync): Program => new Program(on, caller);

function idOf(path: string): string {
  const entry = project.resolve(path);
  if (entry === undefined) throw new Error(`${path} is not in the project`);
  return entry.id;
}

function textOf(path: string): Y.Text {
  const found = project.text(idOf(path));
  if (found === undefined) throw new Error(`${path} is no text`);
  return found;
}

function type(shared: Y.Text): void {
  shared.insert(shared.toJSON().indexOf("three"), "TYPED ");
}

function trash(): string[] {
  return project.trashed().map(({ path }) => path);
}

function passTime(): void {
  now += later;
  for (const work of waiting.splice(0)) work();
}

/** A directory with a file that the program has read and a colleague has typed in since. */
async function readAndTyped(shell: Program): Promise<Y.Text> {
  await program().mkdir("d");
  await program().mkdir("d/e");
  await program().write("d/e/f", text);
  await shell.cat("d/e/f");
  const shared = textOf("d/e/f");
  type(shared);
  return shared;
}

it("[SY-24] a directory that is renamed away and made anew has the files that it had", async () => {
  const shell = program();
  const shared = await readAndTyped(shell);
  const id = idOf("d/e/f");
  await shell.rename("d", "d.old");
  await shell.mkdir("d");
  await shell.mkdir("d/e");
  await shell.write("d/e/f", edited);
  expect(idOf("d/e/f")).toBe(id);
  expect(shared.toJSON()).toBe(both);
  expect(await shell.cat("d.old/e/f")).toBe("one\ntwo\nTYPED three\n");
  expect(idOf("d.old/e/f")).not.toBe(id);
});

it("[SY-76] a directory that was just made takes the place of one that is renamed or removed", async () => {
  for (const how of ["renamed", "removed"]) {
    const shell = program();
    const shared = await readAndTyped(shell);
    const id = idOf("d/e/f");
    await shell.mkdir("new");
    await shell.mkdir("new/e");
    await shell.write("new/e/f", edited);
    await shell.write("new/e/g", "more\n");
    const { ino } = await shell.find("new/e/f");
    if (how === "renamed") await shell.rename("d", "d.old");
    else {
      await shell.remove("d/e/f");
      await shell.remove("d/e", true);
      await shell.remove("d", true);
    }
    await shell.rename("new", "d");
    expect(idOf("d/e/f")).toBe(id);
    expect(shared.toJSON()).toBe(both);
    expect(await shell.list("d/e")).toEqual(["f", "g"]);
    // As the guest's kernel knows it.
    expect((await shell.find("d/e/f")).ino).toBe(ino);
    for (const { id: each } of project.children(rootId)) project.trash(each);
    passTime();
  }
});

it("[SY-76] a directory with a life of its own is just renamed", async () => {
  const shell = program();
  await readAndTyped(shell);
  const id = idOf("d/e/f");
  await program().mkdir("other");
  await program().write("other/f", edited);
  const other = idOf("other/f");
  now += later;
  await shell.rename("d", "away");
  await shell.rename("other", "d");
  expect(idOf("d/f")).toBe(other);
  expect(idOf("away/e/f")).toBe(id);
});

it("[SY-79] another machine's git brings back what a git has removed, and so does one after a reload", async () => {
  const checkout = async (files: Record<string, string | undefined>, on: SyncFs): Promise<void> => {
    const git = program(newCaller(), on);
    await git.write(".git/index.lock", "lock");
    for (const [path, content] of Object.entries(files)) {
      if (content !== undefined) await git.write(path, content);
      else await git.remove(path);
    }
    if (files["d/f"] === undefined) await git.remove("d", true);
    await git.rename(".git/index.lock", ".git/index");
    now += later;
  };
  const source = "```sh\ndate\n```\n";
  await program().mkdir(".git");
  await program().mkdir("d");
  await program().write("d/f", text);
  await program().write("n.nb.md", source);
  const ids = ["d", "d/f", "n.nb.md"].map(idOf);
  const cells = project.notebook(idOf("n.nb.md"))?.cells.map(({ id }) => id);
  await checkout({ "d/f": undefined, "n.nb.md": undefined }, sync);
  expect(project.resolve("d")).toBeUndefined();
  const reloaded = machine();
  const git = program(newCaller(), reloaded);
  await git.write(".git/index.lock", "lock");
  await git.mkdir("d");
  await git.write("d/f", edited);
  await git.write("n.nb.md", source);
  expect(["d", "d/f", "n.nb.md"].map(idOf)).toEqual(ids);
  expect(textOf("d/f").toJSON()).toBe(edited);
  expect(project.notebook(idOf("n.nb.md"))?.cells.map(({ id }) => id)).toEqual(cells);
  expect(trash()).toEqual([]);
  await git.rename(".git/index.lock", ".git/index");
  // What somebody typed after it was removed is not to be overwritten unseen.
  await checkout({ "d/f": undefined }, reloaded);
  const typed = project.text(ids[1] ?? "");
  if (typed !== undefined) type(typed);
  const third = program(newCaller(), machine());
  await third.write(".git/index.lock", "lock");
  await third.mkdir("d");
  await third.write("d/f", text);
  expect(idOf("d/f")).not.toBe(ids[1]);
  expect(trash()).toEqual(["d/f"]);
});

it("[SY-80] what a program removed before its page was loaded anew returns to the same person's programs", async () => {
  const again = async (path: string, owner: string, wait: number, meanwhile?: (shared: Y.Text) => void) => {
    await program().mkdir(path);
    await program().write(`${path}/f`, text);
    const ids = [path, `${path}/f`].map(idOf);
    const shared = textOf(`${path}/f`);
    await program().remove(`${path}/f`);
    await program().remove(path, true);
    meanwhile?.(shared);
    now += 1000;
    const next = program(newCaller(), machine(owner));
    now += wait;
    await next.mkdir(path);
    await next.write(`${path}/f`, edited);
    return ids.map((id) => project.stat(id)?.visible);
  };
  expect(await again("own", "ana", 10_000)).toEqual([true, true]);
  expect(textOf("own/f").toJSON()).toBe(edited);
  expect(trash()).toEqual([]);
  expect(await again("another's", "ben", 10_000)).toEqual([false, false]);
  expect(await again("late", "ana", 70_000)).toEqual([false, false]);
  // Nobody knows which version the new content was made from.
  expect(await again("typed", "ana", 10_000, type)).toEqual([true, false]);
});

it("[SY-80] what a person has deleted, or a program of a machine that goes on, is another file", async () => {
  await program().write("f", text);
  await program().write("g", text);
  project.trash(idOf("f"), "Ana");
  now += 1;
  const next = machine();
  await program(newCaller(), next).write("f", edited);
  await program().remove("g");
  now += 10_000;
  await program().write("g", edited);
  expect(trash().sort()).toEqual(["f", "g"]);
});

it("[SY-79] what a person or another program has deleted stays deleted, whatever a git makes", async () => {
  await program().mkdir(".git");
  await program().write("f", text);
  await program().write("g", text);
  project.trash(idOf("f"), "Ben");
  await program().remove("g");
  const git = program(newCaller(), machine());
  await git.write(".git/index.lock", "lock");
  await git.write("f", "another\n");
  await git.write("g", "another\n");
  expect(trash().sort()).toEqual(["f", "g"]);
});

it("[SY-70] a file that was renamed and then removed returns under its first name", async () => {
  project.createText(rootId, "f", text);
  const [id, shared] = [idOf("f"), textOf("f")];
  const shell = program();
  await shell.cat("f");
  type(shared);
  await shell.rename("f", "g");
  await shell.remove("g");
  await shell.write("f", edited);
  expect(idOf("f")).toBe(id);
  expect(shared.toJSON()).toBe(both);
  expect(trash()).toEqual([]);
});

it("[SY-64] a program that reads the backup, or the removed file, goes by that", async () => {
  for (const how of ["backup", "removed"]) {
    project.createText(rootId, "f", text);
    const session = newActor();
    await program(newCaller(newActor(), session)).cat("f");
    type(textOf("f"));
    const script = program(newCaller(newActor(), session));
    const descriptor = await script.open("f", openFlag.readOnly);
    if (how === "backup") await script.rename("f", "f.bak");
    else await script.remove("f");
    const { file: fresh } = await script.fs.create(1, "f", openFlag.writeOnly, 0o644);
    const read = decodeUtf8Lossy(await descriptor.read(0, 1000, neverInterrupted));
    await fresh.write(0, encodeUtf8(read.replace("two", "2")), neverInterrupted);
    await fresh.close();
    await descriptor.close();
    expect(textOf("f").toJSON()).toBe(both);
    for (const { id } of project.children(rootId)) project.discard(id);
  }
});

it("[SY-61] what is written back of a mapping goes by what was read", async () => {
  for (const caller of [newCaller(), undefined]) {
    project.createText(rootId, "f", text);
    const reader = caller ?? newCaller();
    await program(reader).cat("f");
    type(textOf("f"));
    // By a descriptor of the kernel's own, for the process or for nobody.
    const fs = caller === undefined ? sync : program(caller).fs;
    const file = await fs.open((await fs.lookup(1, "f")).ino, openFlag.readWrite);
    await file.write(0, encodeUtf8("one\nTWO\nthree\n"), neverInterrupted);
    await file.close();
    expect(textOf("f").toJSON()).toBe("one\nTWO\nTYPED three\n");
    project.discard(idOf("f"));
  }
});

it("[SY-61] a file is cut where its reader knows the place", async () => {
  project.createText(rootId, "f", text);
  const each = program();
  await each.cat("f");
  type(textOf("f"));
  const file = await each.open("f", openFlag.readWrite);
  await each.fs.setattr((await each.find("f")).ino, { size: 8 });
  await file.close();
  expect(textOf("f").toJSON()).toBe("one\ntwo\nTYPED ");
  // Who knows nothing of it cuts what is there.
  await program().fs.setattr((await each.find("f")).ino, { size: 4 });
  expect(textOf("f").toJSON()).toBe("one\n");
});

it("[SY-61] a patch by a process that has read nothing starts from what its group has read", async () => {
  project.createText(rootId, "f", text);
  const group = newActor();
  const patcher = (): Program => program(newCaller(group));
  await patcher().cat("f");
  textOf("f").insert(0, "TYPED\n");
  const file = await patcher().open("f", openFlag.writeOnly);
  await file.write(4, encodeUtf8("TWO"), neverInterrupted);
  await file.close();
  expect(textOf("f").toJSON()).toBe("TYPED\none\nTWO\nthree\n");
  // At what is its end now, and beyond what they have read, it is the file as it is.
  const end = await patcher().open("f", openFlag.writeOnly);
  await end.write(20, encodeUtf8("end\n"), neverInterrupted);
  await end.close();
  // So it is with a size, and for another group.
  await patcher().fs.setattr((await patcher().find("f")).ino, { size: 22 });
  const other = await program().open("f", openFlag.writeOnly);
  await other.write(0, encodeUtf8("typed"), neverInterrupted);
  await other.close();
  expect(textOf("f").toJSON()).toBe("typed\none\nTWO\nthree\nen");
});

it("[SY-26] a backup that is still read leaves the trash when that is over", async () => {
  project.createText(rootId, "f", text);
  const perl = newCaller();
  await program(perl).rename("f", "f.bak");
  await program(perl).write("f", edited);
  const reading = await program(perl).open("f.bak", openFlag.readOnly);
  await program(perl).remove("f.bak");
  expect(decodeUtf8Lossy(await reading.read(0, 1000, neverInterrupted))).toBe(text);
  await reading.close();
  perl.process.ended = true;
  passTime();
  expect(trash()).toEqual([]);
  expect(project.nodeCount).toBe(1);
});

it("[SY-26] a process' own temporary file leaves the trash, once it cannot return", async () => {
  const vim = newCaller();
  await program(vim).write(".f.tmp", "\0");
  await program(vim).remove(".f.tmp");
  expect(trash()).toEqual([".f.tmp"]);
  passTime();
  // As long as the process goes on, it may make it again.
  expect(trash()).toEqual([".f.tmp"]);
  vim.process.ended = true;
  await program(vim).write("4913", "");
  await program(vim).remove("4913");
  passTime();
  expect(trash()).toEqual([]);
  expect(project.nodeCount).toBe(0);
});

it("[SY-26] what another has made or changed stays in the trash, and what a later cell deletes", async () => {
  const python = newCaller();
  await program().write("a", "a\n");
  await program(python).remove("a");
  await program(python).write("b", "b\n");
  textOf("b").insert(0, "TYPED ");
  await program(python).remove("b");
  await program(python).write("c", "c\n");
  python.process.run++;
  await program(python).remove("c");
  python.process.ended = true;
  passTime();
  expect(trash().sort()).toEqual(["a", "b", "c"]);
});

it("[SY-26] a backup goes with the save that made it; deleted later, it is in the trash", async () => {
  for (const wait of [0, later]) {
    project.createText(rootId, "f", text);
    const editor = program();
    await editor.rename("f", "f~");
    await editor.write("f", "new\n");
    now += wait;
    await program().remove("f~");
    expect(trash()).toEqual(wait === 0 ? [] : ["f~"]);
    project.discard(idOf("f"));
  }
});

it("[SY-22] nothing below .git goes to the trash", async () => {
  const git = program();
  await git.mkdir("c");
  await git.mkdir("c/.git");
  await git.mkdir("c/.git/refs");
  await git.fs.symlink?.((await git.find("c/.git")).ino, "tXYZ", "testing");
  await git.remove("c/.git/tXYZ");
  await git.remove("c/.git/refs", true);
  expect(trash()).toEqual([]);
  expect(project.nodeCount).toBe(2);
});
