// A notebook by keyboard and mouse: Jupyter's keys, input while it runs, interrupting, long and coloured output.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
const file = "lab.nb.md";
const machineLimit = 60_000;
let ana: WorkspacePage;

const markdown = `# Lab

\`\`\`sh {name="colours"}
printf '\\033[31mred\\033[0m plain \\033[1;32mgreen\\033[0m\\n'
printf 'one'; printf '\\rtwo\\n'
\`\`\`

\`\`\`sh {name="input"}
read -p 'name? ' name
echo "hello $name"
\`\`\`

\`\`\`sh {name="endless"}
echo started
sleep 600
echo never
\`\`\`

\`\`\`sh {name="long"}
seq 200
\`\`\`

\`\`\`python {name="mistake"}
1 / 0
\`\`\`
`;

beforeAll(async () => {
  const project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
  await ana.write(file, markdown);
  await ana.openFile(file);
  await ana.notebook(file).getByRole("heading", { name: "Lab" }).waitFor();
  // The machine starts once, here and not in the tests.
  await ana.run(["true"]);
});

describe("running", () => {
  it(
    "shows colours, and lines as they stand in the end",
    async () => {
      const cell = await ana.cell(file, "colours");
      await ana.runCell(cell);
      const log = cell.getByRole("log", { name: "Output" });
      await until("the output is there", async () => (await log.innerText()) === "red plain green\ntwo");
      const red = log.getByText("red", { exact: true });
      const colour = (element: Element): string => getComputedStyle(element).color;
      expect(await red.evaluate(colour)).not.toBe(await log.evaluate(colour));
      await until("it is done", async () => (await cell.getAttribute("data-state")) === "done");
    },
    machineLimit,
  );

  it("takes what is typed after a click on Run as its input", async () => {
    const cell = await ana.cell(file, "input");
    await ana.runCell(cell);
    await cell.getByRole("textbox", { name: "Input for the running cell" }).waitFor();
    await ana.page.keyboard.type("Ada\n");
    const log = cell.getByRole("log", { name: "Output" });
    await until("it has greeted", async () => (await log.innerText()).endsWith("hello Ada"));
  });

  it("says what its button does now", async () => {
    const tip = ana.page.locator(".kit-tooltip");
    const cell = await ana.cell(file, "endless");
    await ana.runCell(cell);
    await cell.getByRole("log", { name: "Output" }).getByText("started").waitFor();
    await ana.page.mouse.move(0, 0);
    await cell.getByRole("button", { name: "Interrupt cell" }).hover();
    await until("it interrupts", async () => (await tip.innerText()).startsWith("Interrupt cell"));
    await ana.page.evaluate(() => {
      const buttons = [...document.querySelectorAll<HTMLElement>("button")];
      buttons.find((button) => button.getAttribute("aria-label") === "Interrupt cell")?.click();
    });
    await until("it runs", async () => (await tip.innerText()).startsWith("Run cell"));
  });

  it("takes input while it runs", async () => {
    const cell = await ana.cell(file, "input");
    await ana.runCell(cell);
    await cell.getByRole("textbox", { name: "Input for the running cell" }).fill("Zoë");
    await ana.page.keyboard.press("Enter");
    const log = cell.getByRole("log", { name: "Output" });
    await until("the answer is there", async () => (await log.innerText()).includes("hello Zoë"));
  });

  it("is interrupted, and says so", async () => {
    const cell = await ana.cell(file, "endless");
    await ana.runCell(cell);
    const log = cell.getByRole("log", { name: "Output" });
    await until("it runs", async () => (await log.innerText()).includes("started"));
    await cell.getByRole("button", { name: "Interrupt cell" }).click();
    await cell.getByText(/^Interrupted after/).waitFor();
    expect(await log.innerText()).not.toContain("never");
    // The session goes on.
    const colours = await ana.cell(file, "colours");
    await ana.runCell(colours);
    await until("the next run is done", async () => (await colours.getAttribute("data-state")) === "done");
  });

  it("folds a long output and opens it in full", async () => {
    const cell = await ana.cell(file, "long");
    await ana.runCell(cell);
    const open = cell.getByRole("button", { name: "Open full output" });
    await open.waitFor();
    const box = await cell.getByRole("log", { name: "Output" }).boundingBox();
    expect(box?.height).toBeLessThanOrEqual(400);
    await open.click();
    const full = ana.page.getByRole("dialog").getByRole("document", { name: "Full output" });
    expect((await full.innerText()).split("\n")).toEqual(
      Array.from({ length: 200 }, (_, index) => `${index + 1}`),
    );
    await ana.page.keyboard.press("Escape");
    await full.waitFor({ state: "detached" });
  });

  it("names the exit code and the error of what fails, and stops a run of all there", async () => {
    const cell = await ana.cell(file, "mistake");
    await ana.runCell(cell);
    await cell.getByText(/^Exit code 1/).waitFor();
    const log = cell.getByRole("log", { name: "Output" });
    await until("the error is there", async () => (await log.innerText()).includes("ZeroDivisionError"));
    expect(await cell.getAttribute("data-state")).toBe("failed");
  });

  it("says when the source has changed since", async () => {
    const cell = await ana.cell(file, "colours");
    await cell.locator(".view-lines").click();
    await ana.page.keyboard.press("Control+End");
    await ana.type("\necho more");
    await until("it is stale", async () => (await cell.getAttribute("data-stale")) === "true");
    await ana.page.keyboard.press("Control+Enter");
    const log = cell.getByRole("log", { name: "Output" });
    await until("it has run anew", async () => (await log.innerText()).endsWith("more"));
    await until("it is not stale", async () => (await cell.getAttribute("data-stale")) === "false");
  });
});

describe("Python", () => {
  const lessons = "python.nb.md";
  const fence = (name: string, source: string): string =>
    `\`\`\`python {name="${name}"}\n${source}\n\`\`\`\n`;
  const outputOf = async (name: string): Promise<string> =>
    (await ana.cell(lessons, name)).getByRole("log", { name: "Output" }).innerText();

  it(
    "asks with input(), is interrupted, and begins anew",
    async () => {
      await ana.write(
        lessons,
        [
          fence("ask", "name = input('Who? ')\nprint('Hello', name)"),
          fence("wait", "import time\nprint('waiting', flush=True)\ntime.sleep(600)"),
          fence("known", "'name' in globals()"),
        ].join("\n"),
      );
      await ana.openFile(lessons);
      const ask = await ana.cell(lessons, "ask");
      await ana.runCell(ask);
      // The warm Python is another notebook's: this one starts from cold.
      await until("it asks", async () => (await outputOf("ask")).includes("Who?"), machineLimit);
      const line = ask.getByRole("textbox", { name: "Input for the running cell" });
      await line.fill("Zoë");
      await line.press("Enter");
      await until("it answers", async () => (await outputOf("ask")).includes("Hello Zoë"));

      const wait = await ana.cell(lessons, "wait");
      await ana.runCell(wait);
      await until("it waits", async () => (await outputOf("wait")).includes("waiting"));
      await wait.getByRole("button", { name: "Interrupt cell" }).click();
      await wait.getByText(/^Interrupted after/).waitFor();
      await until("it says why", async () => (await outputOf("wait")).includes("KeyboardInterrupt"));

      await ana.runCell(await ana.cell(lessons, "known"));
      await until("the session went on", async () => (await outputOf("known")) === "True");
      await ana.notebook(lessons).getByRole("button", { name: "Restart session" }).click();
      await ana.page.getByText("The session is fresh").waitFor();
      await ana.runCell(await ana.cell(lessons, "known"));
      await until("it has forgotten", async () => (await outputOf("known")) === "False");
    },
    2 * machineLimit,
  );
});

it(
  "keeps a line that was being typed when the program ends",
  async () => {
    const file = "unsent.nb.md";
    const source =
      "import os, time\nprint('waits', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.05)\nif os.path.exists('ask'): print('got', input())";
    await ana.write(file, `\`\`\`python {name=wait}\n${source}\n\`\`\`\n`);
    await ana.openFile(file);
    const cell = await ana.cell(file, "wait");
    await ana.runCell(cell);
    const line = cell.getByRole("textbox", { name: "Input for the running cell" });
    // The warm Python is another notebook's: this one starts from cold.
    await cell.getByRole("log", { name: "Output" }).getByText("waits").waitFor({ timeout: machineLimit });
    await line.click();
    await ana.page.keyboard.type("half a ");
    await ana.write("go", "");
    await cell.getByText("Not sent: the program has ended.").waitFor({ timeout: machineLimit });
    await ana.page.keyboard.type("line");
    expect(await line.inputValue()).toBe("half a line");
    await ana.write("ask", "");
    await ana.runCell(cell);
    await cell.getByText("Not sent: the program has ended.").waitFor({ state: "detached" });
    await line.press("Enter");
    await cell.getByText("got half a line").waitFor({ timeout: machineLimit });
    await line.waitFor({ state: "detached" });
  },
  2 * machineLimit,
);

describe("Jupyter's files", () => {
  beforeAll(() => ana.openFile(file));

  const choose = async (command: string): Promise<void> => {
    await ana.page.keyboard.press("Control+k");
    await ana.page.keyboard.type(command);
    await ana.page.keyboard.press("Enter");
  };

  it("go out and come back", async () => {
    const exported = ana.page.waitForEvent("download");
    await choose("Export this notebook");
    const download = await exported;
    expect(download.suggestedFilename()).toBe("lab.ipynb");
    const path = await download.path();
    const written = JSON.parse(readFileSync(path, "utf8")) as { cells: { cell_type: string }[] };
    expect(written.cells.map((cell) => cell.cell_type)).toEqual([
      "markdown",
      ...Array.from({ length: 5 }, () => "code"),
    ]);
    const chooser = ana.page.waitForEvent("filechooser");
    await choose("Import Jupyter");
    await (await chooser).setFiles({ name: "lab.ipynb", mimeType: "", buffer: readFileSync(path) });
    // The name is taken.
    await ana.tab("lab (2).nb.md").waitFor();
    // A plain name needs no quotes, and gets none.
    const quoted = /name="(\w+)"/g;
    expect(await ana.read("lab (2).nb.md")).toBe((await ana.read(file)).replaceAll(quoted, "name=$1"));
  });

  it("become notebooks beside them, and are made of notebooks, from their menus", async () => {
    const cells = [{ cell_type: "markdown", id: "a", metadata: {}, source: ["* one"] }];
    await ana.write("in/j.ipynb", JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    await ana.file("in").click();
    await ana.file("j.ipynb").click({ button: "right" });
    await ana.page.getByRole("menuitem", { name: "Make a notebook of it" }).click();
    await ana.tab("j.nb.md").waitFor();
    expect(await ana.read("in/j.nb.md")).toBe("* one\n");
    const exported = ana.page.waitForEvent("download");
    await ana.file("j.nb.md").click({ button: "right" });
    await ana.page.getByRole("menuitem", { name: "Export for Jupyter" }).click();
    const written = readFileSync(await (await exported).path(), "utf8");
    expect(JSON.parse(written)).toMatchObject({ cells });
  });
});

it("opens a Jupyter file of the project as a notebook beside it", async () => {
  await ana.run(["mkdir", "-p", "course"]);
  const file = {
    cells: [
      { cell_type: "markdown", metadata: {}, source: "One $a\\,b$" },
      { cell_type: "code", execution_count: 3, metadata: {}, outputs: [], source: "1 + 1" },
    ],
    metadata: { kernelspec: { display_name: "Py", language: "python", name: "python3" } },
    nbformat: 4,
    nbformat_minor: 2,
  };
  await ana.write("course/week.ipynb", JSON.stringify(file));
  await ana.file("course").click();
  await ana.openFile("week.ipynb");
  const offer = ana.page.getByRole("group", { name: "Jupyter notebook" });
  await offer.getByRole("button", { name: "Open as notebook" }).click();
  await ana.tab("week.nb.md").waitFor();
  await ana.notebook("week.nb.md").getByText("One").waitFor();
  expect(await ana.read("course/week.nb.md")).toBe("One $a\\,b$\n\n```python\n1 + 1\n```\n");
  const exported = ana.page.waitForEvent("download");
  await ana.page.keyboard.press("Control+k");
  await ana.page.keyboard.type("Export this notebook");
  await ana.page.keyboard.press("Enter");
  expect(JSON.parse(readFileSync(await (await exported).path(), "utf8"))).toEqual(file);
  // The file as it came can be looked at, and leads to the notebook.
  await ana.tab("week.ipynb").click();
  await offer.getByRole("button", { name: "Open week.nb.md" }).click();
  await ana.page.getByRole("tab", { name: "week.nb.md", selected: true }).waitFor();
});

describe("Jupyter's keys", () => {
  beforeAll(() => ana.openFile(file));

  const kinds = async (): Promise<string> => (await ana.cells(file)).map((cell) => cell.kind).join(" ");
  const focused = (): Promise<string | null> =>
    ana.page.evaluate(
      () => document.activeElement?.closest('[role="group"]')?.getAttribute("aria-label") ?? null,
    );

  it("insert, change the kind, write, delete and bring back", async () => {
    const before = await kinds();
    await ana.notebook(file).getByRole("group", { name: "Cell 1", exact: true }).focus();
    await ana.page.keyboard.press("b");
    await until("a cell was added", async () => (await focused()) === "Cell 2");
    await ana.page.keyboard.press("m");
    await until("it is prose", async () => (await ana.cells(file))[1]?.kind === "text");
    await ana
      .notebook(file)
      .getByRole("group", { name: "Cell 2", exact: true })
      .getByRole("textbox", { name: /^Text of cell/ })
      .waitFor();
    await ana.page.keyboard.press("Enter");
    await ana.type("## A *second* title");
    await ana.page.keyboard.press("Escape");
    await until("the focus is on the cell", async () => (await focused()) === "Cell 2");
    expect(await ana.read(file)).toContain("## A *second* title\n");
    await ana.page.keyboard.press("d");
    await ana.page.keyboard.press("d");
    await until("it is gone", async () => (await kinds()) === before);
    await ana.page.getByRole("button", { name: "Undo" }).click();
    await until("it is back", async () => (await ana.read(file)).includes("## A *second* title\n"));
    await ana.page.keyboard.press("d");
    await ana.page.keyboard.press("d");
    await until("it is gone again", async () => (await kinds()) === before);
  });

  it("run and go on with Shift-Enter, move with the arrows", async () => {
    const cell = await ana.cell(file, "colours");
    await cell.focus();
    await ana.page.keyboard.press("Shift+Enter");
    await until("the next cell has the focus", async () => (await focused()) === "Cell 3");
    await ana.page.keyboard.press("k");
    await until("the cell before has it", async () => (await focused()) === "Cell 2");
    await ana.page.keyboard.press("ArrowDown");
    await until("the next cell has it again", async () => (await focused()) === "Cell 3");
    await until("the run is done", async () => (await cell.getAttribute("data-state")) === "done");
  });

  it("copy and paste, duplicate, name, hide and clear", async () => {
    const before = await kinds();
    const cell = await ana.cell(file, "colours");
    await cell.focus();
    await ana.page.keyboard.press("c");
    await ana.page.keyboard.press("v");
    await until("a copy is below", async () => (await focused()) === "Cell 3");
    const copy = ana.notebook(file).getByRole("group", { name: "Cell 3", exact: true });
    expect((await ana.cells(file))[2]).toMatchObject({ kind: "sh", name: "colours", state: "idle" });
    expect(await ana.page.evaluate(() => navigator.clipboard.readText())).toContain('```sh {name="colours"}');
    await ana.page.keyboard.press("F2");
    const dialog = ana.page.getByRole("dialog", { name: "Name of the cell" });
    await dialog.getByRole("textbox").fill("the copy");
    await ana.page.keyboard.press("Enter");
    await until("it has its name", async () => (await ana.cells(file))[2]?.name === "the copy");

    await ana.runCell(copy);
    const log = copy.getByRole("log", { name: "Output" });
    await until("it has run", async () => (await copy.getAttribute("data-state")) === "done");
    await copy.focus();
    await ana.page.keyboard.press("o");
    await log.waitFor({ state: "detached" });
    await copy.getByRole("button", { name: "Show the output" }).click();
    await log.waitFor();
    await copy.hover();
    await copy.getByRole("button", { name: "Cell menu" }).click();
    await ana.page.getByRole("menuitem", { name: "Clear output" }).click();
    await log.waitFor({ state: "detached" });
    expect((await ana.cells(file))[2]?.state).toBe("idle");

    await copy.focus();
    await ana.page.keyboard.press("x");
    await until("it is gone", async () => (await kinds()) === before);
  });

  it("changed nothing of what was not touched", async () => {
    const printed = await ana.read(file);
    expect(printed).toBe(markdown.replace("printf 'one'; printf '\\rtwo\\n'", "$&\necho more"));
    expect(ana.visitor.errors).toEqual([]);
  });
});

describe("what is kept of an output", () => {
  const kept = "kept.nb.md";
  const cells = `# Kept

\`\`\`python {name="bar"}
for i in range(20000): print("\\r", i, "x"*10, end="")
\`\`\`

\`\`\`python {name="wide"}
print("漢字漢\\x1b[2D\\x1b[Kz")
print("a\\tb\\x1b[20Gc\\x1b[31mred\\x1b[0m \\x1b]8;;https://example.org/\\x1b\\\\link\\x1b]8;;\\x1b\\\\")
\`\`\`

\`\`\`python {name="many"}
for i in range(3000): print("line", i)
\`\`\`
`;
  const text = async (name: string): Promise<string> =>
    (await ana.cell(kept, name)).getByRole("log", { name: "Output" }).innerText();

  it(
    "[NB-56] is what it shows: a long progress bar is one line, after a reload too",
    async () => {
      await ana.write(kept, cells);
      await ana.openFile(kept);
      await ana.notebook(kept).getByRole("heading", { name: "Kept" }).waitFor();
      for (const name of ["bar", "wide", "many"]) {
        const cell = await ana.cell(kept, name);
        await ana.runCell(cell);
        await until(
          `${name} is done`,
          async () => (await cell.getAttribute("data-state")) === "done",
          60_000,
        );
      }
      const check = async (): Promise<void> => {
        await until("the bar is one line", async () => (await text("bar")).trim() === "19999 xxxxxxxxxx");
        expect(await text("wide")).toBe("漢字z\na       b          cred link");
        const link = (await ana.cell(kept, "wide")).getByRole("link", { name: "link" });
        expect(await link.getAttribute("href")).toBe("https://example.org/");
      };
      await check();
      await ana.page.reload();
      await ana.ready();
      await ana.openFile(kept);
      await check();
      // Not by innerText, which passes over lines that are far out of sight.
      const many = (await ana.cells(kept)).find(({ name }) => name === "many")?.output ?? "";
      expect(many).toMatch(/^line 0\nline 1\n/);
      expect(many).toMatch(/\n… [\d,]+ lines left out …\n/);
      expect(many.trimEnd().slice(-19)).toBe("line 2998\nline 2999");
    },
    2 * machineLimit,
  );
});
