// A link that is withdrawn or a role that is lowered while there is work that the server does not have: nothing more can
// be changed, and the work is there as a file until it is taken or given up.

import { readFile } from "node:fs/promises";
import { afterAll, expect, it } from "vitest";
import { makeLink, share } from "#test/harness/sharing.ts";
import { until } from "#test/harness/until.ts";
import type { WorkspacePage } from "./workspace-page.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });

const pictures = process.env["CONCH_TEST_PICTURES"];
const people: WorkspacePage[] = [];

async function picture(person: WorkspacePage, name: string): Promise<void> {
  if (pictures === undefined) return;
  for (const theme of ["light", "dark"]) {
    await person.page.evaluate((value) => (document.documentElement.dataset["theme"] = value), theme);
    await person.page.screenshot({ path: `${pictures}/${name}-${theme}.png` });
  }
  await person.page.setViewportSize({ width: 420, height: 720 });
  await person.page.screenshot({ path: `${pictures}/${name}-narrow.png` });
  await person.page.setViewportSize({ width: 1280, height: 720 });
}

/** What the person downloads. */
async function download(person: WorkspacePage): Promise<{ readonly name: string; readonly text: string }> {
  const downloading = person.page.waitForEvent("download");
  await person.page.getByRole("button", { name: "Download unsaved work" }).click();
  const file = await downloading;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "latin1") };
}

/** The project, and an editor's link to it that somebody has come by. */
async function enterByLink(initScript?: string) {
  const project = await world.server.createProject();
  const link = await makeLink(world.server, project, { role: "editor" });
  const ben = await world.enter(link.url, initScript === undefined ? {} : { initScript });
  people.push(ben);
  await ben.ready();
  await ben.write("notes.txt", "before\n");
  await ben.write("same.txt", "the same\n");
  await ben.write("plan.nb.md", "# Plan\n\nFirst.\n");
  await ben.saved();
  return { project, link, ben };
}

async function typeInto(person: WorkspacePage, name: string, text: string): Promise<void> {
  await person.openFile(name);
  await person.focusEditor(name);
  await person.type(text);
}

it("a link that is withdrawn while one is offline: the editor stops, and the work is a file, also after a reload", async () => {
  const { project, link, ben } = await enterByLink();
  await ben.openFile("notes.txt");
  await ben.focusEditor("notes.txt");
  await ben.visitor.context.setOffline(true);
  await until(
    "it is offline",
    async () => (await ben.connection.innerText()).includes("The server cannot be reached"),
    60_000,
  );
  await typeInto(ben, "notes.txt", "written offline\n");
  await ben.write("plan.nb.md", "# Plan\n\nFirst, offline.\n");
  await ben.write("new.bin", "\0new");
  await until("it is in the file", async () => (await ben.read("notes.txt")).includes("written offline"));
  await share(world.server, project, { type: "revoke-link", link: link.link });
  await ben.visitor.context.setOffline(false);

  const notice = ben.page.getByRole("alert").filter({ hasText: "did not reach the server" });
  await notice.waitFor();
  expect(await notice.innerText()).toMatch(/withdrawn/);
  expect(await notice.innerText()).toContain("You can read what is here, but no longer change it.");
  for (const name of ["notes.txt", "plan.nb.md", "new.bin"]) expect(await notice.innerText()).toContain(name);
  expect(await notice.innerText()).not.toContain("same.txt");
  await picture(ben, "withdrawn");
  // Plainly: what is typed now changes nothing.
  await ben.focusEditor("notes.txt");
  await ben.type("too late");
  expect(await ben.read("notes.txt")).toBe("before\nwritten offline\n");
  await expect(ben.write("notes.txt", "too late")).rejects.toThrow(/read/);
  expect(await ben.page.getByRole("button", { name: "New file" }).count()).toBe(0);
  const first = await download(ben);
  expect(first.name).toBe("unsaved work.tar");
  for (const text of ["before\nwritten offline\n", "First, offline.", "\0new", "unsaved work/notes.txt"])
    expect(first.text).toContain(text);
  expect(first.text).not.toContain("the same");

  await ben.page.reload();
  await ben.page.getByRole("heading", { name: "This link does not open the project." }).waitFor();
  await ben.page.getByText("Changes in").waitFor();
  await picture(ben, "withdrawn-reloaded");
  expect((await download(ben)).text).toContain("before\nwritten offline\n");
  await ben.page.getByRole("button", { name: "Discard…" }).click();
  await ben.page.getByRole("button", { name: "Keep them" }).click();
  await ben.page.reload();
  await ben.page.getByText("Changes in").waitFor();
  await ben.page.getByRole("button", { name: "Discard…" }).click();
  await ben.page.getByRole("button", { name: "Discard them for good" }).click();
  await ben.page.getByText("Changes in").waitFor({ state: "detached" });
  await ben.page.reload();
  await ben.page.getByRole("heading", { name: "This link does not open the project." }).waitFor();
  expect(await ben.page.getByText("Changes in").count()).toBe(0);
});

it("a link that is withdrawn under one's hands says so at once, and asks for nothing where all is saved", async () => {
  const { project, link, ben } = await enterByLink();
  await ben.openFile("notes.txt");
  await share(world.server, project, { type: "revoke-link", link: link.link });
  const notice = ben.page.getByRole("alert").filter({ hasText: "withdrawn" });
  await notice.waitFor();
  expect(await notice.innerText()).not.toContain("did not reach");
  expect(await ben.page.getByRole("button", { name: "Download unsaved work" }).count()).toBe(0);
  await ben.focusEditor("notes.txt");
  await ben.type("too late");
  expect(await ben.read("notes.txt")).toBe("before\n");
});

it("work that a new link lets in again is not lost either", async () => {
  const { project, link, ben } = await enterByLink();
  await ben.openFile("notes.txt");
  // The editor has come.
  await ben.focusEditor("notes.txt");
  await ben.visitor.context.setOffline(true);
  await typeInto(ben, "notes.txt", "written offline\n");
  await share(world.server, project, { type: "revoke-link", link: link.link });
  await ben.visitor.context.setOffline(false);
  await ben.page.getByRole("alert").filter({ hasText: "did not reach the server" }).waitFor();
  const other = await makeLink(world.server, project, { role: "editor" });
  await ben.page.goto("about:blank");
  await ben.page.goto(other.url);
  await ben.ready();
  await ben.saved();
  const owner = await world.enter(project.url);
  await owner.ready();
  expect(await owner.read("notes.txt")).toBe("before\nwritten offline\n");
});

it("a role that is lowered while one is offline: the work is put aside, and offered until it is taken or given up", async () => {
  const { project, link, ben } = await enterByLink();
  await ben.openFile("notes.txt");
  // The editor has come.
  await ben.focusEditor("notes.txt");
  await ben.visitor.context.setOffline(true);
  await typeInto(ben, "notes.txt", "written offline\n");
  await until("it is kept", async () => (await ben.read("notes.txt")).includes("written offline"));
  await share(world.server, project, { type: "revoke-link", link: link.link });
  const viewer = await makeLink(world.server, project, { role: "viewer" });
  await ben.page.evaluate(() => dispatchEvent(new Event("pagehide")));
  await ben.visitor.context.setOffline(false);
  await ben.page.goto("about:blank");
  await ben.page.goto(viewer.url);
  await ben.ready();
  const notice = ben.page.getByRole("alert").filter({ hasText: "did not reach the server" });
  await notice.waitFor();
  const file = await download(ben);
  expect(file).toEqual({ name: "notes.txt", text: "before\nwritten offline\n" });
  await ben.page.reload();
  await ben.ready();
  await notice.waitFor();
  await ben.page.getByRole("button", { name: "Discard…" }).click();
  await ben.page.getByRole("button", { name: "Discard them for good" }).click();
  await notice.waitFor({ state: "detached" });
  expect(await ben.read("notes.txt")).toBe("before\n");
});

it("where this browser keeps nothing, the tab has it, and says so", async () => {
  const refusing = `IDBFactory.prototype.open = () => { throw new DOMException("Refused.", "SecurityError"); };`;
  const { project, link, ben } = await enterByLink(refusing);
  await ben.openFile("notes.txt");
  // The editor has come.
  await ben.focusEditor("notes.txt");
  await ben.visitor.context.setOffline(true);
  await typeInto(ben, "notes.txt", "written offline\n");
  await share(world.server, project, { type: "revoke-link", link: link.link });
  await ben.visitor.context.setOffline(false);
  const notice = ben.page.getByRole("alert").filter({ hasText: "did not reach the server" });
  await notice.waitFor();
  expect(await notice.innerText()).toContain("They are in this tab alone");
  expect((await download(ben)).text).toBe("before\nwritten offline\n");
});

afterAll(() => {
  for (const person of people) expect(person.visitor.strayRequests).toEqual([]);
});
