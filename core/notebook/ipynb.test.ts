import { expect, it } from "vitest";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { printDisplay } from "./display.ts";
import { printIpynb, readIpynb } from "./ipynb.ts";
import { initNotebook, Notebook } from "./notebook.ts";
import { sourceHash } from "./run.ts";

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
  notebook.merge(text);
  return notebook;
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
  expect(readIpynb(await printIpynb(notebookOf(markdown), new MemoryBlobStore()))).toBe(markdown);
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

it("[NB-72] reads what Jupyter writes", () => {
  const cell = (cell_type: string, source: string | string[]): object => ({
    cell_type,
    metadata: {},
    source,
  });
  const file = (language: string, ...cells: object[]): string =>
    JSON.stringify({ nbformat: 4, nbformat_minor: 2, metadata: { kernelspec: { language } }, cells });
  expect(readIpynb(file("python", cell("markdown", ["# A\n", "\n", "b"]), cell("code", "%%sh\nls\n")))).toBe(
    "# A\n\nb\n\n```sh\nls\n\n```\n",
  );
  expect(readIpynb(file("R", cell("code", "x <- 1")))).toBe("```R\nx <- 1\n```\n");
  for (const bad of ["", "{}", "[1]", '{"nbformat": 3, "worksheets": []}', '{"nbformat": 4, "cells": [1]}'])
    expect(readIpynb(bad)).toBeUndefined();
});
