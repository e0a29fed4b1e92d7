// The workspace: finding, taking folders out and bringing them back, the trash, following a colleague, files of all kinds.

import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });

async function enterNew(): Promise<{ readonly person: WorkspacePage; readonly url: string }> {
  const { url } = await world.server.createProject();
  const person = await world.enter(url);
  await person.ready();
  return { person, url };
}

it("finds text in files and notebook cells, follows edits, and opens the line", async () => {
  const { person } = await enterNew();
  const { page } = person;
  await person.write("src/main.c", `${"// nothing\n".repeat(200)}int quokka = 42;\n`);
  await person.write("notes.txt", "The Quokka is elsewhere.\n");
  await person.write("book.nb.md", "# Book\n\n```sh\necho quokka\n```\n");
  await page.keyboard.press("ControlOrMeta+Shift+F");
  const search = page.getByRole("search", { name: "Search in files" });
  await search.getByRole("searchbox").fill("quokka");
  await search.getByText("3 matches in 3 files").waitFor();
  expect(await search.locator("mark").allInnerTexts()).toEqual(expect.arrayContaining(["quokka", "Quokka"]));
  await search.getByRole("button", { name: "Match case" }).click();
  await search.getByText("2 matches in 2 files").waitFor();
  await person.write("later.txt", "one quokka more");
  await search.getByText("3 matches in 3 files").waitFor();

  await search
    .getByRole("region", { name: "main.c" })
    .getByRole("button", { name: /int quokka/ })
    .click();
  await person.tab("main.c").waitFor();
  await until("the line is in sight", async () =>
    (await person.editorText("main.c")).includes("int quokka = 42;"),
  );
  await search
    .getByRole("region", { name: "book.nb.md" })
    .getByRole("button", { name: /cell 2/ })
    .click();
  const cell = person.notebook("book.nb.md").getByRole("group", { name: "Cell 2", exact: true });
  await until("the cell is selected", async () => (await cell.getAttribute("data-selected")) === "true");

  await search.getByRole("button", { name: "Regular expression" }).click();
  await search.getByRole("searchbox").fill("(");
  await search.getByText(/not a regular expression/).waitFor();
  await search.getByRole("searchbox").fill("");
  await page.keyboard.press("Escape");
  await person.file("notes.txt").waitFor();
  expect(person.visitor.errors).toEqual([]);
});

it("takes the project out as a tar archive and brings it back, byte for byte", async () => {
  const { person } = await enterNew();
  const { page } = person;
  await person.write("src/a.txt", "one\r\ntwo\r\n");
  await person.write("deep/er/été.txt", "\ufeffwith a mark");
  await page.getByRole("button", { name: "More about files" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Download the project (tar)" }).click();
  const archive = await (await downloading).path();

  const { person: other } = await enterNew();
  await other.page.getByRole("button", { name: "More about files" }).click();
  const choosing = other.page.waitForEvent("filechooser");
  await other.page.getByRole("menuitem", { name: "Upload files" }).click();
  await (
    await choosing
  ).setFiles({
    name: "mine.tar",
    mimeType: "application/x-tar",
    buffer: await readFile(archive),
  });
  const dialog = other.page.getByRole("dialog", { name: "Unpack mine.tar?" });
  await dialog.getByRole("button", { name: "Unpack" }).click();
  await other.page.getByText(/“mine.tar” unpacked/).waitFor();
  const top = await other.page.evaluate(async () => {
    const entries = (await globalThis.conch?.files.list()) ?? [];
    return entries.find(({ kind }) => kind === "dir")?.path;
  });
  expect(await other.read(`${top}/src/a.txt`)).toBe("one\r\ntwo\r\n");
  expect(await other.read(`${top}/deep/er/été.txt`)).toBe("\ufeffwith a mark");
  expect(other.visitor.errors).toEqual([]);
});

it("keeps what was deleted in the trash, legible where it is open, and gives it back", async () => {
  const { person } = await enterNew();
  const { page } = person;
  await person.write("notes.txt", "precious");
  await person.openFile("notes.txt");
  await person.file("notes.txt").click();
  await page.keyboard.press("Delete");
  await person.file("notes.txt").waitFor({ state: "detached" });
  const trash = page.getByRole("region", { name: "Trash" });
  await trash.getByRole("button", { name: /Trash/ }).click();
  await trash.getByRole("button", { name: "Restore notes.txt" }).click();
  await person.file("notes.txt").waitFor();
  expect(await person.read("notes.txt")).toBe("precious");
});

it("follows a colleague until one touches anything", async () => {
  const { person: ana, url } = await enterNew();
  await ana.write("one.txt", "one");
  await ana.write("two.txt", "two");
  const ben = await world.enter(url);
  await ben.ready();
  await ana.rename("Ana");
  await ana.openFile("one.txt");
  await ben.page.getByRole("list", { name: "People" }).getByRole("button", { name: /^Ana/ }).click();
  const following = ben.page.getByRole("status", { name: "Following" });
  await following.waitFor();
  await ben.tab("one.txt").waitFor();
  await ana.openFile("two.txt");
  await ben.page.getByRole("tab", { name: "two.txt", selected: true }).waitFor();
  await ben.page.mouse.wheel(0, 10);
  await following.waitFor({ state: "detached" });
  await ana.openFile("one.txt");
  await until(
    "Ben hears that Ana is elsewhere",
    async () =>
      (await ben.page.getByRole("button", { name: /^Ana/ }).getAttribute("aria-label"))?.includes(
        "one.txt",
      ) === true,
  );
  expect(await ben.page.getByRole("tab", { name: "two.txt", selected: true }).count()).toBe(1);
});

it("shows what files are: pictures, foreign text, bytes, and drawings that cannot act", async () => {
  const { person } = await enterNew();
  const { page } = person;
  await page.evaluate(async () => {
    const files = globalThis.conch?.files;
    await files?.write("data.bin", Uint8Array.from([0, 1, 2, 65]));
    await files?.write("latin.txt", Uint8Array.from([99, 97, 102, 233, 10]));
    await files?.write(
      "drawing.svg",
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><script>window.top.hacked = 1</script><rect width="40" height="30"/></svg>',
    );
  });
  await person.openFile("data.bin");
  await page.getByLabel("First bytes of data.bin").getByText("00 01 02 41").waitFor();
  await person.openFile("latin.txt");
  await page.getByText("café").waitFor();
  await person.openFile("drawing.svg");
  await page.getByRole("img", { name: "drawing.svg" }).waitFor();
  expect(await page.evaluate(() => "hacked" in globalThis)).toBe(false);
  await page
    .getByRole("group", { name: "Show drawing.svg as" })
    .getByRole("button", { name: "Text" })
    .click();
  // Monaco's own field has no size.
  await page.getByRole("textbox", { name: "drawing.svg" }).waitFor({ state: "attached" });
  expect(person.visitor.errors).toEqual([]);
});
