// The picture in README, taken of the real thing: two people, a notebook that has run, a terminal.
// It is written where it is missing or where CONCH_SCREENSHOT is set; otherwise it is only taken.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";

const world = useWorld();
const file = join(import.meta.dirname, "../../docs/screenshot.png");
const notebook = "welcome.nb.md";
/** Bytes: a picture in git should stay small. */
const largest = 300_000;
const viewport = { width: 1360, height: 850 };

it("shows two people at work", async () => {
  const project = await world.server.createProject({ name: "Garden plans" });
  const ana = await world.enter(project.url, { viewport });
  const ben = await world.enter(project.url);
  for (const [person, name] of [
    [ana, "Ana"],
    [ben, "Ben"],
  ] as const) {
    await person.ready();
    await person.rename(name);
  }
  // Twice: the first run of anything on a fresh machine is its slowest.
  await ana.runNotebook(notebook);
  await ana.runNotebook(notebook);
  await ana.page.getByRole("button", { name: "New terminal" }).click();
  const terminal = ana.page.getByRole("region", { name: "Terminal 1" });
  await until("there is a prompt", async () => (await terminal.innerText()).includes("$"), 60_000);
  await ana.type("ls -l --color --time-style=+ && cat hello.txt\n");
  await until("the files are listed", async () => (await terminal.innerText()).includes("Hello from"));
  // Ben's caret stands in a cell that can be seen.
  const cell = await ben.cell(notebook, "A first file");
  await cell.locator(".view-lines").click();
  await ben.page.keyboard.press("End");
  await ana.page.mouse.move(0, 0);
  await until("Ana sees where Ben is", async () =>
    (await ana.cell(notebook, "A first file")).evaluate((element) =>
      element.matches('[data-visited="true"]'),
    ),
  );
  await ana.notebook(notebook).evaluate((element) => element.scrollTo(0, 0));
  await ana.saved();
  const picture = await ana.page.screenshot();
  expect(picture.length).toBeLessThan(largest);
  if (!existsSync(file) || process.env["CONCH_SCREENSHOT"] !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, picture);
  }
});
