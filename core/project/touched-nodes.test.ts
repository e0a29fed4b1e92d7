// Which files an edit has touched.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "./blobs.ts";
import { Project } from "./project.ts";
import { touchedNodes } from "./touched-nodes.ts";

it("names files by whatever was changed in them: texts, cells, names; not by their times", () => {
  const doc = new Y.Doc();
  const project = new Project(doc);
  const blobs = new MemoryBlobStore();
  let touched: string[] = [];
  doc.on("update", (_update, _origin, _doc, transaction) => {
    touched = [...touchedNodes(transaction)];
  });
  const text = project.writePath("notes.txt", encodeUtf8("text"), blobs).id;
  expect(touched).toEqual([text]);
  const notebook = project.writePath("plan.nb.md", encodeUtf8("# Plan\n\n```sh\nls\n```\n"), blobs).id;
  expect(touched).toEqual([notebook]);
  project.text(text)?.insert(0, "more ");
  expect(touched).toEqual([text]);
  project.notebook(notebook)?.cells.at(-1)?.source?.insert(0, "echo; ");
  expect(touched).toEqual([notebook]);
  project.move(text, "root", "other.txt");
  expect(touched).toEqual([text]);
  project.touch(text);
  expect(touched).toEqual([]);
  doc.getMap("meta").set("name", "Project");
  expect(touched).toEqual([]);
});
