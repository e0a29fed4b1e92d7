// The focus stays, and every key arrives, whatever happens around the one who types: cells and files that move, change
// their kind or their name, or go.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { keyDelay } from "./composer.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });
const book = "lab.nb.md";
const keys = "the quick brown fox jumps over the lazy dog";
let ana: WorkspacePage;
let ben: WorkspacePage;

beforeAll(async () => {
  const project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
  ben = await world.enter(project.url);
  await ben.ready();
});

afterAll(() => {
  for (const person of [ana, ben]) expect(person.visitor.errors).toEqual([]);
});

/** Ana types without pause while the other thing happens. */
async function typeWhile(happens: () => Promise<void>, text = keys): Promise<void> {
  const half = Math.ceil(text.length / 3);
  await ana.page.keyboard.type(text.slice(0, half), { delay: keyDelay });
  const typing = ana.page.keyboard.type(text.slice(half), { delay: keyDelay });
  await happens();
  await typing;
}

const cellAt = (person: WorkspacePage, number: number): ReturnType<WorkspacePage["page"]["locator"]> =>
  person.notebook(book).getByRole("group", { name: `Cell ${number}`, exact: true });

/** Of the cell that has the focus. */
const focusedCell = (person: WorkspacePage): Promise<string | null> =>
  person.page.evaluate(() => document.activeElement?.closest(".cell")?.getAttribute("aria-label") ?? null);

const isFocused = (person: WorkspacePage, number: number): Promise<boolean> =>
  cellAt(person, number).evaluate((cell) => cell === document.activeElement);

const sources = async (person: WorkspacePage = ana): Promise<string> =>
  (await person.cells(book)).map((cell) => cell.source.trim()).join("|");

/** The cells are these, on both pages. */
async function bothHave(expected: string): Promise<void> {
  for (const person of [ana, ben])
    await until(`the cells are ${expected}`, async () => (await sources(person)) === expected);
}

describe("in a file", () => {
  const open = async (path: string, content: string): Promise<void> => {
    await ana.write(path, content);
    await ana.openFile(path.slice(path.lastIndexOf("/") + 1));
    await ana.focusEditor(path.slice(path.lastIndexOf("/") + 1));
  };
  const rename = (person: WorkspacePage, from: string, to: string): Promise<void> =>
    person.page.evaluate(async ([old, name]) => globalThis.conch?.files.rename(old, name), [
      from,
      to,
    ] as const);
  const holds = async (path: string, content: string): Promise<void> => {
    for (const person of [ben, ana])
      await until(
        `${path} is ${JSON.stringify(content.slice(-80))}`,
        async () => (await person.read(path)) === content,
      );
  };

  it("[ED-10] a colleague gives it another name, and another, of another language", async () => {
    await open("a.txt", "# ");
    await typeWhile(async () => {
      await rename(ben, "a.txt", "b.py");
      await rename(ben, "b.py", "c.svg");
      await rename(ben, "c.svg", "d.py");
      await ana.tab("d.py").waitFor();
    });
    await holds("d.py", `# ${keys}`);
    // It is an editor of that language, and its undo goes back before the first name.
    await ana.editor("d.py").locator(".view-line [class*=mtk]").first().waitFor();
    await ana.page.keyboard.press("Control+z");
    await until("the last words are gone", async () => (await ana.read("d.py")) !== `# ${keys}`);
    for (let times = 0; times < 20; times++) await ana.page.keyboard.press("Control+z");
    await holds("d.py", "# ");
  });

  it("[ED-10] a colleague gives the folder above it another name, and moves it", async () => {
    await ana.write("one/two/deep.txt", "");
    await ana.page.keyboard.press("Control+p");
    await ana.type("deep.txt");
    await ana.page.keyboard.press("Enter");
    await ana.focusEditor("deep.txt");
    await typeWhile(async () => {
      await rename(ben, "one", "three");
      await rename(ben, "three/two", "two");
      await rename(ben, "two/deep.txt", "deep.txt");
    });
    await holds("deep.txt", keys);
  });

  it("[ED-11] becomes a notebook, and a text again", async () => {
    await open("x.md", "# Title\n\nText \n");
    await ana.page.keyboard.press("ArrowUp");
    await ana.page.keyboard.press("End");
    await typeWhile(() => rename(ana, "x.md", "x.nb.md"));
    await ana.notebook("x.nb.md").waitFor();
    await holds("x.nb.md", `# Title\n\nText ${keys}\n`);
    await typeWhile(() => rename(ana, "x.nb.md", "x.md"), " and so on");
    await ana.editor("x.md").waitFor();
    await holds("x.md", `# Title\n\nText ${keys} and so on\n`);
  });

  it("[ED-13] becomes bytes while one types, and a text again: what was typed is in it", async () => {
    await open("n.txt", "first\nlast ");
    await typeWhile(() => ben.write("n.txt", "\0binary"));
    await ana.page.getByText("something other than text").waitFor();
    expect(await ana.editorText("n.txt")).toBe(`first\nlast ${keys}`);
    await typeWhile(() => ben.write("n.txt", "zero\nfirst\nlast "), " more");
    // What was typed before the program wrote, the program has replaced.
    await until("the rest is there", async () => (await ben.read("n.txt")).endsWith(" more"));
    const text = await ben.read("n.txt");
    expect(text.startsWith("zero\nfirst\nlast ")).toBe(true);
    const since = text.slice("zero\nfirst\nlast ".length);
    expect(since.length).toBeGreaterThan("lazy dog more".length);
    expect(`${keys} more`.endsWith(since)).toBe(true);
    await ana.page.getByText("something other than text").waitFor({ state: "detached" });
    await ana.type("!");
    await holds("n.txt", `${text}!`);
  });

  it("[ED-10] grows beyond what programs may write as text, by what one types", async () => {
    const lines = `${"x".repeat(99)}\n`.repeat(10_485);
    await open("big.txt", `${lines}last `);
    expect(lines.length).toBeLessThan(1024 * 1024);
    await typeWhile(async () => {
      await ben.page.evaluate(async () => {
        await globalThis.conch?.files.rename("big.txt", "large.txt");
      });
    }, `${keys} ${keys}`);
    await holds("large.txt", `${lines}last ${keys} ${keys}`);
    await ana.type("!");
    await holds("large.txt", `${lines}last ${keys} ${keys}!`);
    expect(await ana.page.getByText("something other than text").count()).toBe(0);
  });

  it("[ED-13] stays bytes: what was typed is kept as a file", async () => {
    await open("m.txt", "old ");
    await ben.write("m.txt", "x".repeat(1024 * 1024 + 1));
    await ana.page.getByText("something other than text").waitFor();
    await ana.type("typed");
    await ana.page.getByRole("button", { name: "Show the file" }).click();
    for (const person of [ana, ben]) await person.file("m (typed).txt").waitFor();
    await holds("m (typed).txt", "old typed");
  });
});

describe("in a notebook", () => {
  beforeEach(async () => {
    const cells = ["one", "two", "three", "four", "five"];
    await ana.write(book, cells.map((cell) => `\`\`\`sh\n${cell}\n\`\`\`\n`).join("\n"));
    for (const person of [ana, ben]) {
      await person.openFile(book);
      await until("the cells are there", async () => {
        const shown = await person.notebook(book).locator(".view-lines").allInnerTexts();
        return shown.map((text) => text.trim()).join("|") === cells.join("|");
      });
    }
  });

  const enter = async (person: WorkspacePage, number: number): Promise<void> => {
    await cellAt(person, number).locator(".view-lines").click();
    await person.page.keyboard.press("Control+End");
  };

  it("[ED-20] a cell moves as often as it is told to, down and up, with the focus on it", async () => {
    await cellAt(ana, 1).focus();
    for (let times = 0; times < 3; times++) await ana.page.keyboard.press("Alt+ArrowDown");
    expect(await sources()).toBe("two|three|four|one|five");
    expect(await isFocused(ana, 4)).toBe(true);
    for (let times = 0; times < 2; times++) await ana.page.keyboard.press("Alt+ArrowUp");
    expect(await sources()).toBe("two|one|three|four|five");
    expect(await isFocused(ana, 2)).toBe(true);
    // Readers go through the page in the order of the cells.
    expect(
      await ana
        .notebook(book)
        .locator(".cell")
        .evaluateAll((cells) => cells.map((cell) => cell.ariaLabel)),
    ).toEqual(["Cell 1", "Cell 2", "Cell 3", "Cell 4", "Cell 5"]);
  });

  it("[ED-20] one moves the cell that one types in, twice, and types on at once", async () => {
    await enter(ana, 2);
    await ana.type(keys);
    for (const key of ["Escape", "Alt+ArrowDown", "Alt+ArrowDown", "Enter", "Control+End"])
      await ana.page.keyboard.press(key);
    await ana.type("!");
    for (const key of ["Escape", "Alt+ArrowUp", "Enter", "Control+End"]) await ana.page.keyboard.press(key);
    await ana.type("?");
    await bothHave(`one|three|two${keys}!?|four|five`);
  });

  it("[ED-20] a colleague moves the cell that one types in, and others past it", async () => {
    await enter(ana, 2);
    await typeWhile(async () => {
      await cellAt(ben, 2).focus();
      for (const key of ["Alt+ArrowDown", "Alt+ArrowDown", "Alt+ArrowDown", "Alt+ArrowUp"])
        await ben.page.keyboard.press(key);
      await cellAt(ben, 5).focus();
      for (const key of ["Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowUp"]) await ben.page.keyboard.press(key);
    });
    await bothHave(`one|five|three|four|two${keys}`);
    expect(await focusedCell(ana)).toBe("Cell 5");
  });

  it("[ED-20] a colleague inserts, deletes and brings back cells above", async () => {
    await enter(ana, 4);
    await typeWhile(async () => {
      await cellAt(ben, 1).focus();
      for (const key of ["b", "a", "d", "d", "d", "d", "z", "z"]) await ben.page.keyboard.press(key);
    });
    await bothHave(`one|||two|three|four${keys}|five`);
    await until("the focus is there", async () => (await focusedCell(ana)) === "Cell 6");
  });

  it("[ED-11] [ED-12] a colleague makes prose and code of the cell that one types in", async () => {
    await enter(ana, 3);
    await typeWhile(async () => {
      await cellAt(ben, 3).focus();
      for (const key of ["m", "y", "m", "y", "m"]) {
        await ben.page.keyboard.press(key);
        await ben.page.waitForTimeout(3 * keyDelay);
      }
    });
    await bothHave(`one|two|three${keys}|four|five`);
    expect(await ana.cells(book)).toMatchObject([{}, {}, { kind: "text" }, {}, {}]);
    expect(await focusedCell(ana)).toBe("Cell 3");
  });

  it("one changes the language of the cell that one types in", async () => {
    await enter(ana, 2);
    await ana.type(" # a");
    await cellAt(ana, 2).getByRole("button", { name: "Cell menu" }).click();
    await ana.page.getByRole("menuitemcheckbox", { name: "Python" }).click();
    await ana.type("bc");
    await cellAt(ana, 2).getByRole("button", { name: "Cell menu" }).click();
    await ana.page.getByRole("menuitemcheckbox", { name: "Text" }).click();
    await ana.type("de");
    await until("it is prose", async () => (await ana.cells(book))[1]?.kind === "text");
    expect((await ana.cells(book))[1]?.source).toContain("# abcde");
  });

  it("[ED-21] a colleague deletes the cell that one types in: it is said, and comes back", async () => {
    await enter(ana, 2);
    await ana.type(" mine");
    await until("Ben has it", async () => (await ben.cells(book))[1]?.source.includes("mine") === true);
    await cellAt(ben, 2).focus();
    await ben.page.keyboard.press("d");
    await ben.page.keyboard.press("d");
    await until("it is gone", async () => (await ana.cells(book)).length === 4);
    // Letters that are still on their way are no commands.
    await ana.type("dd xx ab");
    expect(await sources()).toBe("one|three|four|five");
    await ana.page.getByRole("button", { name: "Bring it back" }).click();
    await until("it is back", async () => (await sources()) === "one|two mine|three|four|five");
    await ana.type("!");
    await until("one goes on", async () => (await sources()) === "one|two mine!|three|four|five");
  });

  it("deleting a cell goes to the next one, deleting the last one to the one before", async () => {
    await cellAt(ana, 2).focus();
    await ana.page.keyboard.press("d");
    await ana.page.keyboard.press("d");
    await until("the next has it", () => isFocused(ana, 2));
    await ana.page.keyboard.press("End");
    await ana.page.keyboard.press("x");
    await until("the one before has it", () => isFocused(ana, 3));
    expect(await sources()).toBe("one|three|four");
  });
});
