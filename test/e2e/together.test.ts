// Two people at one URL, from the first click to the last reload: everything that issue 2 promises under "Together".

import { afterAll, describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
/** Everybody who has entered. */
const people: WorkspacePage[] = [];
let ana: WorkspacePage;
let ben: WorkspacePage;
const welcome = "welcome.nb.md";

/** Starting a machine for the first time fetches it. */
const machineLimit = 60_000;

describe("two people at one URL", () => {
  it("begins with one click, without an account, on a notebook", async () => {
    ana = await world.enter(world.server.origin);
    people.push(ana);
    await ana.page.getByRole("button", { name: "New project" }).click();
    await ana.page.waitForURL(/\/p\//);
    await ana.ready();
    await ana.notebook(welcome).waitFor();
    await ana.notebook(welcome).getByRole("heading", { name: "Welcome to Conch" }).waitFor();
  });

  it("is shared by a link", async () => {
    await ana.page.getByRole("button", { name: "Share" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "Share" });
    await dialog.getByRole("button", { name: /Copy link/ }).click();
    await dialog.getByRole("button", { name: "Copied" }).waitFor();
    const link = await ana.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/\/p\/[^/#]+#./);
    await ana.page.keyboard.press("Escape");
    ben = await world.enter(link);
    people.push(ben);
    await ben.ready();
    await ben.notebook(welcome).waitFor();
  });

  it("shows both who is there and where", async () => {
    for (const person of [ana, ben]) {
      await until("two people are shown", async () => (await person.people.count()) === 2);
      await until("both are in the notebook", async () =>
        person.page.evaluate(
          (file) => globalThis.conch?.room.participants().every((each) => each.file === file) ?? false,
          welcome,
        ),
      );
    }
  });

  it("brings a keystroke of one into the other's editor, both ways", async () => {
    await ana.createFile("notes.txt");
    await ana.openFile("notes.txt");
    await ben.file("notes.txt").waitFor();
    await ben.openFile("notes.txt");
    await ana.focusEditor("notes.txt");
    await ana.type("Hello from Ana.");
    await until("Ben sees it", async () => (await ben.editorText("notes.txt")) === "Hello from Ana.");
    await ben.focusEditor("notes.txt");
    await ben.type(" And from Ben.");
    await until(
      "Ana sees it",
      async () => (await ana.editorText("notes.txt")) === "Hello from Ana. And from Ben.",
    );
  });

  it("types in prose that both read", async () => {
    await ana.tab(welcome).click();
    await ben.tab(welcome).click();
    const prose = ana.notebook(welcome).getByText("Delete what you like.");
    await prose.click();
    await ana.page.keyboard.press("End");
    await ana.type(" Ana was here.");
    await ben.notebook(welcome).getByText("Ana was here.").waitFor();
    const printed = await ben.read(welcome);
    expect(printed).toContain("Ana was here.");
    // What nobody edited is printed as it was written.
    expect(printed.startsWith("# Welcome to Conch\n")).toBe(true);
    expect(printed).toContain('```sh {name="A first file"}\necho "Hello from my own Linux." > hello.txt\n');
  });

  it(
    "brings what one guest writes to the other guest and the other editor",
    async () => {
      const wrote = await ana.run(["sh", "-c", "echo written by the guest of Ana > shared.txt"]);
      expect(wrote).toMatchObject({ code: 0, stderr: "" });
      await ben.file("shared.txt").waitFor();
      const read = await ben.run(["cat", "shared.txt"]);
      expect(read).toMatchObject({ code: 0, stdout: "written by the guest of Ana\n" });
      await ben.openFile("shared.txt");
      await until("Ben's editor shows it", async () =>
        (await ben.editorText("shared.txt")).startsWith("written by the guest of Ana"),
      );
      // And while the file is open there.
      await ana.run(["sh", "-c", "echo a second line >> shared.txt"]);
      await until("Ben's editor follows", async () =>
        (await ben.editorText("shared.txt")).includes("a second line"),
      );
      await ben.focusEditor("shared.txt");
      await ben.type("typed by Ben\n");
      await until("Ana's guest reads what Ben typed", async () =>
        (await ana.run(["cat", "shared.txt"])).stdout.includes("typed by Ben"),
      );
    },
    machineLimit * 2,
  );

  it("streams a cell's output to both while it runs", async () => {
    await ben.tab(welcome).click();
    const mine = await ana.cell(welcome, "Watch this together");
    const theirs = await ben.cell(welcome, "Watch this together");
    await ana.runCell(mine);
    await mine.getByRole("button", { name: "Interrupt cell" }).waitFor();
    for (const cell of [mine, theirs])
      await until("the beginning is shown before the end", async () => {
        const text = await cell.getByRole("log", { name: "Output" }).innerText();
        return text.includes("3 …") && !text.includes("We both saw that.");
      });
    for (const cell of [mine, theirs])
      await until("the end is shown", async () =>
        (await cell.getByRole("log", { name: "Output" }).innerText()).endsWith("1 …\nWe both saw that."),
      );
  });

  it("keeps two runs of one cell apart", async () => {
    const name = "Watch this together";
    const cells = [await ana.cell(welcome, name), await ben.cell(welcome, name)] as const;
    await Promise.all([ana.runCell(cells[0]), ben.runCell(cells[1])]);
    for (const cell of cells)
      await until("both outputs are whole", async () => {
        const logs = await cell.getByRole("log", { name: "Output" }).allInnerTexts();
        return logs.length === 2 && logs.every((text) => text === "3 …\n2 …\n1 …\nWe both saw that.");
      });
  });

  it("lets the other watch a terminal live", async () => {
    await ana.page.getByRole("button", { name: "New terminal" }).click();
    const own = ana.page.getByRole("region", { name: "Terminal 1" });
    await own.waitFor();
    await until("the prompt is there", async () => (await own.innerText()).includes("$"), machineLimit);
    const name = await ana.page.evaluate(
      () => globalThis.conch?.room.participants().find((person) => person.self)?.name ?? "",
    );
    await ben.page.getByRole("tab", { name: `${name}'s terminal` }).click();
    const watched = ben.page.getByRole("region", { name: `${name}'s terminal` });
    await watched.waitFor();
    await ana.type("echo term-$((40 + 2))\n");
    await until("Ben sees the output", async () => (await watched.innerText()).includes("term-42"));
    await ana.page.getByRole("button", { name: "Close Terminal 1" }).click();
    await until("it is gone for Ben", async () => (await watched.count()) === 0);
  });

  it("goes on for one when the other closes the tab", async () => {
    await ana.saved();
    await ana.page.close({ runBeforeUnload: true });
    await until("Ben is alone", async () => (await ben.people.count()) === 1);
    await ben.openFile("notes.txt");
    await ben.focusEditor("notes.txt");
    await ben.type(" Ben goes on.");
    expect((await ben.run(["grep", "-c", "Ben goes on", "notes.txt"])).stdout).toBe("1\n");
    await ben.saved();
  });

  it("has everything when both come back", async () => {
    const url = ben.page.url();
    const again = await world.enter(url);
    people.push(again);
    await ben.page.reload();
    for (const person of [again, ben]) {
      await person.ready();
      expect(await person.read("notes.txt")).toBe("Hello from Ana. And from Ben. Ben goes on.");
      expect(await person.read("shared.txt")).toContain("typed by Ben");
      expect(await person.read(welcome)).toContain("Ana was here.");
      await person.file(welcome).click();
      const cell = await person.cell(welcome, "Watch this together");
      const logs = cell.getByRole("log", { name: "Output" });
      await until("the stored outputs are shown", async () => (await logs.count()) === 2);
      expect(await logs.first().innerText()).toBe("3 …\n2 …\n1 …\nWe both saw that.");
    }
  });
});

afterAll(() => {
  for (const person of people) {
    expect(person.visitor.strayRequests).toEqual([]);
    expect(person.visitor.errors).toEqual([]);
  }
});
