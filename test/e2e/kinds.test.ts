// Two people rename one file to another kind while neither has the server, edit it, and meet again.

import { expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();

const backLimit = 60_000;
const markdown = "# Notes\n\n```sh\none\n```\n\n```sh\ntwo\n```\n";

async function renameInTree(person: WorkspacePage, from: string, to: string): Promise<void> {
  await person.file(from).click();
  await person.file(from).focus();
  await person.page.keyboard.press("F2");
  await person.page.keyboard.press("Control+A");
  await person.page.keyboard.type(to);
  await person.page.keyboard.press("Enter");
  await person.file(to).waitFor();
}

/** Types at the end of a code cell. */
async function typeInCell(person: WorkspacePage, number: number, text: string): Promise<void> {
  const cell = person.notebook("x.nb.md").getByRole("group", { name: `Cell ${number}`, exact: true });
  await cell.locator(".view-lines").click();
  await person.page.keyboard.press("Control+End");
  await person.type(text);
}

it("[PR-80] two who make a notebook of one file and edit different cells have one notebook with both edits", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  const ben = await world.enter(project.url);
  const people = [ana, ben];
  for (const person of people) await person.ready();
  await ana.write("x.md", markdown);
  await ben.file("x.md").waitFor();
  await ana.saved();
  // The editors come from the server, or from what the browser keeps.
  for (const person of people) await person.keptForOffline();

  await world.server.kill();
  for (const person of people)
    await until("the line has fallen", async () =>
      person.page.evaluate(() => globalThis.conch?.room.state().connection !== "online"),
    );
  for (const [person, number, word] of [
    [ana, 2, " ana"],
    [ben, 3, " ben"],
  ] as const) {
    await renameInTree(person, "x.md", "x.nb.md");
    await person.openFile("x.nb.md");
    await typeInCell(person, number, word);
  }
  await world.server.start();

  const both = markdown.replace("one", "one ana").replace("two", "two ben");
  for (const person of people)
    await until("both edits are there", async () => (await person.read("x.nb.md")) === both, backLimit);
  for (const person of people) expect(await person.cells("x.nb.md")).toHaveLength(3);

  // What is on the screen is that notebook: typing goes on in it.
  await typeInCell(ana, 3, "!");
  const more = both.replace("two ben", "two ben!");
  await until("the other sees it", async () => (await ben.read("x.nb.md")) === more, backLimit);
  await renameInTree(ben, "x.nb.md", "x.md");
  await ana.file("x.md").waitFor();
  await until("it is Markdown again", async () => (await ana.read("x.md")) === more, backLimit);
});
