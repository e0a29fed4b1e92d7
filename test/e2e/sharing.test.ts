// Sharing as people see it: links that are made, changed and withdrawn, people whose role changes while they are here.

import { expect, it } from "vitest";
import type { Role } from "#core/auth/role.ts";
import { makeLink } from "#test/harness/sharing.ts";
import { until } from "#test/harness/until.ts";
import type { WorkspacePage } from "./workspace-page.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });

/** Where pictures go while somebody looks at them. */
const pictures = process.env["CONCH_TEST_PICTURES"];

async function picture(person: WorkspacePage, name: string): Promise<void> {
  if (pictures === undefined) return;
  for (const theme of ["light", "dark"]) {
    await person.page.evaluate((value) => (document.documentElement.dataset["theme"] = value), theme);
    await person.page.screenshot({ path: `${pictures}/${name}-${theme}.png` });
  }
}

async function openShare(person: WorkspacePage) {
  await person.page.getByRole("button", { name: "Share" }).click();
  return person.page.getByRole("dialog", { name: "Share" });
}

it("an owner makes a link, changes what it lets do while somebody is here by it, and withdraws it", async () => {
  const project = await world.server.createProject();
  const owner = await world.enter(project.url);
  await owner.ready();
  await owner.rename("Ana");
  // What the address bar shows may be passed around: never the owner's link.
  await until("the address is an editor's", () => owner.page.url().includes("#"));
  expect(owner.page.url()).not.toContain(project.token);

  const dialog = await openShare(owner);
  await dialog.getByRole("button", { name: "New link" }).click();
  const form = dialog.getByRole("form", { name: "New link" });
  await form.getByRole("textbox").fill("Class of Monday");
  await form.getByRole("combobox", { name: "Whoever has it" }).selectOption("editor");
  await form.getByRole("combobox", { name: "Ends" }).selectOption({ label: "Ends in a week" });
  await picture(owner, "share-new");
  await form.getByRole("button", { name: "Make link" }).click();
  const row = dialog.getByRole("listitem").filter({ hasText: "Class of Monday" });
  await row.waitFor();
  expect(await row.innerText()).toMatch(/Can edit · by Ana, just now · ends in 7 days/);
  await row.getByRole("button", { name: "Copy" }).click();
  await row.getByRole("button", { name: "Copied" }).waitFor();
  const url = await owner.page.evaluate(() => navigator.clipboard.readText());

  const ben = await world.enter(url);
  await ben.ready();
  await ben.rename("Ben");
  await owner.page.keyboard.press("Escape");
  await ben.createFile("mine.txt");
  await ben.saved();
  const again = await openShare(owner);
  const people = again.getByRole("list", { name: "People with access" });
  await people.getByText("Ben").waitFor();
  expect(await people.innerText()).toMatch(/Ana \(you\)/);
  await picture(owner, "share");

  // Lowered while he is here: his page follows at once, and offers no more than he may.
  await again.getByRole("button", { name: "Change the link Class of Monday" }).click();
  const change = again.getByRole("group", { name: "The link Class of Monday" });
  await picture(owner, "share-change");
  await change.getByRole("combobox", { name: "Whoever has it" }).selectOption("viewer");
  await ben.page.getByText("You may only read this project now.").waitFor();
  await ben.page.getByRole("button", { name: "New file" }).waitFor({ state: "detached" });
  await ben.ready();
  expect(await ben.page.evaluate(() => globalThis.conch?.room.state().role)).toBe("viewer");
  await expect(ben.write("mine.txt", "not allowed")).rejects.toThrow(/read/);

  // Raised, for him alone.
  await people.getByRole("combobox", { name: "What Ben may do" }).selectOption("editor");
  await ben.page.getByRole("button", { name: "New file" }).waitFor();
  await ben.write("mine.txt", "allowed");
  await until("it arrives", async () => (await owner.read("mine.txt")) === "allowed");

  await change.getByRole("button", { name: "Withdraw" }).click();
  await row.waitFor({ state: "detached" });
  await until("his page says why", async () => /withdrawn/.test(await ben.connection.innerText()));
  await ben.page.reload();
  await ben.page.getByRole("heading", { name: /does not open the project/ }).waitFor();
  expect(owner.visitor.errors).toEqual([]);
});

it("each role is offered what it may do, and no more", async () => {
  const project = await world.server.createProject();
  const owner = await world.enter(project.url);
  await owner.ready();
  const offered: Record<string, unknown> = {};
  for (const role of ["owner", "editor", "runner", "viewer"] as const satisfies readonly Role[]) {
    const link = role === "owner" ? project : await makeLink(world.server, project, { role });
    const person = await world.enter(link.url);
    await person.ready();
    await person.notebook("welcome.nb.md").getByRole("heading", { name: "Welcome to Conch" }).waitFor();
    const has = async (name: string): Promise<boolean> =>
      (await person.page.getByRole("button", { name }).count()) > 0;
    const dialog = await openShare(person);
    await dialog.getByRole("list", { name: "People with access" }).waitFor();
    await picture(person, `role-${role}`);
    offered[role] = {
      edit: await has("New file"),
      run: (await has("Run cell")) && (await has("New terminal")),
      links: (await dialog.getByRole("button", { name: "New link" }).count()) > 0,
      manage: (await dialog.getByRole("combobox", { name: /What .* may do/ }).count()) > 0,
    };
    await person.page.keyboard.press("Escape");
    await picture(person, `page-${role}`);
  }
  expect(offered).toEqual({
    owner: { edit: true, run: true, links: true, manage: true },
    editor: { edit: true, run: true, links: true, manage: false },
    runner: { edit: false, run: true, links: false, manage: false },
    viewer: { edit: false, run: false, links: false, manage: false },
  });
});
