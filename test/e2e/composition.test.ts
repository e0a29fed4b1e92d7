// An input method composes while a colleague changes the same line or paragraph: both texts whole, composition unharmed.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { Composer, keyDelay } from "./composer.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });
const book = "lab.nb.md";
let ana: WorkspacePage;
let ben: WorkspacePage;
let method: Composer;

const codeOf = (person: WorkspacePage): ReturnType<WorkspacePage["page"]["locator"]> =>
  person.notebook(book).locator(".code .view-lines");
const proseOf = (person: WorkspacePage): ReturnType<WorkspacePage["page"]["locator"]> =>
  person.notebook(book).getByRole("textbox", { name: /^Text of cell/ });

const shownCode = (person: WorkspacePage): Promise<string> => person.editorText("Code of cell 1");
/** Paragraphs, without the carets' flags. */
const shownProse = (person: WorkspacePage): Promise<string> =>
  proseOf(person)
    .locator("p")
    .evaluateAll((paragraphs) =>
      paragraphs
        .map((paragraph) => {
          const copy = paragraph.cloneNode(true) as Element;
          for (const caret of copy.querySelectorAll(".prose-caret")) caret.remove();
          return copy.textContent;
        })
        .join("\n\n"),
    );

beforeAll(async () => {
  const project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
  ben = await world.enter(project.url);
  await ben.ready();
  method = await Composer.at(ana.page);
});

afterAll(() => {
  for (const person of [ana, ben]) expect(person.visitor.errors).toEqual([]);
});

/** What Ana composes: at the end of it, before Ben has typed, between his keys, and after. */
async function composeWhile(others: (() => Promise<void>)[]): Promise<void> {
  const stages = ["に", "にほ", "にほn", "にほん", "日本", "日本語"];
  for (const [index, stage] of stages.entries()) {
    await method.compose(stage);
    await others[index]?.();
  }
  await method.commit("日本語");
}

/** A file of this content, open on both pages, which show `shown` of it. */
async function both(
  path: string,
  content: string,
  shown: string,
  read: (person: WorkspacePage) => Promise<string>,
): Promise<void> {
  await ana.write(path, content);
  for (const person of [ana, ben]) {
    await person.openFile(path);
    await until("it is shown", async () => (await read(person)) === shown);
  }
}

async function same(path: string, expected: string): Promise<void> {
  for (const person of [ana, ben])
    await until(`${path} is ${JSON.stringify(expected)}`, async () => (await person.read(path)) === expected);
}

const type = (text: string) => () => ben.page.keyboard.type(text, { delay: keyDelay });
const press = (key: string) => () => ben.page.keyboard.press(key);

describe("in a code cell", () => {
  it.each([
    ["types earlier on the line", [type("YO"), type("U "), type("are ")], "YOU are x = 1日本語!"],
    ["takes what stands before it", [press("Delete"), press("Delete"), press("Delete")], " 1日本語!"],
    ["inserts lines above", [type("a\n"), type("b"), press("Enter")], "a\nb\nx = 1日本語!"],
    ["takes the whole line", [press("Control+Shift+K")], "日本語!"],
  ])("a colleague %s", async (_what, others, code) => {
    await both(book, "```sh\nx = 1\n```\n", "x = 1", shownCode);
    await codeOf(ben).click();
    await ben.page.keyboard.press("Control+Home");
    await codeOf(ana).click();
    await ana.page.keyboard.press("Control+End");
    await composeWhile(others);
    await ana.type("!");
    await same(book, `\`\`\`sh\n${code}\n\`\`\`\n`);
  });
});

describe("in a file", () => {
  it.each([
    ["types earlier on the line", [type("YO"), type("U "), type("are ")], "one\nYOU are two日本語!\nthree"],
    [
      "joins the line with the one above",
      [press("Backspace"), type("+"), type("+")],
      "one++two日本語!\nthree",
    ],
    ["inserts lines above", [press("Enter"), type("n"), press("Enter")], "one\n\nn\ntwo日本語!\nthree"],
  ])("a colleague %s", async (_what, others, text) => {
    await both("a.txt", "one\ntwo\nthree", "one\ntwo\nthree", (person) => person.editorText("a.txt"));
    await ben.focusEditor("a.txt");
    await ben.page.keyboard.press("Control+Home");
    await ben.page.keyboard.press("ArrowDown");
    await ana.focusEditor("a.txt");
    await ana.page.keyboard.press("ArrowUp");
    await ana.page.keyboard.press("End");
    await composeWhile(others);
    await ana.type("!");
    await same("a.txt", text);
    await until("the editor shows the text", async () => (await ana.editorText("a.txt")) === text);
  });
});

describe("in prose", () => {
  it.each([
    ["types earlier in the paragraph", [type("YO"), type("U "), type("are ")], "YOU are one two日本語!"],
    [
      "deletes before it",
      [press("Delete"), press("Delete"), type("x"), press("Delete"), press("Delete")],
      "xtwo日本語!",
    ],
    ["begins a paragraph above", [type("a"), press("Enter"), type("b ")], "a\n\nb one two日本語!"],
    ["types behind it", [press("End"), type(" then"), type(" more")], "one two日本語! then more"],
  ])("a colleague %s", async (_what, others, text) => {
    await both(book, "one two\n", "one two", shownProse);
    await proseOf(ben).click();
    await ben.page.keyboard.press("Home");
    await proseOf(ana).click();
    await ana.page.keyboard.press("End");
    await composeWhile(others);
    await ana.type("!");
    await same(book, `${text}\n`);
    await until("the page shows it", async () => (await shownProse(ana)) === text);
  });
});

describe("in a line of the page", () => {
  /** Composes in the field that has the focus; the keys that end it do nothing else. */
  async function composeThere(field: ReturnType<WorkspacePage["page"]["locator"]>): Promise<void> {
    await ana.page.keyboard.press("Control+a");
    for (const key of ["Escape", "Enter"] as const) {
      await method.compose("に", "にほん");
      await method.press("ArrowDown");
      await method.press(key);
      await method.commit("日本");
    }
    expect(await field.inputValue()).toBe("日本日本");
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
  }

  it("a file's name, and its new one", async () => {
    await ana.page.getByRole("button", { name: "New file" }).click();
    const name = ana.page.getByRole("tree").getByRole("textbox");
    await composeThere(name);
    await ana.type(".txt");
    await ana.page.keyboard.press("Enter");
    await ana.file("日本日本.txt").focus();
    await ana.page.keyboard.press("F2");
    await composeThere(name);
    await ana.page.keyboard.press("Escape");
    await name.waitFor({ state: "detached" });
    await ana.file("日本日本.txt").waitFor();
  });

  it("the project's name", async () => {
    await ana.page.getByRole("heading", { level: 1 }).getByRole("button").click();
    const name = ana.page.getByRole("textbox", { name: "Project name" });
    await composeThere(name);
    await ana.page.keyboard.press("Enter");
    await ana.page.getByRole("heading", { level: 1, name: "日本日本" }).waitFor();
  });

  it("the palette", async () => {
    await ana.page.keyboard.press("ControlOrMeta+P");
    const field = ana.page.getByRole("combobox");
    await composeThere(field);
    await ana.page.keyboard.press("Enter");
    await ana.tab("日本日本.txt").waitFor();
  });

  it("the search", async () => {
    await ana.page.keyboard.press("ControlOrMeta+Shift+F");
    const field = ana.page.getByRole("search").getByRole("searchbox");
    await composeThere(field);
    await field.fill("");
    await ana.page.keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
  });

  it("a dialog", async () => {
    await ana.page.getByRole("list", { name: "People" }).getByRole("button", { name: /you/ }).click();
    const field = ana.page.getByRole("dialog", { name: "You" }).getByRole("textbox");
    await composeThere(field);
    await ana.page.keyboard.press("Enter");
    await field.waitFor({ state: "detached" });
    await ana.page.getByRole("button", { name: "日本日本 (you)" }).waitFor();
  });
});

describe("in prose, at its edges", () => {
  it("a colleague puts a cell above: the editor gets another name", async () => {
    await both(book, "one two\n", "one two", shownProse);
    await proseOf(ana).click();
    await ana.page.keyboard.press("End");
    await ben.notebook(book).getByRole("group", { name: "Cell 1", exact: true }).focus();
    await composeWhile([press("a"), press("a")]);
    await ana.type("!");
    await ana.page.getByRole("textbox", { name: "Text of cell 3" }).waitFor();
    await until("the text is whole", async () => (await ana.read(book)).endsWith("one two日本語!\n"));
    await until("the page shows it", async () => (await shownProse(ana)) === "one two日本語!");
  });

  const paragraphs = async (expected: string): Promise<void> => {
    await same(book, `${expected}\n`);
    await until("the page shows it", async () => (await shownProse(ana)) === expected);
  };

  it("the paragraph is empty, and a colleague types in the one above", async () => {
    await both(book, "one two\n", "one two", shownProse);
    await proseOf(ana).click();
    await ana.page.keyboard.press("End");
    await ana.page.keyboard.press("Enter");
    await until("Ben has it", async () => (await shownProse(ben)) === "one two\n\n");
    await proseOf(ben).getByText("one two").click();
    await ben.page.keyboard.press("End");
    await composeWhile([type(" th"), type("ree"), type(" fo"), type("ur")]);
    await ana.type("!");
    await paragraphs("one two three four\n\n日本語!");
  });

  it("a colleague deletes the paragraph that is composed in", async () => {
    await both(book, "one\n\ntwo\n\nthree\n", "one\n\ntwo\n\nthree", shownProse);
    await proseOf(ben).getByText("two").click();
    await ben.page.keyboard.press("Home");
    await proseOf(ana).getByText("two").click();
    await ana.page.keyboard.press("End");
    await composeWhile([press("Shift+End"), press("Delete"), press("Backspace")]);
    await ana.type("!");
    await paragraphs("one\n\n日本語!\n\nthree");
  });

  it("a composition that is left open shows what came when the focus goes", async () => {
    await both(book, "one two\n", "one two", shownProse);
    await proseOf(ben).click();
    await ben.page.keyboard.press("Home");
    await proseOf(ana).click();
    await ana.page.keyboard.press("End");
    await method.compose("に");
    await ben.page.keyboard.type("zero ");
    // Not by a key: those belong to the input method.
    await ana.file(book).focus();
    await until("Ana sees it", async () => (await shownProse(ana)).startsWith("zero one two"));
    await until("both see the same", async () => (await shownProse(ana)) === (await shownProse(ben)));
  });
});
