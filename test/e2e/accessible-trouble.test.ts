// axe finds nothing where something stands in the way: no server, no file, no right, and in what is done about it.
// Wide and narrow, light and dark.

import { expect, it } from "vitest";
import { makeLink, share } from "#test/harness/sharing.ts";
import { until } from "#test/harness/until.ts";
import { Screens } from "./screens.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
const wide = { width: 1280, height: 720 };
const narrow = { width: 420, height: 800 };

/** In both widths. */
async function look(screens: Screens, name: string, person: WorkspacePage): Promise<void> {
  await screens.look(name, person);
  await person.page.setViewportSize(narrow);
  await screens.look(`${name}, narrow`, person);
  await person.page.setViewportSize(wide);
}

it("finds nothing in files that are no text, are gone, or have become something else", async () => {
  const screens = new Screens();
  const project = await world.server.createProject({ example: "empty", name: "Garden" });
  const [ana, ben] = [await world.enter(project.url), await world.enter(project.url)];
  for (const person of [ana, ben]) await person.ready();
  await ana.write("data.bin", "\0\u0001some bytes");
  await ana.openFile("data.bin");
  await ana.page.getByRole("button", { name: "Download" }).first().waitFor();
  await look(screens, "bytes", ana);

  await ana.write("old.ipynb", '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}');
  await ana.openFile("old.ipynb");
  await ana.page.getByRole("button", { name: "Open as notebook" }).waitFor();
  await look(screens, "a Jupyter file", ana);

  await ana.write("typed.txt", "text ");
  await ana.openFile("typed.txt");
  await ana.focusEditor("typed.txt");
  await ben.write("typed.txt", "\0binary");
  await ana.page.getByText("something other than text").waitFor();
  await look(screens, "text that became bytes", ana);

  await ana.write("gone.txt", "text");
  await ana.openFile("gone.txt");
  await ben.file("gone.txt").click();
  await ben.file("gone.txt").focus();
  await ben.page.keyboard.press("Delete");
  await ana.page.getByText("You can still read it.").waitFor();
  await look(screens, "a file that was deleted", ana);

  await ana.write("book.nb.md", "Text\n\n```sh\necho mine\n```\n");
  for (const person of [ana, ben]) await person.openFile("book.nb.md");
  await ana.notebook("book.nb.md").locator(".view-lines").click();
  await ben.notebook("book.nb.md").getByRole("group", { name: "Cell 2", exact: true }).focus();
  for (const key of ["d", "d"]) await ben.page.keyboard.press(key);
  await ana.page.getByRole("button", { name: "Bring it back" }).waitFor();
  await look(screens, "a cell that was deleted", ana);
  screens.expectNone();
});

it("finds nothing where a link is withdrawn and work is left", async () => {
  const screens = new Screens();
  const project = await world.server.createProject({ example: "empty", name: "Garden" });
  const link = await makeLink(world.server, project, { role: "editor" });
  const ana = await world.enter(link.url);
  await ana.ready();
  await ana.write("a.txt", "before\n");
  await ana.openFile("a.txt");
  await ana.focusEditor("a.txt");
  await ana.saved();
  await ana.visitor.context.setOffline(true);
  await ana.type("written offline");
  await until("it says so", async () => !(await ana.connection.innerText()).includes("Saved"));
  await look(screens, "not saved yet", ana);
  await share(world.server, project, { type: "revoke-link", link: link.link });
  await ana.visitor.context.setOffline(false);
  const notice = ana.page.getByRole("alert").filter({ hasText: "did not reach the server" });
  await notice.waitFor();
  await look(screens, "work that is left", ana);
  await notice.getByRole("button", { name: "Discard…" }).click();
  await look(screens, "work that is to be discarded", ana);
  await ana.page.reload();
  await ana.page.getByRole("heading", { name: "This link does not open the project." }).waitFor();
  await look(screens, "a link that was withdrawn", ana);
  screens.expectNone();
});

it("finds nothing in what is kept for offline, and without the server", async () => {
  const screens = new Screens();
  const project = await world.server.createProject({ example: "empty", name: "Garden" });
  const ana = await world.enter(project.url);
  await ana.ready();
  await ana.keptForOffline();
  await ana.page.getByRole("button", { name: "New terminal" }).click();
  const terminal = ana.page.getByRole("region", { name: "Terminal 1" });
  await until("there is a prompt", async () => (await terminal.innerText()).includes("$"), 90_000);
  await ana.page.setViewportSize(narrow);
  await ana.page.getByRole("button", { name: "Show terminals" }).click();
  await screens.look("a terminal, narrow", ana);
  await ana.page.keyboard.press("Shift+F6");
  await ana.page.setViewportSize(wide);
  await ana.page.getByRole("button", { name: "Machine menu" }).click();
  await ana.page.getByRole("menuitem", { name: "Keep everything for offline…" }).click();
  const dialog = ana.page.getByRole("dialog");
  await dialog.getByRole("status", { name: "Kept in this browser" }).getByText("Looking").waitFor({
    state: "detached",
  });
  await look(screens, "offline", ana);
  // Every button is within the dialog.
  const inside = await dialog.evaluate((box) => {
    const { left, right } = box.getBoundingClientRect();
    return [...box.querySelectorAll("button")].every((button) => {
      const place = button.getBoundingClientRect();
      return place.left >= left && place.right <= right;
    });
  });
  expect(inside).toBe(true);
  await world.server.kill();
  try {
    await dialog.getByRole("button", { name: /^Keep everything/ }).click();
    await dialog.getByRole("alert").waitFor();
    await look(screens, "offline, without the server", ana);
    await ana.page.keyboard.press("Escape");
    await terminal.locator(".xterm-screen").click();
    await ana.type("mkfifo --version\n");
    await ana.page.getByRole("status", { name: "Messages" }).getByText("mkfifo cannot be started").waitFor();
    // What the program says last stays in sight, and the message above it.
    const [message, panel] = await Promise.all([
      ana.page.getByRole("status", { name: "Messages" }).boundingBox(),
      terminal.boundingBox(),
    ]);
    expect((message?.y ?? 0) + (message?.height ?? 0)).toBeLessThanOrEqual(panel?.y ?? 0);
    await look(screens, "a program that is missing", ana);
    await terminal.locator(".xterm-screen").click();
    await ana.type("exit\n");
    const restart = terminal.getByRole("button", { name: "Restart terminal" });
    await restart.waitFor();
    const [note, place] = await Promise.all([
      restart.boundingBox(),
      terminal.locator(".xterm-screen").boundingBox(),
    ]);
    expect(note?.y ?? 0).toBeGreaterThanOrEqual((place?.y ?? 0) + (place?.height ?? 0));
    await look(screens, "a shell that has ended", ana);
  } finally {
    await world.server.start();
  }
  screens.expectNone();
});
