// A terminal that is offered: a colleague types into it, its owner sees who, and takes it back with one click.

import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { BrokenLine } from "#test/harness/broken-line.ts";
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

it("[TERM-1] who begins to watch late sees what the owner sees, and goes on so", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  await ana.ready();
  await ana.rename("Ana");
  await ana.page.getByRole("button", { name: "New terminal" }).click();
  const own = ana.page.getByRole("region", { name: "Terminal 1" });
  await until("the shell has a prompt", async () => /\$ *$/.test((await own.innerText()).trimEnd()), 90_000);
  // A header above a part that scrolls, on the other screen, as full-screen programs draw it; then half a sequence.
  await ana.page.keyboard.type(
    String.raw`printf '\e[?1049h\e[2J\e[HHEADER\e[3;8r\e[3;1H'; seq 1 20; printf '\e(0lqk\e(B\e[3'; read -r x; printf '1mred'; seq 21 30; read -r x; printf '\e[r\e[?1049l'` +
      "\n",
  );
  await until("the lines are there", async () => (await own.innerText()).includes("20"));
  const ben = await world.enter(project.url);
  await ben.ready();
  await ben.page.getByRole("tab", { name: "Ana's terminal" }).click();
  const watched = ben.page.getByRole("region", { name: "Ana's terminal" });
  const screen = (region: Locator): Promise<string> => region.locator(".xterm-rows").innerText();
  await until("he sees the header and the lines", async () => {
    const text = await screen(watched);
    return text.includes("HEADER") && text.includes("┌─┐") && text === (await screen(own));
  });
  await own.locator(".xterm").click();
  await ana.page.keyboard.type("\n");
  await until("both go on", async () => {
    const text = await screen(watched);
    return text.includes("30") && text.includes("HEADER") && text === (await screen(own));
  });
  expect(await screen(watched)).not.toContain("[3");
  await ana.page.keyboard.type("\n");
  await until("both are back at the shell", async () => {
    const text = await screen(watched);
    return text.includes("printf") && text === (await screen(own));
  });
  expect(ana.visitor.errors).toEqual([]);
  expect(ben.visitor.errors).toEqual([]);
});

it("[ROOM-39] a long paste into an offered terminal arrives whole, and nothing of it is lost in a cut", async () => {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  await ana.ready();
  await ana.rename("Ana");
  await ana.page.getByRole("button", { name: "New terminal" }).click();
  const own = ana.page.getByRole("region", { name: "Terminal 1" });
  await until("the shell has a prompt", async () => /\$ *$/.test((await own.innerText()).trimEnd()), 90_000);
  await ana.page.getByRole("button", { name: "Let others type" }).click();
  const { origin } = new URL(project.url);
  const line = await BrokenLine.to(origin);
  const ben = await world.enter(project.url.replace(origin, line.origin));
  await ben.ready();
  await ben.page.getByRole("tab", { name: "Ana's terminal" }).click();
  const watched = ben.page.getByRole("region", { name: "Ana's terminal" });
  await watched.getByText("You may type here").waitFor();
  await watched.locator(".xterm").click();
  const lines = Array.from({ length: 4_400 }, (_, index) => `line ${index} of what is pasted\n`).join("");
  expect(lines.length).toBeGreaterThan(118_000);
  await ben.page.keyboard.type(
    `stty -echo; echo rea"dy"; head -c ${lines.length} > pasted.txt; stty echo; echo copied $?\n`,
  );
  // Where it is pasted: a shell's prompt asks for marks around what is pasted, a running program does not.
  await until("it reads", async () => (await watched.innerText()).includes("ready"));
  // The line packs what goes over it.
  line.breakAfter = 10_000;
  await watched.locator("textarea").evaluate((element, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, lines);
  await until("it was copied", async () => (await own.innerText()).includes("copied 0"), 60_000);
  expect(line.breakAfter).toBe(Number.POSITIVE_INFINITY);
  await until("all of it is there, once", async () => (await ana.read("pasted.txt")) === lines, 60_000);
  await line.close();
});
