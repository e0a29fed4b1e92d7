// A terminal that is offered: a colleague types into it, its owner sees who, and takes it back with one click.

import { expect, it } from "vitest";
import { makeLink } from "#test/harness/sharing.ts";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";

const world = useWorld();

it("a runner types into an owner's terminal for as long as it is offered", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  const ben = await world.enter((await makeLink(world.server, project, { role: "runner" })).url);
  for (const person of [ana, ben]) await person.ready();
  await ana.rename("Ana");
  await ben.rename("Ben");
  await ana.page.getByRole("button", { name: "New terminal" }).click();
  const own = ana.page.getByRole("region", { name: "Terminal 1" });
  await until("the shell has a prompt", async () => /\$ *$/.test((await own.innerText()).trimEnd()), 90_000);

  await ben.page.getByRole("tab", { name: "Ana's terminal" }).click();
  const watched = ben.page.getByRole("region", { name: "Ana's terminal" });
  await watched.getByText("You are watching Ana's machine.").waitFor();
  await watched.locator(".xterm").click();
  await ben.page.keyboard.type("echo too-early\n");

  await ana.page.getByRole("button", { name: "Let others type" }).click();
  await watched.getByText("You may type here").waitFor();
  await watched.locator(".xterm").click();
  await ben.page.keyboard.type("echo typed-by-$((40+2))\n");
  await until("both read it", async () =>
    (await Promise.all([own.innerText(), watched.innerText()])).every((text) => text.includes("typed-by-42")),
  );
  await ana.page.getByText("Ben is typing here.").waitFor();

  await ana.page.getByRole("button", { name: "Take back" }).click();
  await watched.getByText("You are watching Ana's machine.").waitFor();
  await ben.page.keyboard.type("echo too-late\n");
  await ana.page.keyboard.type("echo still-mine\n");
  await until("Ana's own keys arrive", async () => (await own.innerText()).includes("still-mine\n"));
  expect(await own.innerText()).not.toMatch(/too-(?:early|late)/);
  expect(ana.visitor.errors).toEqual([]);
  expect(ben.visitor.errors).toEqual([]);
});

it("a runner's cell runs and shows its output, and the document stays as it was", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  const ben = await world.enter((await makeLink(world.server, project, { role: "runner" })).url);
  for (const person of [ana, ben]) await person.ready();
  const cell = await ben.cell("welcome.nb.md", "A first file");
  await ben.runCell(cell);
  // Not in the cell as a whole, whose source says the same.
  const output = cell.getByRole("log", { name: "Output" });
  await until("he reads its output", async () => (await output.innerText()).includes("Hello from"), 90_000);
  expect(await ben.page.evaluate(() => globalThis.conch?.room.state().unsaved)).toBe(0);
  // The file that it wrote is his alone, and nothing was refused on the way.
  expect(await ben.read("hello.txt")).toContain("Hello");
  await ana.write("later.txt", "from Ana");
  await ben.file("later.txt").waitFor();
  expect(await ben.read("later.txt")).toBe("from Ana");
  expect(await ana.page.evaluate(() => globalThis.conch?.files.list())).toHaveLength(2);
  const [first] = await ana.cells("welcome.nb.md");
  expect(first?.state).toBe("idle");
  expect(ben.visitor.errors).toEqual([]);
});
