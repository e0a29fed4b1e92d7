// Carets in a notebook's file and in its cells.

import { mergeNotebook } from "#core/notebook/merge.ts";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { initNotebook, Notebook } from "#core/notebook/notebook.ts";
import { caretInCell, caretInFile } from "./notebook-caret.ts";

const file = "# Title\n\nSome *text* here.\n\n```sh {name=sh}\necho sh\n```\n\nAfter.\n";

function notebookOf(markdown: string): Notebook {
  const node = new Y.Doc().getMap("node");
  initNotebook(node);
  const notebook = new Notebook(node);
  mergeNotebook(notebook, markdown);
  return notebook;
}

describe("a caret of the file", () => {
  it.each([
    ["# Ti|tle", 0, "# Ti"],
    ["text* he|re", 0, "# Title\n\nSome *text* he"],
    ["echo s|h", 1, "echo s"],
    ["```s|h {", 1, ""],
    ["Aft|er", 2, "Aft"],
  ])("%s is in cell %i, behind %j", (around, index, before) => {
    const notebook = notebookOf(file);
    const plain = around.replace("|", "");
    const offset = file.indexOf(plain) + around.indexOf("|");
    const found = caretInCell(notebook, { text: file, offset });
    expect(found?.cell).toBe(notebook.cells[index]?.id);
    expect(found?.caret.text.slice(0, found.caret.offset)).toBe(before);
  });

  it("comes back from code exactly", () => {
    const notebook = notebookOf(file);
    const id = notebook.cells[1]?.id ?? "";
    for (let offset = 0; offset <= "echo sh".length; offset++) {
      const there = caretInFile(notebook, id, { text: "echo sh", offset });
      expect(there.text).toBe(file);
      expect(caretInCell(notebook, there)).toEqual({ cell: id, caret: { text: "echo sh", offset } });
    }
  });

  it("is nowhere in a notebook without cells", () => {
    expect(caretInCell(notebookOf(""), { text: "", offset: 0 })).toBeUndefined();
  });
});
