// A cell changes its kind while somebody types in it, on two replicas.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { initNotebook, Notebook } from "#core/notebook/notebook.ts";
import { bringLateTyping } from "./late-typing.ts";

function replica(from?: Y.Doc): { doc: Y.Doc; notebook: Notebook } {
  const doc = new Y.Doc();
  const node = doc.getMap("node");
  if (from === undefined) initNotebook(node);
  else Y.applyUpdate(doc, Y.encodeStateAsUpdate(from));
  return { doc, notebook: new Notebook(node) };
}

it.each([
  ["echo on", "echo one\n"],
  ["a *b*\n\n- c", "a *b*\n\n- c d"],
  ["x", "x y"],
])("[ED-12] code %j, typed to %j, becomes prose", (before, typed) => {
  const mine = replica();
  const { id } = mine.notebook.insert("sh", null, before);
  const theirs = replica(mine.doc);
  theirs.notebook.setKind(id, "text");
  const { source } = mine.notebook.cell(id) ?? {};
  source?.delete(0, source.length);
  source?.insert(0, typed);
  Y.applyUpdate(mine.doc, Y.encodeStateAsUpdate(theirs.doc));
  const cell = mine.notebook.cell(id);
  expect(cell?.kind).toBe("text");
  if (cell !== undefined) mine.notebook.transact(() => bringLateTyping(cell, typed));
  expect(cell?.print().trim()).toBe(typed.trim());
});

it("prose that was typed on becomes code", () => {
  const mine = replica();
  const { id } = mine.notebook.insert("text", null, "Hello *there*");
  const theirs = replica(mine.doc);
  theirs.notebook.setKind(id, "sh");
  Y.applyUpdate(mine.doc, Y.encodeStateAsUpdate(theirs.doc));
  const cell = mine.notebook.cell(id);
  if (cell !== undefined) mine.notebook.transact(() => bringLateTyping(cell, "Hello *there*, you"));
  expect(cell?.code).toBe("Hello *there*, you");
});

it("what the colleague goes on to write stays", () => {
  const mine = replica();
  const { id } = mine.notebook.insert("sh", null, "one");
  const theirs = replica(mine.doc);
  theirs.notebook.setKind(id, "text");
  theirs.notebook.setKind(id, "python");
  theirs.notebook.cell(id)?.source?.insert(0, "zero ");
  Y.applyUpdate(mine.doc, Y.encodeStateAsUpdate(theirs.doc));
  const cell = mine.notebook.cell(id);
  if (cell !== undefined) mine.notebook.transact(() => bringLateTyping(cell, "one two"));
  expect(cell?.code).toBe("zero one two");
});
