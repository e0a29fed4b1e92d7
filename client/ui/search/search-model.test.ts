// Searching a real project; the engine is the real finder, without the worker around it.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { Project, rootId } from "#core/project/project.ts";
import { until } from "#test/harness/until.ts";
import { findInText } from "./find.ts";
import type { SearchEngine } from "./search-engine.ts";
import { SearchModel } from "./search-model.ts";

const engine: SearchEngine = {
  find: (pattern, texts) => Promise.resolve(texts.map((text) => findInText(text, pattern))),
  stop: () => undefined,
};

function sample() {
  const project = new Project(new Y.Doc());
  const src = project.mkdir(rootId, "src");
  const main = project.createText(src.id, "main.c", "int main() {\n  return answer;\n}\n");
  const notes = project.createText(rootId, "notes.txt", "the answer is 42\n");
  const book = project.createNotebook(rootId, "x.nb.md", "# Answers\n\n```sh\necho hi\necho answer\n```\n");
  return { project, main, notes, book };
}

it("finds in texts and in the cells of notebooks, by line", async () => {
  const { project, main, notes, book } = sample();
  const model = new SearchModel(project, engine);
  model.query.value = { text: "answer", matchCase: false, wholeWord: false, regex: false };
  await model.search();
  expect(model.state.value).toEqual({ kind: "done" });
  const places = new Map(model.results.value.map(({ file, matches }) => [file, matches]));
  expect(places.get(main.id)).toMatchObject([{ line: 2, hit: "answer" }]);
  expect(places.get(notes.id)).toMatchObject([{ line: 1, before: "the " }]);
  expect(places.get(book.id)).toMatchObject([
    { line: 1, hit: "Answer", cell: { number: 1 } },
    { line: 2, cell: { number: 2 } },
  ]);
  model.dispose();
});

it("follows what is changed, created and deleted after the search", async () => {
  const { project, main, notes } = sample();
  const model = new SearchModel(project, engine);
  model.query.value = { text: "answer", matchCase: true, wholeWord: true, regex: false };
  await model.search();
  project.text(notes.id)?.insert(0, "answer\n");
  const added = project.createText(rootId, "added.txt", "one more answer");
  project.trash(main.id);
  const lines = () => new Map(model.results.value.map(({ file, matches }) => [file, matches.length]));
  await until("it is all there", () => lines().get(notes.id) === 2 && lines().get(added.id) === 1);
  expect(lines().has(main.id)).toBe(false);
  model.dispose();
});

it("stops when asked to, keeps what it has, and searches anew", async () => {
  const project = new Project(new Y.Doc());
  for (let index = 0; index < 500; index++) project.createText(rootId, `f${index}`, "x".repeat(10_000));
  const model = new SearchModel(project, engine);
  model.query.value = { text: "nothing", matchCase: false, wholeWord: false, regex: false };
  const searching = model.search();
  model.stop();
  await searching;
  expect(model.state.value.kind).toBe("stopped");
  model.query.value = { text: "x{10000}", matchCase: false, wholeWord: false, regex: true };
  await model.search();
  expect(model.results.value).toHaveLength(500);
  model.dispose();
});

it("says what is wrong with an expression, and shows nothing for no question", async () => {
  const model = new SearchModel(sample().project, engine);
  model.query.value = { text: "(", matchCase: false, wholeWord: false, regex: true };
  await model.search();
  expect(model.state.value.kind).toBe("problem");
  model.query.value = { ...model.query.value, text: "" };
  await model.search();
  expect(model.state.value.kind).toBe("idle");
  model.dispose();
});
