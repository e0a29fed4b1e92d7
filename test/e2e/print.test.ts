// Paper: a notebook is printed whole, light and without chrome; so is a file.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { printDisplay } from "#core/notebook/output/display.ts";
import { pagesOf } from "#test/harness/pdf.ts";
import { until } from "#test/harness/until.ts";
import type { TestProject } from "#test/harness/server.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
const file = "report.nb.md";
const codeCells = 30;

/** Where PDFs go while somebody looks at them. */
const pictures = process.env["CONCH_TEST_PICTURES"];

async function printed({ page }: WorkspacePage, name: string): Promise<readonly string[]> {
  const pdf = await page.pdf({ format: "A4" });
  if (pictures !== undefined) {
    mkdirSync(pictures, { recursive: true });
    writeFileSync(`${pictures}/${name}.pdf`, pdf);
  }
  return pagesOf(pdf);
}

async function shown(project: TestProject, name: string, mime: string, content: string): Promise<string> {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex");
  const response = await fetch(`${world.server.origin}/api/projects/${project.id}/blobs/${hash}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${project.token}` },
    body: bytes,
  });
  if (!response.ok) throw new Error(await response.text());
  const marker = printDisplay({ hash, size: bytes.length, mime, name });
  return `printf '%b\\n' '${marker.replaceAll("\u001B", "\\033").replaceAll("\u0007", "\\007")}'`;
}

const fence = (name: string, ...lines: readonly string[]): string =>
  `\`\`\`sh {name="${name}"}\n${lines.join("\n")}\n\`\`\`\n`;

it("prints a notebook of 40 cells whole: all code, all outputs, and nothing to click", async () => {
  const project = await world.server.createProject({ example: "empty", name: "Garden" });
  const ana = await world.enter(project.url, { colorScheme: "dark" });
  await ana.ready();
  const drawing =
    '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="900"><rect width="2000" height="900" fill="#39c"/></svg>';
  const wide = [
    Array.from({ length: 12 }, (_, column) => `column${column}`).join(","),
    ...Array.from({ length: 60 }, (_, row) =>
      Array.from({ length: 12 }, (_, column) => `value ${row}.${column}`).join(","),
    ),
  ].join("\n");
  const page = `<table>${Array.from({ length: 40 }, (_, row) => `<tr><td>framed ${row}</td></tr>`).join("")}</table>`;
  const code = Array.from({ length: codeCells }, (_, index) =>
    [
      `## Part ${index}\n\nWhat [part ${index}](https://garden.example/part-${index}) does.\n`,
      fence(
        `cell ${index}`,
        ...Array.from({ length: 12 }, (_, line) => `# line ${line} of cell ${index}`),
        `seq ${index + 1}00 ${index + 1}20 | sed 's/^/row /'`,
      ),
    ].join("\n"),
  );
  await ana.write(
    file,
    [
      "# Report\n",
      fence(
        "displays",
        await shown(project, "drawing.svg", "image/svg+xml", drawing),
        await shown(project, "wide.csv", "text/csv", wide),
        await shown(project, "page.html", "text/html", page),
      ),
      fence("long", "seq 1 900 | sed 's/^/number /'"),
      fence(
        "tall",
        ...Array.from({ length: 120 }, (_, line) => `echo tall ${line} # a long line ${"x".repeat(90)}`),
      ),
      ...code,
    ].join("\n"),
  );
  await ana.openFile(file);
  const cells = await ana.runNotebook(file);
  expect(cells.length).toBeGreaterThanOrEqual(40);
  const notebook = ana.notebook(file);
  await notebook.locator("iframe").waitFor();
  await until("all outputs are drawn", async () => (await notebook.getByText("row 3020").count()) === 1);
  const pages = await printed(ana, "notebook");
  const text = pages.map((each) => `${each}\n`).join("");
  expect(pages.length).toBeGreaterThan(15);
  const numbers = Array.from({ length: codeCells }, (_, index) => index);
  const wanted = [
    ...numbers.flatMap((index) => [
      ...Array.from({ length: 12 }, (_, line) => `# line ${line} of cell ${index}\n`),
      ...["00", "10", "20"].map((row) => `row ${index + 1}${row}\n`),
      `https://garden.example/part-${index}`,
    ]),
    ...Array.from({ length: 120 }, (_, line) => `tall ${line}\n`),
    "number 500\n",
    "400 more lines of output are not printed.",
  ];
  expect(wanted.filter((each) => !text.includes(each))).toEqual([]);
  expect(text.includes("number 501\n")).toBe(false);
  const words = text.replaceAll(/\s+/g, " ");
  const cellsOfTables = ["value 59.0", "column11", "value 59.11", "framed 39"];
  expect(cellsOfTables.filter((each) => !words.includes(each))).toEqual([]);
  // Its name, its project and the date, once.
  expect(pages[0]).toContain(file);
  expect(pages[0]).toContain(`Garden · ${new Date().toLocaleDateString("en-US", { dateStyle: "long" })}`);
  for (const chrome of [
    "Run all",
    "Restart session",
    "Share",
    "Files",
    "Open full output",
    "New terminal",
    "Shell",
  ])
    expect(text.split("\n").includes(chrome), chrome).toBe(false);
  // No heading stands alone at a page's end.
  for (const each of pages) expect(each.trimEnd().split("\n").at(-1)).not.toMatch(/^Part \d+$/);
  // A cell that fits on a page is on one.
  const split = numbers.filter((index) => {
    const first = pages.find((each) => each.includes(`# line 0 of cell ${index}\n`));
    return !`${first}\n`.includes(`row ${index + 1}20\n`);
  });
  expect(split).toEqual([]);
  // The screen is as it was.
  expect(await ana.page.getByRole("tree", { name: "Files" }).isVisible()).toBe(true);
  expect(await ana.page.locator(".code-editor-print, .print-head").count()).toBe(0);
  expect(ana.visitor.errors).toEqual([]);
});

it("prints light in the dark theme, within the page, from the palette too", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url, { colorScheme: "dark" });
  await ana.ready();
  await ana.write(file, `# Dark\n\nprose\n\n${fence("one", "echo one # comment", 'echo "text"')}`);
  await ana.openFile(file);
  // On paper are the colours that the editor has.
  const words = ana.notebook(file).locator(".view-line span span");
  await until("the editor has colours", async () => (await words.count()) > 3);
  await ana.page.emulateMedia({ media: "print" });
  const lines = ana.page.locator(".code-editor-print > div");
  await lines.first().waitFor();
  expect(await lines.allInnerTexts()).toEqual(["echo one # comment", 'echo "text"']);
  const colours = await ana.page.evaluate(() => {
    const colour = (selector: string): string => {
      const found = document.querySelector(selector);
      return found === null ? "" : getComputedStyle(found).color;
    };
    return {
      prose: colour(".prose p"),
      comment: colour('.code-editor-print span[style*="comment"]'),
      string: colour('.code-editor-print span[style*="string"]'),
      scheme: getComputedStyle(document.documentElement).colorScheme,
    };
  });
  const dark = /^rgb\((\d+), (\d+), (\d+)\)$/;
  for (const colour of [colours.prose, colours.comment, colours.string]) {
    const channels = dark.exec(colour)?.slice(1).map(Number) ?? [255];
    expect(Math.max(...channels), JSON.stringify(colours)).toBeLessThan(140);
  }
  expect(colours.scheme).toBe("light");
  await ana.page.emulateMedia({ media: "screen" });
  await lines.first().waitFor({ state: "detached" });

  await ana.page.evaluate(() => {
    globalThis.print = () => {
      document.body.setAttribute("data-printed", "true");
    };
  });
  await ana.page.keyboard.press("ControlOrMeta+K");
  await ana.page.keyboard.type("print");
  await ana.page.getByRole("option", { name: "Print notebook" }).click();
  await ana.page.locator("body[data-printed]").waitFor();
});

it("shows no focus on paper", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  await ana.ready();
  await ana.write("f.nb.md", "Text.\n");
  await ana.openFile("f.nb.md");
  const text = ana.notebook("f.nb.md").getByText("Text.");
  await text.click();
  await ana.page.keyboard.press("Escape");
  const outline = (): Promise<string> =>
    text.evaluate((element) => getComputedStyle(element.closest(".cell-body") ?? element).outlineStyle);
  expect(await outline()).toBe("solid");
  await ana.page.emulateMedia({ media: "print" });
  expect(await outline()).toBe("none");
});

it("prints a text file with every line, numbered and wrapped", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  await ana.ready();
  const long = Array.from({ length: 60 }, (_, word) => `word${word}`).join(" ");
  await ana.write(
    "src/main.py",
    [`# ${long}`, ...Array.from({ length: 400 }, (_, line) => `print(${line})`)].join("\n"),
  );
  await ana.file("src").click();
  await ana.openFile("main.py");
  await ana.editor("main.py").waitFor();
  const pages = await printed(ana, "file");
  const text = pages.join("\n");
  const wanted = ["word59", ...Array.from({ length: 400 }, (_, line) => `print(${line})`)];
  expect(wanted.filter((each) => !text.includes(each))).toEqual([]);
  expect(pages.length).toBeGreaterThan(6);
  expect(pages[0]).toContain("src/main.py");
  expect(ana.visitor.errors).toEqual([]);
});
