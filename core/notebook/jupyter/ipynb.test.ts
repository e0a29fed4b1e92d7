import { mergeNotebook } from "#core/notebook/merge.ts";
import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { printDisplay } from "#core/notebook/output/display.ts";
import { printIpynb } from "./ipynb.ts";
import { attachmentsOf, giveKept, takeKept } from "./kept.ts";
import { fillFromJupyter, readIpynb } from "./read.ts";
import { initNotebook, Notebook } from "#core/notebook/notebook.ts";
import { anyMarkdown, plainMarkdown } from "#core/notebook/markdown/markdown.arbitrary.ts";
import { newElement } from "#core/notebook/prose/fragment.ts";
import { element, textNode } from "#core/notebook/prose/tree.ts";
import { sourceHash } from "#core/notebook/output/run-record.ts";

// Properties take their time where other work goes on.
vi.setConfig({ testTimeout: 180_000 });

const markdown = `# Title

Some *prose*.

<!-- cell -->

More of it.

\`\`\`sh {name=list}
ls -l
\`\`\`

\`\`\`python
print(1)

print(2)
\`\`\`

\`\`\`wasm {name=count}
count.wasm < in.txt
\`\`\`
`;

function notebookOf(text: string): Notebook {
  const node = new Y.Doc().getMap("node");
  initNotebook(node);
  const notebook = new Notebook(node);
  mergeNotebook(notebook, text);
  return notebook;
}

/** As the command of the palette does it. */
function imported(source: string, blobs = new MemoryBlobStore()): Notebook {
  const read = readIpynb(source);
  if (read === undefined) throw new Error("not read");
  const node = new Y.Doc().getMap("node");
  initNotebook(node);
  const notebook = new Notebook(node);
  fillFromJupyter(notebook, read, blobs, 0);
  return notebook;
}

async function roundTrip(file: object): Promise<unknown> {
  const blobs = new MemoryBlobStore();
  return JSON.parse(await printIpynb(imported(JSON.stringify(file), blobs), blobs));
}

interface Printed {
  readonly nbformat: number;
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: string[];
    readonly outputs?: object[];
  }[];
}

async function printed(notebook: Notebook, blobs = new MemoryBlobStore()): Promise<Printed> {
  return JSON.parse(await printIpynb(notebook, blobs)) as Printed;
}

it("[NB-70] writes cells as Jupyter has them, and reads them back", async () => {
  const { nbformat, cells } = await printed(notebookOf(markdown));
  expect(nbformat).toBe(4);
  expect(cells.map(({ cell_type, source }) => [cell_type, source.join("")])).toEqual([
    ["markdown", "# Title\n\nSome *prose*."],
    ["markdown", "More of it."],
    ["code", "%%bash\nls -l"],
    ["code", "print(1)\n\nprint(2)"],
    ["raw", "count.wasm < in.txt"],
  ]);
  expect(imported(await printIpynb(notebookOf(markdown), new MemoryBlobStore())).print()).toBe(markdown);
});

it("[NB-71] writes the newest output, with what it shows", async () => {
  const blobs = new MemoryBlobStore();
  const item = { ...blobs.put(Uint8Array.of(1, 2, 250)), mime: "image/png", name: "a.png" };
  const page = { ...blobs.put(encodeUtf8("<b>x</b>\n")), mime: "text/html", name: "a.html" };
  const lost = { hash: "0".repeat(64), size: 1, mime: "image/png", name: "lost.png" };
  const notebook = notebookOf("```python\nshow()\n```\n");
  const [cell] = notebook.cells;
  notebook.setRun(cell?.id ?? "", {
    id: "r",
    by: { id: "p", name: "Ana", color: "#123456" },
    client: 1,
    machine: "Ana's machine",
    sourceHash: sourceHash("show()"),
    started: 1,
    state: "done",
    channel: "c",
    output: {
      head: `one\r\ntwo\r\n${printDisplay(item)}\r\n${printDisplay(page)}${printDisplay(lost)}`,
      tail: "",
      omitted: 0,
    },
  });
  expect((await printed(notebook, blobs)).cells[0]?.outputs).toEqual([
    { output_type: "stream", name: "stdout", text: ["one\n", "two\n"] },
    { output_type: "display_data", data: { "image/png": "AQL6", "text/plain": ["[a.png]"] }, metadata: {} },
    {
      output_type: "display_data",
      data: { "text/html": ["<b>x</b>\n"], "text/plain": ["[a.html]"] },
      metadata: {},
    },
    { output_type: "display_data", data: { "text/plain": ["[lost.png]"] }, metadata: {} },
  ]);
});

const file = (metadata: unknown, ...cells: object[]): string =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 2, metadata, cells });
const code = (source: unknown): object => ({ cell_type: "code", metadata: {}, outputs: [], source });

it("[NB-72] reads what Jupyter writes", () => {
  const python = { kernelspec: { language: "python" } };
  const cells = [{ cell_type: "markdown", metadata: {}, source: ["# A\n", "\n", "b"] }, code("%%sh\nls\n")];
  expect(imported(file(python, ...cells)).print()).toBe("# A\n\nb\n\n```sh\nls\n\n```\n");
  expect(imported(file({ kernelspec: { language: "R" } }, code("x <- 1"))).print()).toBe(
    "```R\nx <- 1\n```\n",
  );
  for (const bad of ["", "{}", "[1]", '{"nbformat": 3, "worksheets": []}', '{"nbformat": 4, "cells": [1]}'])
    expect(readIpynb(bad)).toBeUndefined();
});

it.each([
  [{ kernelspec: { name: "ir" } }, "R"],
  [{ kernelspec: { name: "bash" } }, "bash"],
  [{ kernelspec: { name: "julia-1.9" } }, "julia"],
  [{ kernelspec: { name: "python3" } }, "python"],
  [{ kernelspec: { name: "mystery" } }, ""],
  [{ kernelspec: null }, "python"],
  [{ kernelspec: { name: 3 } }, "python"],
  [{}, "python"],
  [undefined, "python"],
  [{ kernelspec: { name: "x" }, language_info: { name: "ocaml" } }, "ocaml"],
])("[NB-73] of %j the language is %j", (metadata, language) => {
  expect(readIpynb(file(metadata))?.language).toBe(language);
});

it.each([
  { kernelspec: null },
  { kernelspec: { name: 7 }, language_info: "odd" },
  { conch: { kind: 5 } },
  "odd",
  undefined,
])("[NB-72] passes over the odd metadata %j, and keeps it", async (metadata) => {
  const odd = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata,
    cells: [
      { cell_type: "code", id: "a", metadata, outputs: [], execution_count: null },
      { cell_type: "markdown", id: "b", metadata, source: "x" },
      { cell_type: "code", id: "c", metadata: { name: 7, conch: "odd" }, outputs: null, source: "1" },
      { cell_type: "strange", source: ["y"] },
    ],
  };
  expect(await roundTrip(odd)).toEqual(JSON.parse(JSON.stringify(odd)));
});

it.each([
  "wrapped\nlines *a* _b_\n* x\n\n* y",
  "see <http://a.example> and http://b.example",
  "Setext\n===\n\n\n\nx\n",
  "```python\nprint(1)\n```\n\n<!-- cell -->\n\n```bash\nls\n```",
  "$$ a \\\\ b ~x | y~ $$",
  "![p](attachment:p.png)",
  "",
  "\n\n  text \n\n",
  "<!-- open",
  "a\r\nb\r\n",
  "~~~",
])("[NB-70] gives the Markdown %j back byte for byte", async (source) => {
  for (const written of [source, source.split(/(?<=\n)/)]) {
    const whole = {
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
      cells: [{ cell_type: "markdown", id: "m1", metadata: {}, source: written }],
    };
    expect(await roundTrip(whole)).toEqual(whole);
  }
});

it("[NB-74] keeps attachments, and shows them", async () => {
  const attachments = { "p.png": { "image/png": "AQID\n" }, "x.bin": { "application/x": "AA==" } };
  const source = "![p](attachment:p.png)";
  const notebook = imported(file({}, { cell_type: "markdown", attachments, metadata: {}, source }));
  const [cell] = notebook.cells;
  if (cell === undefined) throw new Error("no cell");
  expect([...(await attachmentsOf(cell, new MemoryBlobStore()))]).toEqual([
    ["p.png", "data:image/png;base64,AQID"],
  ]);
});

it("[NB-74] shows a drawing of any length", async () => {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg">${"<g>ä</g>".repeat(100_000)}</svg>`;
  const attachments = { "p.svg": { "image/svg+xml": [drawing] } };
  const blobs = new MemoryBlobStore();
  const notebook = imported(
    file({}, { cell_type: "markdown", attachments, metadata: {}, source: "![p](attachment:p.svg)" }),
    blobs,
  );
  const [cell] = notebook.cells;
  if (cell === undefined) throw new Error("no cell");
  const address = (await attachmentsOf(cell, blobs)).get("p.svg") ?? "";
  expect(await (await fetch(address)).text()).toBe(drawing);
});

it("[NB-74] what another client has written in place of what was kept shows nothing", async () => {
  const notebook = imported(file({}, { cell_type: "markdown", metadata: {}, source: "![p](attachment:p)" }));
  const [cell] = notebook.cells;
  if (cell === undefined) throw new Error("no cell");
  const odd = [
    1,
    null,
    [],
    "{",
    "[]",
    '{"cell":[]}',
    { hash: 1 },
    { hash: "../../x", size: 2 },
    new Uint8Array(2),
  ];
  const whole = (attachments: unknown): string =>
    JSON.stringify({ cell: { attachments }, text: "", kind: "text" });
  const forms = [1, "x", [1], { p: 1 }, { p: { "image/png": 1 } }, { p: { "text/html": "<b>" } }];
  for (const kept of [...odd, ...forms.map(whole)]) {
    cell.map.set("jupyter", kept);
    const shown = await attachmentsOf(cell, new MemoryBlobStore()).catch(() => new Map());
    expect([...shown]).toEqual([]);
    expect(notebook.print()).toContain("attachment:p");
  }
  const nested = new Y.Map();
  cell.map.set("jupyter", nested);
  const copy = notebook.insert("text", cell.id, "copy");
  giveKept(copy, takeKept(cell));
  expect(copy.map.get("jupyter")).toBeUndefined();
  expect(cell.map.get("jupyter")).toBe(nested);
});

it("[NB-71] shows the file's outputs as a run of the file's", async () => {
  const blobs = new MemoryBlobStore();
  const outputs = [
    { output_type: "stream", name: "stdout", text: ["one\n", "two"] },
    { output_type: "display_data", metadata: {}, data: { "image/png": "AQL6\n", "text/plain": "<Figure>" } },
    { output_type: "execute_result", execution_count: 3, metadata: {}, data: { "text/plain": ["42"] } },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["\u001B[31mE\u001B[0m: v"] },
  ];
  const cell = { cell_type: "code", execution_count: 3, metadata: { tags: ["t"] }, outputs, source: "x" };
  const notebook = imported(file({}, cell), blobs);
  const run = notebook.cells[0]?.run;
  expect(run?.by.name).toBe("The Jupyter file");
  expect(run?.code).toBe(1);
  const { hash, size } = blobs.put(Uint8Array.of(1, 2, 250));
  const picture = printDisplay({ hash, size, mime: "image/png", name: "output-2.png" });
  expect(run?.output?.head).toBe(`one\ntwo\n${picture}\n42\n\u001B[31mE\u001B[m: v\n`);
  expect(JSON.parse(await printIpynb(notebook, blobs))).toMatchObject({ cells: [cell] });
  // Another run brings its own.
  notebook.setRun(notebook.cells[0]?.id ?? "", {
    ...run!,
    id: "mine",
    started: 9,
    output: { head: "new\r\n", tail: "", omitted: 0 },
  });
  expect(JSON.parse(await printIpynb(notebook, blobs))).toMatchObject({
    cells: [
      {
        execution_count: null,
        metadata: { tags: ["t"] },
        outputs: [{ output_type: "stream", name: "stdout", text: ["new\n"] }],
      },
    ],
  });
});

it("[NB-75] leaves out a name without letters", async () => {
  const { cells } = JSON.parse(
    await printIpynb(notebookOf('```python {name=""}\n1\n```\n'), new MemoryBlobStore()),
  ) as { cells: { metadata: object }[] };
  expect(cells[0]?.metadata).toEqual({});
});

const json = fc.jsonValue({ maxDepth: 2 });
const sources = fc
  .oneof(plainMarkdown, anyMarkdown, fc.constantFrom("", "x = 1\n", "%%bash\nls", "$x_1*y$"))
  .chain((text) => fc.constantFrom<string | string[]>(text, text === "" ? [] : text.split(/(?<=\n)/)));
const metadata = fc.dictionary(fc.constantFrom("tags", "name", "collapsed", "conch", "x"), json);
const bundle = fc.dictionary(
  fc.constantFrom("text/plain", "text/html", "image/png", "application/json", "application/x"),
  fc.oneof(fc.constantFrom("AQID\n", "é\n"), fc.constant(["a\n", "b"])),
);
const output = fc.oneof(
  fc.record({ output_type: fc.constant("stream"), name: fc.constantFrom("stdout", "stderr"), text: sources }),
  fc.record({ output_type: fc.constant("display_data"), data: bundle, metadata }),
  fc.record({
    output_type: fc.constant("execute_result"),
    execution_count: fc.nat(),
    data: bundle,
    metadata,
  }),
  fc.record({
    output_type: fc.constant("error"),
    ename: fc.string(),
    evalue: fc.string(),
    traceback: fc.array(fc.string()),
  }),
  fc.record({ output_type: fc.string(), odd: json }),
);
const attachments = fc.dictionary(fc.constantFrom("a.png", "b"), bundle);
const anyCell = fc.oneof(
  fc.record(
    { cell_type: fc.constant("markdown"), source: sources, metadata, attachments },
    { requiredKeys: ["cell_type", "source", "metadata"] },
  ),
  fc.record(
    { cell_type: fc.constant("raw"), source: sources, metadata, attachments },
    { requiredKeys: ["cell_type", "source"] },
  ),
  fc.record(
    {
      cell_type: fc.constant("code"),
      source: sources,
      metadata,
      execution_count: fc.option(fc.nat()),
      outputs: fc.array(output, { maxLength: 3 }),
      odd: json,
    },
    { requiredKeys: ["cell_type", "outputs"] },
  ),
);
const anyFile = fc
  .record({
    metadata: fc.oneof(
      fc.record({ kernelspec: json, language_info: json, x: json }, { requiredKeys: [] }),
      fc.constantFrom<object>(
        { kernelspec: { name: "ir" } },
        { language_info: { name: "python" } },
        { kernelspec: { language: "bash" } },
      ),
    ),
    minor: fc.constantFrom(0, 2, 4, 5),
    cells: fc.array(anyCell, { maxLength: 5 }),
  })
  .map(({ metadata: facts, minor, cells }) => ({
    metadata: facts,
    nbformat: 4,
    nbformat_minor: minor,
    cells: cells.map((cell, index) => (minor >= 5 ? { ...cell, id: `cell-${index}` } : cell)),
  }));

const runs = Number(process.env["CONCH_FUZZ_OPS"] ?? 100);

it("[NB-70] gives an unchanged file back", async () => {
  await fc.assert(
    fc.asyncProperty(anyFile, async (whole) => {
      expect(await roundTrip(whole)).toEqual(JSON.parse(JSON.stringify(whole)));
    }),
    { numRuns: runs },
  );
});

it("[NB-70] gives back all cells but the changed one", async () => {
  await fc.assert(
    fc.asyncProperty(anyFile, fc.nat(), async (whole, at) => {
      fc.pre(whole.cells.length > 0);
      const blobs = new MemoryBlobStore();
      const source = JSON.stringify(whole);
      const notebook = imported(source, blobs);
      const index = at % notebook.cells.length;
      const cell = notebook.cells[index];
      if (cell?.source === undefined)
        cell?.prose?.push([newElement(element("paragraph", undefined, [textNode("added", [])]))]);
      else cell.source.insert(0, "y = 2\n");
      const { cells } = JSON.parse(await printIpynb(notebook, blobs)) as Printed;
      const before = (JSON.parse(source) as Printed).cells;
      expect(cells.toSpliced(index, 1)).toEqual(before.toSpliced(index, 1));
      expect(cells[index]?.source).not.toEqual(before[index]?.source);
      expect(JSON.stringify(cells[index]?.source)).toMatch(/added|y = 2/);
    }),
    { numRuns: runs },
  );
});
