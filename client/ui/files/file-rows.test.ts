// Rows of the file tree, on a real project.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { Project, rootId } from "#core/project/project.ts";
import { fileRows, freeName, neighbour } from "./file-rows.ts";

function sample() {
  const project = new Project(new Y.Doc());
  const src = project.mkdir(rootId, "src");
  project.createText(src.id, "a10.c");
  project.createText(src.id, "A2.c");
  const readme = project.createText(rootId, "README.md");
  const welcome = project.createNotebook(rootId, "welcome.nb.md");
  return { project, src, readme, welcome };
}

it("shows folders first, numbers as numbers, and only what is open", () => {
  const { project, src } = sample();
  const names = (open: Iterable<string>) =>
    fileRows(project, new Set(open), undefined).map((row) => (row.kind === "entry" ? row.entry.name : "?"));
  expect(names([])).toEqual(["src", "README.md", "welcome.nb.md"]);
  expect(names([src.id])).toEqual(["src", "A2.c", "a10.c", "README.md", "welcome.nb.md"]);
});

it("tells level, position and set size, as screen readers read them", () => {
  const { project, src } = sample();
  const row = fileRows(project, new Set([src.id]), undefined)[2];
  expect(row).toMatchObject({ level: 2, position: 2, setSize: 2, expanded: undefined });
});

it("puts the row of a new file at the top of its folder", () => {
  const { project, src } = sample();
  const rows = fileRows(project, new Set([src.id]), { kind: "create", what: "text", parent: src.id });
  expect(rows[1]).toEqual({ kind: "new", what: "text", level: 2 });
});

it("shows a large folder in parts, and says how much is left", () => {
  const { project, src } = sample();
  for (let index = 0; index < 600; index++) project.createText(src.id, `g${index}`);
  const open = new Set([src.id]);
  const last = (rows: ReturnType<typeof fileRows>) => rows.find((row) => row.kind === "more");
  expect(last(fileRows(project, open, undefined))).toEqual({
    kind: "more",
    directory: src.id,
    hidden: 102,
    level: 2,
  });
  expect(last(fileRows(project, open, undefined, new Map([[src.id, 1500]])))).toBeUndefined();
});

it("moves the focus past everything that goes with a folder", () => {
  const { project, src, readme, welcome } = sample();
  const rows = fileRows(project, new Set([src.id]), undefined);
  expect(neighbour(rows, src.id)).toBe(readme.id);
  expect(neighbour(rows, welcome.id)).toBe(readme.id);
});

it("finds a free name before the suffix", () => {
  const taken =
    (...names: string[]) =>
    (name: string) =>
      names.includes(name);
  expect(freeName("a.txt", taken())).toBe("a.txt");
  expect(freeName("a.txt", taken("a.txt", "a (2).txt"))).toBe("a (3).txt");
  expect(freeName("x.nb.md", taken("x.nb.md"))).toBe("x (2).nb.md");
  expect(freeName(".bashrc", taken(".bashrc"))).toBe(".bashrc (2)");
});
