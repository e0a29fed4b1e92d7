// What the rich text editor leaves alone: a formula beside what is typed, the wraps of a README, a Jupyter file.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
let ana: WorkspacePage;

beforeAll(async () => {
  const project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
});

/** Opens a notebook of this text and puts the caret behind these words of it. */
async function openBehind(file: string, markdown: string, words: string): Promise<void> {
  await ana.write(file, markdown);
  await ana.openFile(file);
  const text = ana
    .notebook(file)
    .getByRole("textbox", { name: /^Text of cell/ })
    .getByText(words)
    .first();
  await text.waitFor();
  await text.evaluate((element, wanted) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const at = node.nodeValue?.indexOf(wanted) ?? -1;
      if (at < 0) continue;
      element.closest<HTMLElement>("[contenteditable]")?.focus();
      document.getSelection()?.collapse(node, at + wanted.length);
      return;
    }
    throw new Error(`no text ${wanted}`);
  }, words);
}

/** Waits for the whole file: an answer in passing would be no proof of what stays. */
async function reads(path: string, expected: string): Promise<void> {
  let last = "";
  await until(`${path} reads as expected`, async () => (last = await ana.read(path)) === expected).catch(
    (error: unknown) => {
      expect(last).toBe(expected);
      throw error;
    },
  );
}

describe("what the editor does not know", () => {
  const formulas =
    "Let $x\\,dx$ and $a_1*b_1*c$ be, with $$ a \\\\ b ~x | y~ $$\nin two *wrapped* lines, for $5 and $6.\n";

  it("stays as it is beside a typed letter", async () => {
    await openBehind("formulas.nb.md", formulas, " be");
    await ana.page.keyboard.type("Q");
    await reads("formulas.nb.md", formulas.replace(" be,", " beQ,"));
  });

  it("takes a typed formula as one", async () => {
    await openBehind("typed.nb.md", "Let it be.\n", "Let");
    await ana.page.keyboard.type(" $y_1*z_1$ of *these*");
    await reads("typed.nb.md", "Let $y_1*z_1$ of *these* it be.\n");
  });

  it("takes pasted formulas as some", async () => {
    await openBehind("pasted.nb.md", "Let it be.\n", "Let");
    const pasted = " $a_1*b_1*c$ and \\(x\\,y\\) for $5";
    await ana.page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      document.activeElement?.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
      );
    }, pasted);
    await reads("pasted.nb.md", `Let${pasted} it be.\n`);
  });

  it("keeps a link with code in it one link", async () => {
    await openBehind("link.nb.md", "See [the `x` docs](u) now.\n", " now");
    await ana.page.keyboard.type("Q");
    await reads("link.nb.md", "See [the `x` docs](u) nowQ.\n");
  });

  it("takes an address beside a typed letter for text", async () => {
    await openBehind("mail.nb.md", "see @AGENTS.md here\n", "see ");
    await ana.page.keyboard.type("Q");
    await reads("mail.nb.md", "see Q@AGENTS.md here\n");
    const box = ana.notebook("mail.nb.md").getByRole("textbox", { name: /^Text of cell/ });
    await expect(box.getByRole("link").count()).resolves.toBe(0);
  });
});

it("changes one line of a README where one word is changed", async () => {
  const readme = readFileSync(
    new URL("../../node_modules/mdast-util-gfm/readme.md", import.meta.url),
    "utf8",
  );
  const file = "readme.nb.md";
  await openBehind(file, readme, "extensions to parse and serialize");
  await ana.page.keyboard.type(" well");
  await until("the file has the word", async () => (await ana.read(file)).includes("serialize well"));
  const [before, after] = [readme.split("\n"), (await ana.read(file)).split("\n")];
  expect(after).toHaveLength(before.length);
  expect(after.filter((line, index) => line !== before[index])).toHaveLength(1);
});

it("gives a Jupyter file back as it came, and shows its picture and its output", async () => {
  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const file = {
    cells: [
      {
        cell_type: "markdown",
        id: "intro",
        metadata: { tags: ["lead"] },
        attachments: { "dot.png": { "image/png": png } },
        source: ["Wrapped *lines* with $x\\,dx$\n", "* and\n", "\n", "* a dot ![dot](attachment:dot.png)\n"],
      },
      {
        cell_type: "code",
        execution_count: 7,
        id: "sum",
        metadata: { collapsed: true },
        outputs: [
          { data: { "text/plain": ["42"] }, execution_count: 7, metadata: {}, output_type: "execute_result" },
        ],
        source: ["6 * 7"],
      },
      { cell_type: "raw", id: "raw", metadata: { format: "text/latex" }, source: ["\\LaTeX"] },
    ],
    metadata: { kernelspec: { display_name: "Py", language: "python", name: "python3" }, title: "T" },
    nbformat: 4,
    nbformat_minor: 5,
  };
  const choose = async (name: string): Promise<void> => {
    await ana.page.keyboard.press("ControlOrMeta+k");
    await ana.page.getByRole("combobox").fill(name);
    await ana.page.keyboard.press("Enter");
  };
  const chooser = ana.page.waitForEvent("filechooser");
  await choose("Import Jupyter");
  await (
    await chooser
  ).setFiles({ name: "whole.ipynb", mimeType: "", buffer: Buffer.from(JSON.stringify(file)) });
  const notebook = ana.notebook("whole.nb.md");
  const picture = notebook.getByRole("img", { name: "dot" });
  await picture.waitFor();
  await until("the picture is drawn", () =>
    picture.evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth === 1),
  );
  await notebook.getByRole("log", { name: "Output" }).getByText("42").waitFor();
  await ana.page.getByText("Kept for its export, but not shown").first().waitFor();
  const download = ana.page.waitForEvent("download");
  await choose("Export this notebook");
  expect(JSON.parse(readFileSync(await (await download).path(), "utf8"))).toEqual(file);
});
