// The example notebooks as files: that they read, and fit what the end-to-end tests expect of them.

import { mergeNotebook } from "./merge.ts";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as Y from "yjs";
import { initNotebook, Notebook } from "./notebook.ts";

const folder = new URL("../../notebooks/", import.meta.url);
const names = readdirSync(folder).flatMap((file) => /^(.*)\.nb\.md$/.exec(file)?.[1] ?? []);

it("has a welcome", () => {
  expect(names).toContain("welcome");
  expect(names.length).toBeGreaterThanOrEqual(4);
});

it.each(names)("%s has named cells, and an expected output for each", (name) => {
  const markdown = readFileSync(new URL(`${name}.nb.md`, folder), "utf8");
  const node = new Y.Doc().getMap("node");
  initNotebook(node);
  const notebook = new Notebook(node);
  mergeNotebook(notebook, markdown);
  expect(notebook.print()).toBe(markdown);
  const cells = notebook.cells.filter(({ kind }) => kind !== "text").map((cell) => cell.name);
  const expected: unknown = JSON.parse(readFileSync(new URL(`${name}.expected.json`, folder), "utf8"));
  expect(cells).toEqual(Object.keys(expected as object));
});
