// What somebody has open stays open and editable while a program in another's machine takes it away and brings it back.

import { expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();

/** Starting a machine for the first time fetches it; git under emulation takes its time. */
const storyLimit = 240_000;

const notebook = "book.nb.md";

async function git(person: WorkspacePage, script: string): Promise<void> {
  const who = "-c user.name=Ana -c user.email=ana@example.org";
  const words = script.replaceAll("git ", `git ${who} `);
  const { code, stderr } = await person.run(["sh", "-ec", words]);
  expect([code, stderr]).toEqual([0, ""]);
}

/** Types a growing word until it is told to stop; returns what was typed. */
function typeOn(person: WorkspacePage): () => Promise<string> {
  const stop = new AbortController();
  let typed = "";
  const typing = (async () => {
    while (!stop.signal.aborted) {
      const next = `w${typed.length}.`;
      await person.type(next);
      typed += next;
    }
  })();
  return async () => {
    stop.abort();
    await typing;
    return typed;
  };
}

/** A repository with two branches, `script` making the second; Ana's machine runs it, Ben has the project open. */
async function enterBranches(script: string): Promise<{ ana: WorkspacePage; ben: WorkspacePage }> {
  const { url } = await world.server.createProject();
  const ana = await world.enter(url);
  await ana.ready();
  await ana.write("a.txt", "first\nsecond\nthird\n");
  await ana.write(notebook, '# Book\n\n```sh {name="greet"}\necho hello from a cell\n```\n');
  await git(
    ana,
    `git init -q -b main .; git add a.txt ${notebook}; git commit -qm one; git checkout -qb side; ${script}; git commit -qam two; git checkout -q main`,
  );
  const ben = await world.enter(url);
  await ben.ready();
  return { ana, ben };
}

function deleted(person: WorkspacePage) {
  return person.page.getByText(/was deleted/);
}

it(
  "an open file goes to another branch and back under somebody who types without pause",
  async () => {
    const { ana, ben } = await enterBranches("sed -i 's/first/FIRST/' a.txt");
    await ben.openFile("a.txt");
    await ben.focusEditor("a.txt");
    const editor = await ben.editor("a.txt").elementHandle();
    const stop = typeOn(ben);
    await git(ana, "git checkout -qf side");
    await until("the other branch's text", async () => (await ben.editorText("a.txt")).startsWith("FIRST\n"));
    await git(ana, "git checkout -qf main");
    await until("the first one's again", async () => (await ben.editorText("a.txt")).startsWith("first\n"));
    const typed = await stop();
    expect(await deleted(ben).count()).toBe(0);
    const whole = `first\nsecond\nthird\n${typed}`;
    await until("both have all of it", async () => (await ana.read("a.txt")) === whole);
    expect(await ben.read("a.txt")).toBe(whole);
    expect(
      await editor?.evaluate((element) => element.isConnected && element.contains(document.activeElement)),
    ).toBe(true);
    expect(await ben.file("a.txt").count()).toBe(1);
    // The history of his own typing is his still.
    await ben.page.keyboard.press("ControlOrMeta+Z");
    await until("the last of it is undone", async () => (await ben.read("a.txt")) !== whole);
    expect(whole.startsWith((await ben.read("a.txt")).trimEnd())).toBe(true);
    expect([...ana.visitor.errors, ...ben.visitor.errors]).toEqual([]);
  },
  storyLimit,
);

it(
  "a notebook that a branch does not have comes back with its outputs",
  async () => {
    const { ana, ben } = await enterBranches(`git rm -q ${notebook} a.txt`);
    for (const person of [ana, ben]) await person.openFile(notebook);
    await ana.runCell(await ana.cell(notebook, "greet"));
    const output = (await ben.cell(notebook, "greet")).getByRole("log", { name: "Output" });
    await until("Ben sees the output", async () => (await output.innerText()) === "hello from a cell");
    const region = await ben.notebook(notebook).elementHandle();
    await git(ana, "git checkout -qf side; git checkout -qf main");
    await until("it is back", async () => (await ben.file(notebook).count()) === 1);
    expect(await deleted(ben).count()).toBe(0);
    expect(await region?.evaluate((element) => element.isConnected)).toBe(true);
    expect(await output.innerText()).toBe("hello from a cell");
    expect(await ben.tab(notebook).getAttribute("aria-selected")).toBe("true");

    // Away for long, it says so; and goes on where it was when it returns.
    await git(ana, "git checkout -qf side");
    await deleted(ben).waitFor();
    await ben.page.getByRole("button", { name: "Restore" }).waitFor();
    await git(ana, "git checkout -qf main");
    await until("nothing is said any more", async () => (await deleted(ben).count()) === 0);
    expect(await region?.evaluate((element) => element.isConnected)).toBe(true);
    expect(await output.innerText()).toBe("hello from a cell");
    await (await ben.cell(notebook, "greet")).locator(".view-lines").click();
    await ben.page.keyboard.press("Control+End");
    await ben.type(" again");
    await until("Ben can edit it", async () => (await ana.read(notebook)).includes("from a cell again\n"));
    expect(await ben.file(notebook).count()).toBe(1);
    expect(await ben.file("a.txt").count()).toBe(1);
    expect([...ana.visitor.errors, ...ben.visitor.errors]).toEqual([]);
  },
  storyLimit,
);

it(
  "a program that read the file before somebody typed keeps what was typed",
  async () => {
    const { ana, ben } = await enterBranches("echo x >> a.txt");
    await ben.openFile("a.txt");
    await ben.focusEditor("a.txt");
    const program = `
import os, time
text = open('a.txt').read()
open('read', 'w').close()
while os.path.exists('read'): time.sleep(0.05)
open('a.txt', 'w').write('begin\\n' + text)
`;
    const running = ana.run(["python3", "-c", program]);
    await ben.file("read").waitFor();
    await ben.type("typed\n");
    await until("Ana has it", async () => (await ana.read("a.txt")).endsWith("typed\n"));
    await ben.page.evaluate(async () => globalThis.conch?.files.remove("read"));
    expect((await running).code).toBe(0);
    const whole = "begin\nfirst\nsecond\nthird\ntyped\n";
    await until("both are there", async () => (await ben.editorText("a.txt")) === whole);
    expect(await ana.read("a.txt")).toBe(whole);
  },
  storyLimit,
);

it(
  "what a program deletes is in the trash under the name of the one whose machine it is",
  async () => {
    const { url } = await world.server.createProject();
    const ana = await world.enter(url);
    await ana.ready();
    await ana.rename("Ana");
    await ana.write("a.txt", "first\n");
    const ben = await world.enter(url);
    await ben.ready();
    expect((await ana.run(["rm", "a.txt"])).code).toBe(0);
    const trash = ben.page.getByRole("region", { name: "Trash" });
    await trash.getByRole("button", { name: /Trash/ }).click();
    await trash.getByRole("button", { name: "Restore a.txt" }).waitFor();
    expect(await trash.getByText("a.txt", { exact: true }).getAttribute("data-tip")).toBe(
      "a.txt\ndeleted by Ana",
    );
  },
  storyLimit,
);

it(
  "[SY-80] a file that a program removed before its page was loaded anew is the same file when it is made again",
  async () => {
    const { ana, ben } = await enterBranches("true > other; git add other");
    await ben.openFile("a.txt");
    await git(ana, "rm a.txt");
    await ana.page.reload();
    await ana.ready();
    await git(ana, "printf 'made again\\n' > a.txt");
    await until("its new text", async () => (await ben.editorText("a.txt")) === "made again\n");
    expect(await deleted(ben).count()).toBe(0);
    expect(await ben.file("a.txt").count()).toBe(1);
  },
  storyLimit,
);
