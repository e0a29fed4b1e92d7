// axe finds nothing on any screen that needs no machine, wide and narrow, light and dark.

import { expect, it } from "vitest";
import { makeLink } from "#test/harness/sharing.ts";
import { Screens } from "./screens.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });

const book = [
  "# Heading\n\nSome *text* with `code`, a [link](https://a.example/) and\n",
  "- a list\n- of two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
  '```sh {name="first"}\necho one # comment\n```\n',
  "```python\nimport os\nprint(os.getcwd(), 42, 'text')\n```\n",
  "```wasm\nls -l\n```\n",
].join("\n");

it("finds nothing on the first page and on the pages that say what is wrong", async () => {
  const screens = new Screens();
  const { url, id } = await world.server.createProject({ name: "Garden" });
  const person = await world.enter(`${world.server.origin}/`);
  await person.page.getByRole("button", { name: "New project" }).waitFor();
  await screens.look("home", person);
  await person.page.goto(url);
  await person.ready();
  await person.page.goto(`${world.server.origin}/`);
  await person.page.getByRole("link", { name: /Garden/ }).waitFor();
  await screens.look("home with projects", person);
  await person.page.goto(`${world.server.origin}/p/a/b`);
  await person.page.getByRole("heading", { name: /nothing at this address/ }).waitFor();
  await screens.look("wrong address", person);
  const answer = await person.page.goto(`${world.server.origin}/nowhere`);
  expect(answer?.status()).toBe(404);
  await person.page.getByRole("heading", { name: /nothing at this address/ }).waitFor();
  expect(await person.page.title()).toBe("There is nothing at this address · Conch");
  const stranger = await world.enter(`${world.server.origin}/p/${id}`);
  await stranger.page.getByRole("heading", { name: /does not open the project/ }).waitFor();
  await screens.look("no link", stranger);
  screens.expectNone();
});

it("finds nothing in the workspace, its panels, menus and dialogs", async () => {
  const screens = new Screens();
  const project = await world.server.createProject({ example: "empty", name: "Garden" });
  const ana = await world.enter(project.url);
  await ana.ready();
  const { page } = ana;
  await screens.look("empty project", ana);
  await ana.write("src/main.c", "// comment\n#include <stdio.h>\nint main(void) { return 42; }\n");
  await ana.write("notes.txt", "quokka\n");
  await ana.write("data.json", '{"a": [1, "two", null]}\n');
  await ana.write("pic.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n');
  await ana.write("book.nb.md", book);
  await ana.openFile("notes.txt");
  await ana.focusEditor("notes.txt");
  await screens.look("text file", ana);
  await ana.openFile("data.json");
  await ana.editor("data.json").waitFor();
  await screens.look("json", ana);
  await ana.openFile("pic.svg");
  await screens.look("picture", ana);
  await ana.file("src").click();
  await ana.openFile("main.c");
  await ana.editor("main.c").waitFor();
  await screens.look("program", ana);
  await page.keyboard.press("ControlOrMeta+\\");
  await page.getByRole("tab", { name: "main.c" }).nth(1).waitFor();
  await screens.look("split", ana);

  await ana.openFile("book.nb.md");
  const notebook = ana.notebook("book.nb.md");
  await notebook.getByRole("heading", { name: "Heading" }).waitFor();
  await notebook.locator(".monaco-editor").first().waitFor();
  await screens.look("notebook", ana);
  const cell = await ana.cell("book.nb.md", "first");
  await cell.hover();
  await screens.look("notebook, pointer on a cell", ana);
  await cell.getByRole("button", { name: "Cell menu" }).click();
  await page.getByRole("menu").waitFor();
  await screens.look("cell menu", ana);
  await page.keyboard.press("Escape");
  await cell.locator(".view-lines").click();
  await screens.look("notebook, caret in a cell", ana);
  await page.keyboard.press("Escape");
  await page.keyboard.press("F2");
  await page.getByRole("dialog").waitFor();
  await screens.look("cell's name", ana);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await page.getByRole("menu").waitFor();
  await screens.look("main menu", ana);
  await page.keyboard.press("Escape");
  await ana.file("notes.txt").click({ button: "right" });
  await page.getByRole("menu").waitFor();
  await screens.look("file menu", ana);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Machine menu" }).click();
  await page.getByRole("menu").waitFor();
  await screens.look("machine menu", ana);
  await page.getByRole("menuitem", { name: "Reset…" }).click();
  await page.getByRole("dialog").waitFor();
  await screens.look("reset", ana);
  await page.keyboard.press("Escape");
  await ana.tab("notes.txt").click({ button: "right" });
  await page.getByRole("menu").waitFor();
  await screens.look("tab menu", ana);
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "New file" }).click();
  await page.keyboard.type("notes.txt");
  await page.keyboard.press("Enter");
  await page.getByRole("tree").getByRole("alert").waitFor();
  await screens.look("a name that is taken", ana);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "More about files" }).click();
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("menuitem", { name: "Upload files" }).click();
  await (
    await choosing
  ).setFiles({ name: "some.tar", mimeType: "application/x-tar", buffer: Buffer.alloc(1024) });
  await page.getByRole("dialog", { name: /some\.tar/ }).waitFor();
  await screens.look("unpack", ana);
  await page.keyboard.press("Escape");

  await page.keyboard.press("ControlOrMeta+K");
  await page.getByRole("combobox", { name: "Do what?" }).waitFor();
  await screens.look("commands", ana);
  await page.keyboard.type("zzzz");
  await page.getByText("Nothing of that name.").waitFor();
  await screens.look("no command", ana);
  await page.keyboard.press("Escape");

  await page.keyboard.press("ControlOrMeta+Shift+F");
  const search = page.getByRole("search", { name: "Search in files" });
  await search.getByRole("searchbox").fill("o");
  await search.locator("mark").first().waitFor();
  await screens.look("search", ana);
  await search.getByRole("button", { name: "Regular expression" }).click();
  await search.getByRole("searchbox").fill("(");
  await search.getByText(/not a regular expression/).waitFor();
  await screens.look("search, a problem", ana);
  await search.getByRole("searchbox").fill("");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Share" }).click();
  const share = page.getByRole("dialog", { name: "Share" });
  await share.getByRole("list", { name: "Links" }).waitFor();
  await screens.look("share", ana);
  await share.getByRole("button", { name: "New link" }).click();
  await screens.look("share, a new link", ana);
  await share.getByRole("button", { name: "Make link" }).click();
  await share
    .getByRole("button", { name: /^Change the link/ })
    .first()
    .click();
  await share.getByRole("button", { name: "Withdraw" }).waitFor();
  await screens.look("share, changing a link", ana);
  await page.keyboard.press("Escape");

  await page.getByRole("list", { name: "People" }).getByRole("button").click();
  await page.getByRole("dialog", { name: "You" }).waitFor();
  await screens.look("you", ana);
  await page.getByRole("dialog", { name: "You" }).getByRole("textbox").fill("");
  await screens.look("you, without a name", ana);
  await page.keyboard.press("Escape");

  await ana.file("notes.txt").focus();
  await page.keyboard.press("Delete");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await screens.look("message with something to do", ana);
  const trash = page.getByRole("region", { name: "Trash" });
  await trash.getByRole("button", { name: /Trash/ }).click();
  await trash.getByRole("button", { name: "Restore notes.txt" }).waitFor();
  await screens.look("trash", ana);
  await page.keyboard.press("ControlOrMeta+J");
  await page.getByText("A terminal runs on your own machine").waitFor();
  await screens.look("no terminal yet", ana);

  const ben = await world.enter(project.url);
  await ben.ready();
  await ana.openFile("data.json");
  await ben.page.getByRole("list", { name: "People" }).getByRole("button").nth(1).click();
  await ben.page.getByRole("status", { name: "Following" }).waitFor();
  await screens.look("following", ben);

  const reader = await world.enter((await makeLink(world.server, project, { role: "viewer" })).url);
  await reader.ready();
  await reader.openFile("book.nb.md");
  await reader.notebook("book.nb.md").locator(".monaco-editor").first().waitFor();
  await screens.look("reader of a notebook", reader);
  await reader.openFile("data.json");
  await screens.look("reader of a file", reader);
  await reader.page.keyboard.press("ControlOrMeta+J");
  await screens.look("reader without terminals", reader);
  screens.expectNone();
});

it("finds nothing in a narrow window", async () => {
  const screens = new Screens();
  const project = await world.server.createProject({ example: "empty", name: "Garden" });
  const ana = await world.enter(project.url, { viewport: { width: 420, height: 800 } });
  await ana.page.waitForFunction(() => globalThis.conch !== undefined);
  await ana.page.evaluate(() => globalThis.conch?.ready);
  await screens.look("empty", ana);
  await ana.write("book.nb.md", book);
  await ana.page.getByRole("button", { name: "Show files" }).click();
  await ana.file("book.nb.md").waitFor();
  await screens.look("files", ana);
  await ana.file("book.nb.md").click();
  await ana.notebook("book.nb.md").locator(".monaco-editor").first().waitFor();
  await screens.look("notebook", ana);
  await ana.page.getByRole("button", { name: "Show terminals" }).click();
  await ana.page.getByText("A terminal runs on your own machine").waitFor();
  await screens.look("terminals", ana);
  await ana.page.keyboard.press("Escape");
  await ana.page.getByRole("button", { name: "Share" }).click();
  await ana.page.getByRole("dialog", { name: "Share" }).getByRole("list", { name: "Links" }).waitFor();
  await screens.look("share", ana);
  screens.expectNone();
});
