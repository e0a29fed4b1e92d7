import { expect, it } from "vitest";
import * as Y from "yjs";
import { initNotebook, Notebook } from "#core/notebook/notebook.ts";
import { Deletions } from "./deletions.ts";

function notebookOf(...sources: readonly string[]): { notebook: Notebook; deletions: Deletions } {
  const doc = new Y.Doc();
  const node = doc.getMap<Y.Map<unknown>>("nodes").set("n", new Y.Map<unknown>());
  initNotebook(node);
  const notebook = new Notebook(node, { id: "n" });
  for (const source of sources) notebook.insert("sh", undefined, source);
  return { notebook, deletions: new Deletions(notebook) };
}

const sources = (notebook: Notebook): string[] => notebook.cells.map((cell) => cell.code);

it("brings back the very cell that was deleted, with its text and its place", () => {
  const { notebook, deletions } = notebookOf("one", "two", "three");
  const undoTwo = deletions.delete(notebook.cells[1]!.id);
  const undoOne = deletions.delete(notebook.cells[0]!.id);
  notebook.insert("sh", undefined, "four");
  expect(sources(notebook)).toEqual(["three", "four"]);
  undoTwo();
  expect(sources(notebook)).toEqual(["two", "three", "four"]);
  undoTwo();
  undoOne();
  expect(sources(notebook)).toEqual(["one", "two", "three", "four"]);
});

it("brings back the last one first", () => {
  const { notebook, deletions } = notebookOf("one", "two");
  deletions.delete(notebook.cells[0]!.id);
  deletions.delete(notebook.cells[0]!.id);
  deletions.undo();
  expect(sources(notebook)).toEqual(["two"]);
  deletions.undo();
  deletions.undo();
  expect(sources(notebook)).toEqual(["one", "two"]);
});
