// axe finds nothing on the screens that a machine draws: outputs of every kind, a running cell, terminals.

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { printDisplay } from "#core/notebook/output/display.ts";
import type { TestProject } from "#test/harness/server.ts";
import { until } from "#test/harness/until.ts";
import { Screens } from "./screens.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const file = "outputs.nb.md";

const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><rect width="120" height="60" fill="#39c"/></svg>';

/** Puts a blob into the project as a guest's `display` does, and gives a command that prints its marker. */
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

/** Every colour that a program can ask for, dim, inverse, on every ground. */
const colours = [
  "for c in {0..7}; do for w in 3 9; do printf '\\033[%s%sm text \\033[2m dim \\033[7m inverse \\033[0m' $w $c; done; done; echo",
  "for c in {0..7}; do for f in {0..7}; do printf '\\033[4%s;3%sm on \\033[0m' $c $f; done; done; echo",
  "for c in 16 21 46 52 93 148 197 226 231 232 244 255; do printf '\\033[38;5;%sm cube \\033[48;5;%sm\\033[39m ground \\033[0m' $c $c; done; echo",
  "printf '\\033[2mdim\\033[0m \\033[1mbold\\033[0m \\033[9mstruck\\033[0m https://a.example/\\n'",
];

it("finds nothing in a notebook with outputs of every kind, nor while a cell runs", async () => {
  const screens = new Screens();
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  const ben = await world.enter(project.url);
  for (const person of [ana, ben]) await person.ready();
  const csv = ["name,count", ...Array.from({ length: 300 }, (_, row) => `row ${row},${row}`)].join("\n");
  await ana.write(
    file,
    [
      "# Outputs\n",
      fence("colours", ...colours),
      fence(
        "displays",
        await shown(project, "drawing.svg", "image/svg+xml", drawing),
        await shown(project, "table.csv", "text/csv", csv),
        await shown(
          project,
          "data.json",
          "application/json",
          '{"list": [1, true, null, "x"], "n": {"a": 1}}',
        ),
        await shown(
          project,
          "notes.md",
          "text/markdown",
          "# Notes\n\n*one* [link](https://a.example/) `code`",
        ),
        await shown(project, "page.html", "text/html", "<h1>Hello</h1><p>from a page</p>"),
        await shown(project, "song.ogg", "audio/ogg", "OggS"),
      ),
      fence("long", "seq 1 200"),
      fence("failed", "seq 1 9; cat missing", "exit 3"),
      fence("waits", "read -r line; echo got $line"),
      fence("again", "echo first", "cat > /dev/null"),
    ].join("\n"),
  );
  for (const person of [ana, ben]) await person.openFile(file);
  for (const name of ["colours", "displays", "long", "failed"]) {
    const cell = await ana.cell(file, name);
    await ana.runCell(cell);
    await until(`${name} has run`, async () => (await cell.getAttribute("data-state")) !== "running", 90_000);
    await until(`${name} was run`, async () => (await cell.getAttribute("data-state")) !== "idle");
    await screens.look(`output of ${name}`, ana);
  }
  await screens.look("outputs, for a colleague", ben);
  const long = await ana.cell(file, "long");
  await long.getByRole("button", { name: "Open full output" }).click();
  await ana.page.getByRole("document", { name: "Full output" }).waitFor();
  await screens.look("full output", ana);
  await ana.page.keyboard.press("Escape");
  await long.focus();
  await ana.page.keyboard.press("o");
  await long.getByRole("button", { name: "Show the output" }).waitFor();
  await screens.look("folded output", ana);
  const waits = await ana.cell(file, "waits");
  await ana.runCell(waits);
  await waits.getByRole("textbox", { name: "Input for the running cell" }).waitFor();
  await screens.look("running cell", ana);
  await screens.look("running cell of a colleague", ben);
  await waits.getByRole("textbox", { name: "Input for the running cell" }).fill("hello");
  await ana.page.keyboard.press("Enter");
  await until("it is done", async () => (await waits.getAttribute("data-state")) === "done");
  // The output of the run before is shown until the next one has some.
  await ana.runCell(waits);
  await waits.getByRole("textbox", { name: "Input for the running cell" }).waitFor();
  await screens.look("running again", ana);
  screens.expectNone();
});

it("finds nothing in terminals, one's own, watched and offered", async () => {
  const screens = new Screens();
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  const ben = await world.enter(project.url);
  for (const person of [ana, ben]) await person.ready();
  await ana.rename("Ana");
  await ana.page.getByRole("button", { name: "New terminal" }).click();
  const own = ana.page.getByRole("region", { name: "Terminal 1" });
  await screens.look("terminal that starts", ana);
  await until("the shell has a prompt", async () => /\$ *$/.test((await own.innerText()).trimEnd()), 90_000);
  for (const line of colours) await ana.type(`${line}\n`);
  await until("the colours are there", async () => (await own.innerText()).includes("struck https"));
  await screens.look("terminal", ana);
  await ana.page.getByRole("button", { name: "New terminal" }).click();
  await ana.page.getByRole("tab", { name: "Terminal 2" }).waitFor();
  await screens.look("two terminals", ana);
  await ana.page.getByRole("tab", { name: "Terminal 1" }).click();

  await ben.page.getByRole("tab", { name: "Ana's terminal", exact: true }).click();
  const watched = ben.page.getByRole("region", { name: "Ana's terminal" });
  await until("Ben sees them", async () => (await watched.innerText()).includes("struck"));
  await screens.look("watched terminal", ben);
  await ana.page.getByRole("button", { name: "Let others type" }).click();
  await watched.getByText("You may type here").waitFor();
  await screens.look("offered terminal", ana);
  await screens.look("offered terminal, for a colleague", ben);
  await own.locator(".xterm").click();
  await ana.type("exit\n");
  await own.getByRole("button", { name: "Restart terminal" }).waitFor();
  await screens.look("ended terminal", ana);
  screens.expectNone();
});

it("tells once that a run has started and how it ended, and reads no finished output again", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  const ben = await world.enter(project.url);
  for (const person of [ana, ben]) await person.ready();
  await ana.write(
    file,
    [fence("good", "echo fine"), fence("bad", "exit 3"), fence("asks", "read -r x")].join("\n"),
  );
  for (const person of [ana, ben]) {
    await person.openFile(file);
    await person
      .notebook(file)
      .getByRole("status", { name: "Runs" })
      .evaluate((status) => {
        status.dataset["said"] = "";
        new MutationObserver(() => (status.dataset["said"] += `${status.textContent}|`)).observe(status, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      });
  }
  const said = (person: typeof ana) =>
    person.notebook(file).getByRole("status", { name: "Runs" }).getAttribute("data-said");
  const [good, bad, asks] = await Promise.all(["good", "bad", "asks"].map((name) => ana.cell(file, name)));
  await ana.runCell(good!);
  await until("it is told", async () => (await said(ana))?.includes("finished") === true, 90_000);
  await ana.runCell(bad!);
  await until("that is told", async () => (await said(ana))?.includes("failed") === true);
  expect(await said(ana)).toBe(
    "Cell 1 is running.|Cell 1 has finished.|Cell 2 is running.|Cell 2 has failed.|",
  );
  // It is no news to a colleague, who sees it.
  await until(
    "Ben sees it",
    async () => (await (await ben.cell(file, "bad")).getAttribute("data-state")) === "failed",
  );
  expect(await said(ben)).toBe("");
  const log = good!.getByRole("log", { name: "Output" });
  expect(await log.getAttribute("aria-live")).toBe("off");
  await ana.runCell(asks!);
  await asks!.getByRole("textbox", { name: "Input for the running cell" }).waitFor();
  expect(await asks!.getByRole("log", { name: "Output" }).getAttribute("aria-live")).toBe("polite");
});
