import { mergeNotebook } from "./merge.ts";
import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import * as Y from "yjs";
import { anyMarkdown, plainMarkdown } from "#core/notebook/markdown/markdown.arbitrary.ts";
import { initNotebook, Notebook, type NotebookChange, notebookEdit } from "./notebook.ts";

// Properties take their time where other work goes on.
vi.setConfig({ testTimeout: 180_000 });

function counter(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}${++count}`;
}

function open(doc: Y.Doc, prefix = "c"): Notebook {
  return new Notebook(doc.getMap("node"), { id: "n", newId: counter(prefix) });
}

function notebookOf(markdown: string): Notebook {
  const doc = new Y.Doc();
  initNotebook(doc.getMap("node"));
  const notebook = open(doc);
  mergeNotebook(notebook, markdown);
  return notebook;
}

/** A second replica, cut off until `sync`. */
function fork(notebook: Notebook): { other: Notebook; sync: () => void } {
  const doc = docOf(notebook);
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return {
    other: open(copy, "d"),
    sync: () => {
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(copy));
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    },
  };
}

function docOf(notebook: Notebook): Y.Doc {
  const { doc } = notebook.node;
  if (doc === null) throw new Error("no document");
  return doc;
}

function codes(notebook: Notebook): string[] {
  return notebook.cells.map((cell) => (cell.kind === "text" ? cell.print() : cell.code));
}

const three = "# Title\n\n```sh {id=one}\necho 1\n```\n\nwords\n\n```python\nprint(2)\n```\n";

it("[NB-20] [NB-40] prints exactly what was read", () => {
  fc.assert(
    fc.property(anyMarkdown, (markdown) => {
      const notebook = notebookOf(markdown);
      expect(notebook.print()).toBe(markdown);
      // Another replica, without the memory of having printed it.
      expect(fork(notebook).other.print()).toBe(markdown);
    }),
    { numRuns: 200 },
  );
});

it("[NB-40] prints exactly what was written over something else", () => {
  fc.assert(
    fc.property(plainMarkdown, anyMarkdown, (first, second) => {
      const notebook = notebookOf(first);
      mergeNotebook(notebook, second);
      expect(notebook.print()).toBe(second);
    }),
    { numRuns: 200 },
  );
});

it("[NB-20] prints the exact text again after an edit was undone", () => {
  const markdown = "~~~~ bash  \necho\n~~~~  \n\n* a\n*   b";
  const notebook = notebookOf(markdown);
  const [code] = notebook.cells;
  code?.source?.insert(0, "x");
  expect(notebook.print()).toBe("~~~~bash\nxecho\n~~~~  \n\n* a\n*   b".replace("~~~~  ", "~~~~"));
  code?.source?.delete(0, 1);
  expect(notebook.print()).toBe(markdown);
});

it("[NB-21] keeps what stands between neighbours, and parts new neighbours by an empty line", () => {
  const notebook = notebookOf("\n\na\n```sh\n1\n```\n\n\n\n```sh\n2\n```\n\n");
  const [a, one, two] = notebook.cells.map(({ id }) => id);
  notebook.move(two ?? "", a);
  expect(notebook.print()).toBe("\n\na\n\n```sh\n2\n```\n\n```sh\n1\n```\n");
  notebook.move(one ?? "", a);
  expect(notebook.print()).toBe("\n\na\n```sh\n1\n```\n\n\n\n```sh\n2\n```\n\n");
  notebook.insert("text", a, "b");
  expect(notebook.print()).toBe("\n\na\n\n<!-- cell -->\n\nb\n\n```sh\n1\n```\n\n\n\n```sh\n2\n```\n\n");
});

it("[NB-12] moves by one register, also between neighbours with one key", () => {
  const notebook = notebookOf("");
  const { other, sync } = fork(notebook);
  notebook.insert("sh", undefined, "a");
  other.insert("sh", undefined, "b");
  sync();
  expect(codes(notebook)).toEqual(["a", "b"]);
  notebook.insert("sh", notebook.cells[0]?.id, "between");
  sync();
  expect(codes(other)).toEqual(["a", "between", "b"]);
  other.move(other.cells[2]?.id ?? "", null);
  sync();
  expect(codes(notebook)).toEqual(["b", "a", "between"]);
  notebook.cells[1]?.map.set("order", "no key");
  notebook.insert("sh", notebook.cells[1]?.id, "last");
  expect(codes(notebook)).toHaveLength(4);
});

it("[NB-12] moves a cell while a colleague types in it", () => {
  const notebook = notebookOf(three);
  const { other, sync } = fork(notebook);
  notebook.move("one", undefined);
  other.cell("one")?.source?.insert(5, "7");
  sync();
  expect(codes(notebook)).toEqual(["# Title", "words", "print(2)", "echo 71"]);
  expect(other.print()).toBe(notebook.print());
});

it("[NB-13] takes ids from the file, each once, and never adds one to it", () => {
  const notebook = notebookOf("```sh {id=a}\n1\n```\n\n```sh {id=a}\n2\n```\n\n```sh\n3\n```\n");
  expect(notebook.cells.map(({ id }) => id)).toEqual(["a", "c1", "c2"]);
  notebook.cells[2]?.source?.insert(0, "x");
  expect(notebook.print()).toContain("```sh\nx3\n```");
});

it("[NB-14] passes over values of the wrong type", () => {
  const notebook = notebookOf(three);
  notebook.cellMaps().set("junk", 5);
  notebook.cellMaps().set("junk2", new Y.Map([["kind", "alien"]]));
  const half = new Y.Map<unknown>([
    ["kind", "sh"],
    ["runs", 3],
    ["gap", "x"],
    ["source", "no text"],
  ]);
  notebook.cellMaps().set("half", half);
  expect(notebook.cells.map(({ id }) => id)).toContain("half");
  expect(notebook.cell("half")).toMatchObject({ code: "", runs: [], stale: false });
  expect(notebook.print()).toContain("```sh\n```");
});

it("[NB-22] keeps the info string except for what changed", () => {
  const notebook = notebookOf("```bash {id=x color=red}\nls\n```\n");
  notebook.setName("x", "List files");
  expect(notebook.print()).toBe('```bash {id=x color=red name="List files"}\nls\n```\n');
  notebook.setKind("x", "python");
  notebook.cell("x")?.source?.insert(0, "'''```'''\n");
  expect(notebook.print()).toBe("````python {id=x color=red name=\"List files\"}\n'''```'''\nls\n````\n");
});

it("[NB-25] closes what would swallow the next cell", () => {
  for (const text of ["<!-- open", "<div>", "```js\nopen", "- a\n\n  ~~~", "<pre>", "text <!--"]) {
    const notebook = notebookOf(text);
    notebook.insert("sh", undefined, "ls");
    const again = notebookOf(notebook.print());
    expect(again.cells.map(({ kind }) => kind)).toEqual(["text", "sh"]);
    expect(again.cells[0]?.print().startsWith(text)).toBe(true);
  }
  const open = notebookOf("```sh\nopen");
  open.insert("text", undefined, "after");
  expect(codes(notebookOf(open.print()))).toEqual(["open", "after"]);
});

it("[NB-26] does not print an empty prose cell, and does not lose it to a merge", () => {
  const notebook = notebookOf(three);
  notebook.insert("text", "one");
  expect(notebook.print()).toBe(three);
  mergeNotebook(notebook, three.replace("echo 1", "echo one"));
  expect(notebook.cells).toHaveLength(5);
  expect(notebook.print()).toBe(three.replace("echo 1", "echo one"));
});

it("[NB-41] matches by id, by content, by likeness and by place", () => {
  const notebook = notebookOf(
    "```sh {id=k}\na\n```\n\n```sh\nx\ny\nz\n```\n\n```sh\nsame\n```\n\n```python\nold\n```\n",
  );
  const [byId, alike, same, place] = notebook.cells.map(({ id }) => id);
  mergeNotebook(
    notebook,
    "```sh\nsame\n```\n\n```sh\nx\ny\nq\n```\n\n```python\nnew\n```\n\n```sh {id=k}\nother\n```\n",
  );
  expect(notebook.cells.map(({ id }) => id)).toEqual([same, alike, place, byId]);
});

it("[NB-42] [NB-45] does not touch what the writer did not change", () => {
  const notebook = notebookOf(three);
  const before = notebook.cells.map(({ map }) => map);
  let updates = 0;
  docOf(notebook).on("update", () => updates++);
  mergeNotebook(notebook, three);
  expect(updates).toBe(0);
  const changes: NotebookChange[] = [];
  notebook.changes.on((change) => changes.push(change));
  mergeNotebook(notebook, three.replace("print(2)", "print(22)"));
  expect(changes).toHaveLength(1);
  expect(changes[0]).toMatchObject({
    structure: false,
    local: true,
    cells: new Set([notebook.cells[3]?.id]),
  });
  expect(notebook.cells.map(({ map }) => map)).toEqual(before);
});

it("[NB-43] keeps what colleagues typed since the writer read the file", () => {
  const notebook = notebookOf("words here\n\n```sh\nline 1\nline 2\nline 3\n```\n");
  const base = notebook.print();
  const [, code] = notebook.cells;
  code?.source?.insert(0, "colleague\n");
  mergeNotebook(notebook, "words there\n\n```sh\nline 1\nline two\nline 3\n```\n", base);
  expect(notebook.print()).toBe("words there\n\n```sh\ncolleague\nline 1\nline two\nline 3\n```\n");
});

it("[NB-43] merges a base that another replica printed", () => {
  const notebook = notebookOf(three);
  const { other, sync } = fork(notebook);
  const base = other.print();
  notebook.cell("one")?.source?.insert(0, "set -e\n");
  notebook.insert("sh", "one", "colleague");
  mergeNotebook(notebook, base.replace("print(2)", "print(3)"), base);
  sync();
  expect(codes(other)).toEqual(["# Title", "set -e\necho 1", "colleague", "words", "print(3)"]);
});

it("[NB-44] removes what the writer dropped, and nobody else's work", () => {
  const notebook = notebookOf(three);
  const base = notebook.print();
  notebook.insert("sh", undefined, "added");
  mergeNotebook(notebook, "# Title\n\n```python\nprint(2)\n```\n", base);
  expect(codes(notebook)).toEqual(["# Title", "print(2)", "added"]);

  const edited = notebookOf(three);
  edited.cell("one")?.source?.insert(0, "edited ");
  mergeNotebook(edited, "# Title\n\n<!-- cell -->\n\nwords\n", three);
  expect(codes(edited)).toEqual(["# Title", "edited echo 1", "words"]);

  const removed = notebookOf(three);
  removed.remove("one");
  mergeNotebook(removed, three.replace("words", "more words"), three);
  expect(codes(removed)).toEqual(["# Title", "more words", "print(2)"]);
  const wanted = notebookOf(three);
  wanted.remove("one");
  mergeNotebook(wanted, three.replace("echo 1", "echo 100"), three);
  expect(codes(wanted)).toEqual(["# Title", "echo 100", "words", "print(2)"]);
});

it("[NB-44] two writers with one base both get their way", () => {
  const notebook = notebookOf(three);
  const { other, sync } = fork(notebook);
  mergeNotebook(notebook, three.replace("echo 1", "echo 1; ls").replace("# Title", "# A title"), three);
  mergeNotebook(other, three.replace("echo 1", "pwd; echo 1").replace("words", "few words"), three);
  sync();
  expect(codes(notebook)).toEqual(["# A title", "pwd; echo 1; ls", "few words", "print(2)"]);
  expect(other.print()).toBe(notebook.print());
});

it("[NB-59] undoes a removal with its content, and no run", () => {
  const notebook = notebookOf(three);
  const undo = new Y.UndoManager(notebook.cellMaps(), {
    trackedOrigins: new Set([notebookEdit]),
    captureTimeout: 0,
  });
  const cell = notebook.cell("one");
  notebook.remove("one");
  expect(notebook.cell("one")).toBeUndefined();
  undo.undo();
  expect(notebook.print()).toBe(three);
  expect(notebook.cell("one")?.code).toBe("echo 1");
  expect(cell?.code).toBe("echo 1");
  notebook.cell("one")?.source?.insert(0, "x");
  expect(notebook.print()).toContain("xecho 1");
});

it("[NB-51] keeps the first runs of two people at once", () => {
  const notebook = notebookOf(three);
  const { other, sync } = fork(notebook);
  for (const [index, replica] of [notebook, other].entries())
    replica.setRun("one", {
      id: `run${index}`,
      by: { id: `p${index}`, name: "P", color: "c" },
      client: index,
      machine: "m",
      sourceHash: "h",
      started: index,
      state: "running",
      channel: `run-${index}`,
    });
  sync();
  expect(notebook.cell("one")?.runs.map(({ id }) => id)).toEqual(["run1", "run0"]);
  expect(other.cell("one")?.runs).toEqual(notebook.cell("one")?.runs);
});

it("changes kinds, and what was prose reads as Markdown", () => {
  const notebook = notebookOf("**bold** `x`\n");
  const [cell] = notebook.cells;
  const id = cell?.id ?? "";
  notebook.setKind(id, "python");
  expect(cell?.code).toBe("**bold** `x`");
  expect(notebook.print()).toBe("```python\n**bold** `x`\n```\n");
  notebook.setKind(id, "sh");
  expect(notebook.print()).toBe("```sh\n**bold** `x`\n```\n");
  notebook.setKind(id, "text");
  expect(cell?.prose?.length).toBe(1);
  expect(notebook.print()).toBe("**bold** `x`\n");
});

it("tells once per transaction what changed, and nothing once destroyed", () => {
  const notebook = notebookOf(three);
  const { other, sync } = fork(notebook);
  const changes: NotebookChange[] = [];
  notebook.changes.on((change) => changes.push(change));
  other.cell("one")?.source?.insert(0, "a");
  other.cells[2]?.prose?.insert(0, [new Y.XmlElement("horizontalRule")]);
  other.insert("sh");
  sync();
  expect(changes).toHaveLength(1);
  expect(changes[0]).toMatchObject({ structure: true, local: false });
  expect([...(changes[0]?.cells ?? [])]).toEqual(expect.arrayContaining(["one", notebook.cells[2]?.id]));
  expect(notebook.print()).toBe(other.print());
  notebook.destroy();
  notebook.remove("one");
  expect(changes).toHaveLength(1);
});

it("[NB-44] replicas that merge, edit and move at random end equal and readable", () => {
  const step = fc.record({
    replica: fc.nat(2),
    act: fc.constantFrom("merge", "type", "move", "insert", "remove", "sync"),
    markdown: plainMarkdown,
    at: fc.nat(9),
  });
  fc.assert(
    fc.property(plainMarkdown, fc.array(step, { maxLength: 12 }), (start, steps) => {
      const first = notebookOf(start);
      const replicas = [first, fork(first).other, fork(first).other];
      const syncAll = (): void => {
        for (const from of replicas)
          for (const to of replicas)
            if (from !== to) Y.applyUpdate(docOf(to), Y.encodeStateAsUpdate(docOf(from)));
      };
      for (const { replica, act, markdown, at } of steps) {
        const notebook = replicas[replica];
        const cell = notebook?.cells[at % Math.max(1, notebook.cells.length)];
        if (act === "merge" && notebook) mergeNotebook(notebook, markdown);
        else if (act === "type") cell?.source?.insert(0, "typed ");
        else if (act === "move") notebook?.move(cell?.id ?? "", at % 2 === 0 ? null : undefined);
        else if (act === "insert") notebook?.insert("sh", cell?.id, "inserted");
        else if (act === "remove") notebook?.remove(cell?.id ?? "");
        else syncAll();
      }
      syncAll();
      syncAll();
      const [a, b, c] = replicas.map((notebook) => notebook.print());
      expect(b).toBe(a);
      expect(c).toBe(a);
      // What is printed reads back as the same notebook.
      expect(notebookOf(a ?? "").print()).toBe(a);
    }),
    { numRuns: 100 },
  );
});
