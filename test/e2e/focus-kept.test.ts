// The focus stays, and every key arrives, while the line, one's rights and messages come and go.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dropFile } from "#test/harness/drop-file.ts";
import { makeLink, share } from "#test/harness/sharing.ts";
import { until } from "#test/harness/until.ts";
import { keyDelay } from "./composer.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });
const keys = "the quick brown fox jumps over the lazy dog";
const limit = 60_000;

async function enter(url: string): Promise<WorkspacePage> {
  const person = await world.enter(url);
  await person.ready();
  return person;
}

/** Types without pause while the other thing happens. */
async function typeWhile(person: WorkspacePage, happens: () => Promise<void>): Promise<void> {
  const half = Math.ceil(keys.length / 3);
  await person.page.keyboard.type(keys.slice(0, half), { delay: keyDelay });
  const typing = person.page.keyboard.type(keys.slice(half), { delay: keyDelay });
  await happens();
  await typing;
}

async function both(people: readonly WorkspacePage[], path: string, content: string): Promise<void> {
  for (const person of people)
    await until(`it is ${content}`, async () => (await person.read(path)) === content, limit);
}

it("[ED-16] the server goes and comes back while one types: in a file, in code, in prose", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const [ana, ben] = [await enter(project.url), await enter(project.url)];
  await ana.write("a.txt", "> ");
  await ana.write("b.nb.md", "Prose\n\n```sh\necho\n```\n");
  await ben.file("b.nb.md").waitFor();
  const away = async (): Promise<void> => {
    await world.server.kill();
    await until("the line has fallen", async () => !(await ana.connection.innerText()).includes("Saved"));
    await world.server.start();
  };
  await ana.openFile("a.txt");
  await ana.focusEditor("a.txt");
  await typeWhile(ana, away);
  await until("the line is back", async () => (await ana.connection.innerText()).trim() === "Saved", limit);
  await ana.type("!");
  await both([ana, ben], "a.txt", `> ${keys}!`);

  await ana.openFile("b.nb.md");
  await ana.notebook("b.nb.md").locator(".view-lines").click();
  await ana.page.keyboard.press("Control+End");
  await typeWhile(ana, away);
  await ana.notebook("b.nb.md").getByText("Prose").click();
  await ana.page.keyboard.press("End");
  await typeWhile(ana, away);
  await until("the line is back", async () => (await ana.connection.innerText()).trim() === "Saved", limit);
  await ana.type("!");
  await both([ana, ben], "b.nb.md", `Prose${keys}!\n\n\`\`\`sh\necho${keys}\n\`\`\`\n`);
  for (const person of [ana, ben]) expect(await person.page.getByRole("tree").count()).toBe(1);
});

it("[ED-15] a role that is lowered and raised while one types: tabs, caret and every letter are there", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const link = await makeLink(world.server, project, { role: "editor" });
  const change = async (role: "viewer" | "editor"): Promise<void> => {
    await share(world.server, project, { type: "change-link", link: link.link, role });
  };
  const [owner, ana] = [await enter(project.url), await enter(link.url)];
  await ana.write("a.txt", "first\nlast\n");
  await ana.write("b.nb.md", "```sh\necho one\n```\n");
  await ana.openFile("b.nb.md");
  await ana.openFile("a.txt");
  await ana.focusEditor("a.txt");
  await ana.page.keyboard.press("Control+Home");
  await ana.page.keyboard.press("End");
  await typeWhile(ana, async () => {
    await change("viewer");
    await ana.page.getByText("You may only read this project now.").waitFor();
  });
  await ana.ready();
  const editor = ana.page.getByRole("textbox", { name: "a.txt", exact: true });
  await until("the editor has the focus", () => editor.evaluate((it) => it === document.activeElement));

  // What had been typed is in the file as far as the server took it, and what came after is offered, or there is none.
  const taken = await owner.read("a.txt");
  expect(taken).toMatch(/^first.*\nlast\n$/);
  const typed = taken.slice("first".length, -"\nlast\n".length);
  expect(keys.startsWith(typed)).toBe(true);
  const notice = ana.page.getByRole("alert").filter({ hasText: "did not reach the server" });
  if ((await notice.count()) > 0) {
    const downloading = ana.page.waitForEvent("download");
    await notice.getByRole("button", { name: "Download unsaved work" }).click();
    const saved = await readFile(await (await downloading).path(), "utf8");
    expect(saved.startsWith(`first${typed}`)).toBe(true);
    expect(`first${keys}`.startsWith(saved.slice(0, -"\nlast\n".length))).toBe(true);
    await editor.focus();
  }
  await ana.type("not taken");
  expect(await ana.read("a.txt")).toBe(taken);

  await change("editor");
  await ana.page.getByRole("button", { name: "New file" }).waitFor();
  await until("one may type", () => editor.evaluate((it) => it === document.activeElement));
  await ana.type("!");
  await both([owner, ana], "a.txt", `first${typed}!\nlast\n`);
  await ana.tab("b.nb.md").waitFor();

  // In a notebook.
  await ana.openFile("b.nb.md");
  await ana.notebook("b.nb.md").locator(".view-lines").click();
  await ana.page.keyboard.press("End");
  await change("viewer");
  await ana.page.getByRole("button", { name: "New file" }).waitFor({ state: "detached" });
  await ana.ready();
  await ana.notebook("b.nb.md").locator(".view-lines").waitFor();
  await change("editor");
  await ana.page.getByRole("button", { name: "New file" }).waitFor();
  const code = ana.page.getByRole("textbox", { name: "Code of cell 1" });
  await until("the cell has the caret", () => code.evaluate((it) => it === document.activeElement));
  await ana.type(" two");
  await both([owner, ana], "b.nb.md", "```sh\necho one two\n```\n");
});

it("[ED-16] an upload that ends and its message leave the caret where it is", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await enter(project.url);
  await ana.write("a.txt", "");
  await ana.openFile("a.txt");
  await ana.focusEditor("a.txt");
  const folder = await mkdtemp(join(tmpdir(), "conch-drop-"));
  try {
    for (const name of ["one.txt", "two.txt", "three.bin"]) await writeFile(join(folder, name), `\0${name}`);
    await typeWhile(ana, async () => {
      await dropFile(ana.page, folder, ana.page.getByRole("tree", { name: "Files" }));
      await ana.page.getByRole("status", { name: "Messages" }).getByText("3 files added").waitFor();
    });
    await both([ana], "a.txt", keys);
  } finally {
    await rm(folder, { recursive: true });
  }
});
