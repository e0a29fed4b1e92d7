// Two people change what kind of file something is at once; the room, which both meet in, reconciles it (SPEC.md section 6).

import { expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { RunRecord } from "#core/notebook/output/run-record.ts";
import { MemoryBlobStore } from "./blobs.ts";
import { TextBase } from "#core/text/text-base.ts";
import { Project, rootId } from "./project.ts";
import { ReconcileWatch } from "./reconcile.ts";
import { nodesOf } from "./schema.ts";

const markdown = "# Title\n\nwords\n\n```sh\none\n```\n\n```python\ntwo\n```\n";

/** Ana, Ben, Eva and a room, which meet when they are told to. */
function meeting(name = "x.md", text = markdown) {
  const blobs = new MemoryBlobStore();
  const room = new Y.Doc();
  const watch = new ReconcileWatch(nodesOf(room));
  const people = [1, 2, 3].map((client) => {
    const doc = new Y.Doc();
    doc.clientID = client;
    return new Project(doc);
  });
  const [ana, ben, eva] = people as [Project, Project, Project];
  const meet = (...who: readonly Project[]): void => {
    for (const { doc } of who) {
      Y.applyUpdate(room, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(room)));
      room.transact(() => watch.reconcile(1));
    }
    for (const { doc } of who) Y.applyUpdate(doc, Y.encodeStateAsUpdate(room, Y.encodeStateVector(doc)));
  };
  const { id } = ana.createFile(rootId, name, encodeUtf8(text), blobs);
  meet(ana, ben, eva);
  const read = (project: Project): string => {
    const bytes = project.readBytes(id, blobs);
    return bytes instanceof Uint8Array ? decodeUtf8Lossy(bytes) : "";
  };
  const rename = (project: Project, to: string): void => project.move(id, rootId, to);
  const source = (project: Project, kind: string): Y.Text => {
    const found = project.notebook(id)?.cells.find((cell) => cell.kind === kind)?.source;
    if (found === undefined) throw new Error(`no ${kind} cell`);
    return found;
  };
  return { ana, ben, eva, room, blobs, id, meet, read, rename, source };
}

function run(id: string): RunRecord {
  const by = { id: "p", name: "Ana", color: "#000" };
  return { id, by, client: 1, machine: "m", sourceHash: "", started: 1, state: "done", channel: "c" };
}

it.each([1, 2])(
  "[PR-80] [PR-83] two make a notebook of one text and edit different cells (order %i)",
  (order) => {
    const { ana, ben, eva, meet, read, rename, source, id } = meeting();
    rename(ana, "x.nb.md");
    rename(ben, "x.nb.md");
    source(ana, "sh").insert(0, "ana ");
    source(ben, "python").insert(0, "ben ");
    ana.notebook(id)?.setRun(ana.notebook(id)?.cells[1]?.id ?? "", run("r1"));
    if (order === 1) meet(ana, ben, eva);
    else meet(eva, ben, ana);
    meet(ana, ben, eva);
    const both = markdown.replace("one", "ana one").replace("two", "ben two");
    for (const project of [ana, ben, eva]) {
      expect(read(project)).toBe(both);
      expect(project.notebook(id)?.cells[1]?.runs.map((each) => each.id)).toEqual(["r1"]);
    }
    // Both change one cell; then it is Markdown again, on both sides at once.
    source(ana, "sh").insert(0, "A ");
    source(ben, "sh").insert(source(ben, "sh").length, " B");
    rename(ana, "x.md");
    rename(ben, "x.md");
    meet(ana, ben, eva);
    meet(ana, ben, eva);
    for (const project of [ana, ben, eva]) {
      expect(read(project)).toBe(both.replace("ana one", "A ana one B"));
      expect(project.text(id)?.toJSON()).toBe(read(project));
    }
  },
);

it("[PR-80] brings in what is typed into the text while another makes a notebook of it, however late, once", () => {
  const { ana, ben, eva, meet, read, rename, source, id } = meeting();
  rename(ana, "x.nb.md");
  ben.text(id)?.insert(0, "first\n\n");
  meet(ana, ben);
  expect(read(ana)).toBe(`first\n\n${markdown}`);
  source(ana, "sh").insert(0, "more ");
  eva.text(id)?.insert(eva.text(id)?.length ?? 0, "\nlast\n");
  meet(ana, ben, eva);
  meet(ana, ben, eva);
  const all = `first\n\n${markdown.replace("one", "more one")}\nlast\n`;
  for (const project of [ana, ben, eva]) expect(read(project)).toBe(all);
});

it("[PR-80] two people's new cells in one place stay two cells", () => {
  const { ana, ben, eva, meet, rename, id } = meeting();
  for (const project of [ana, ben]) {
    rename(project, "x.nb.md");
    project.notebook(id)?.insert("sh", undefined, project === ana ? "echo ana" : "echo ben");
  }
  meet(ana, ben, eva);
  meet(ana, ben, eva);
  const codes = eva.notebook(id)?.cells.flatMap((cell) => (cell.kind === "text" ? [] : [cell.code])) ?? [];
  expect(codes.toSorted()).toEqual(["echo ana", "echo ben", "one", "two"]);
});

it("[PR-81] wakes the form from before where nothing has changed: runs and cursors are there again", () => {
  const { ana, rename, id } = meeting();
  const text = ana.text(id);
  rename(ana, "x.nb.md");
  const cell = ana.notebook(id)?.cells[1]?.id ?? "";
  ana.notebook(id)?.setRun(cell, run("r1"));
  rename(ana, "x.md");
  expect(ana.text(id)).toBe(text);
  text?.insert(0, "new\n\n");
  rename(ana, "x.nb.md");
  expect(
    ana
      .notebook(id)
      ?.cell(cell)
      ?.runs.map((each) => each.id),
  ).toEqual(["r1"]);
});

it("[PR-63] what was typed while a program made bytes of the text is there when it is text again", () => {
  const { ana, ben, eva, meet, read, blobs, id } = meeting("f.txt", "one\ntwo\n");
  const text = ana.text(id);
  if (text === undefined) throw new Error("no text");
  const base = new TextBase(text);
  ana.writeBytes(id, encodeUtf8("one\ntwo\n\0"), blobs, base);
  base.dispose();
  ben.text(id)?.insert(0, "typed\n");
  meet(ana, ben, eva);
  expect(eva.stat(id)?.kind).toBe("bytes");
  // Two programs make the same text of it at once.
  ana.writeBytes(id, encodeUtf8("one\ntwo\nthree\n"), blobs);
  ben.writeBytes(id, encodeUtf8("one\ntwo\nthree\n"), blobs);
  eva.text(id);
  meet(ana, ben, eva);
  meet(ana, ben, eva);
  for (const project of [ana, ben, eva]) expect(read(project)).toBe("typed\none\ntwo\nthree\n");
});

it("[PR-84] the name says what a file is that was renamed to two kinds at once", () => {
  const { ana, ben, eva, meet, read, rename, source, id } = meeting();
  rename(ana, "x.nb.md");
  source(ana, "sh").insert(0, "ana ");
  rename(ben, "y.md");
  ben.text(id)?.insert(0, "ben\n\n");
  meet(ana, ben, eva);
  meet(ana, ben, eva);
  const entry = eva.entry(id);
  expect(entry?.kind).toBe(entry?.name.endsWith(".nb.md") === true ? "notebook" : "text");
  for (const project of [ana, ben, eva])
    expect(read(project)).toBe(`ben\n\n${markdown.replace("one", "ana one")}`);
});

it("[PR-80] a notebook that was deleted meanwhile comes back with what was edited in it", () => {
  const { ana, ben, eva, meet, read, rename, source, id } = meeting();
  ana.trash(id, "Ana");
  rename(ben, "x.nb.md");
  source(ben, "sh").insert(0, "ben ");
  meet(ana, ben, eva);
  ana.restore(id);
  meet(ana, ben, eva);
  expect(read(eva)).toBe(markdown.replace("one", "ben one"));
});

it("[PR-82] keeps the forms of a file that changes its kind very often within bounds", () => {
  const { ana, room, meet, read, blobs, id } = meeting("f.txt", "0\n");
  for (let index = 1; index <= 60; index++) {
    ana.writeBytes(id, encodeUtf8(`${index}\n\0`), blobs);
    ana.writeBytes(id, encodeUtf8(`${index}\n`), blobs);
    meet(ana);
  }
  expect(read(ana)).toBe("60\n");
  const keys = [...(nodesOf(room).get(id)?.keys() ?? [])];
  expect(keys.filter((key) => key.startsWith("text")).length).toBeLessThanOrEqual(16);
  expect(keys.filter((key) => key.startsWith("from:")).length).toBeLessThanOrEqual(16);
});

it("[PR-85] costs nothing where no file changed its kind", () => {
  const { ana, room, id } = meeting();
  const watch = new ReconcileWatch(nodesOf(room));
  ana.text(id)?.insert(0, "typed");
  ana.createText(rootId, "other.txt", "x");
  ana.move(id, rootId, "y.md");
  Y.applyUpdate(room, Y.encodeStateAsUpdate(ana.doc));
  expect(watch.isDue).toBe(false);
  watch.destroy();
});

it("[PR-86] opens and converts documents from before forms", () => {
  const { ana, meet, read, rename, id } = meeting("x.nb.md");
  const node = nodesOf(ana.doc).get(id);
  expect(node?.get("kind")).toBe("notebook");
  // Such a document: a text that slept, and was edited at the same time as another made a notebook of it.
  const text = node?.get("text");
  if (!(text instanceof Y.Text)) throw new Error("no text");
  text.insert(0, `${markdown}edited meanwhile\n`);
  node?.set("slept", "0".repeat(64));
  rename(ana, "x.md");
  meet(ana);
  expect(read(ana)).toBe(`${markdown}edited meanwhile\n`);
});
