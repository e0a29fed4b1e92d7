// What a person sees where something is refused or missing: one clear message, where they look.

import { describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });

describe("an address that does not open a project", () => {
  it("says that there is no such project", async () => {
    const project = await world.server.createProject();
    const wrong = project.url.replace(`/p/${project.id}`, `/p/${"x".repeat(project.id.length)}`);
    const person = await world.enter(wrong);
    await person.page.getByRole("heading", { name: "There is no such project." }).waitFor();
  });

  it("says that the key is missing", async () => {
    const project = await world.server.createProject();
    const person = await world.enter(project.url.replace(/#.*/, ""));
    await person.page.getByRole("heading", { name: /does not open the project/ }).waitFor();
  });

  it("says that the link is not valid", async () => {
    const project = await world.server.createProject();
    const person = await world.enter(`${project.url.slice(0, -6)}AAAAAA`);
    await person.page.getByRole("heading", { name: /does not open the project/ }).waitFor();
  });
});

describe("a link for reading", () => {
  it("shows everything and changes nothing", async () => {
    const project = await world.server.createProject();
    const link = await world.server.createLink(project, "viewer");
    const owner = await world.enter(project.url);
    const viewer = await world.enter(link.url);
    await owner.ready();
    await viewer.ready();
    const notebook = viewer.notebook("welcome.nb.md");
    await notebook.getByRole("heading", { name: "Welcome to Conch" }).waitFor();
    expect(await notebook.getByRole("button", { name: "Run cell" }).count()).toBe(0);
    expect(await viewer.page.getByRole("button", { name: "New file" }).count()).toBe(0);
    // It follows what the others write.
    await owner.write("notes.txt", "from the owner");
    await viewer.file("notes.txt").waitFor();
    await viewer.openFile("notes.txt");
    await until("the text is shown", async () => (await viewer.editorText("notes.txt")) === "from the owner");
    await viewer.focusEditor("notes.txt");
    await viewer.type("not allowed");
    expect(await viewer.read("notes.txt")).toBe("from the owner");
    await expect(viewer.write("notes.txt", "not allowed")).rejects.toThrow(/read/);
    await owner.saved();
    expect(await owner.read("notes.txt")).toBe("from the owner");
  });
});

describe("a browser that lacks something", () => {
  it("says so without WebAssembly", async () => {
    const project = await world.server.createProject();
    const person = await world.enter(project.url, { initScript: "delete globalThis.WebAssembly;" });
    await person.page.getByRole("heading", { name: "This browser cannot run Conch." }).waitFor();
  });

  it("goes on without shared memory", async () => {
    const project = await world.server.createProject();
    const person = await world.enter(project.url, { initScript: "delete globalThis.SharedArrayBuffer;" });
    await person.ready();
    await person.createFile("still.txt");
    await person.openFile("still.txt");
    await person.focusEditor("still.txt");
    await person.type("works");
    await until("it is saved", async () => (await person.read("still.txt")) === "works");
  });
});

describe("a server without a guest product", () => {
  it("is a workspace whose machine says why it does not start", async () => {
    const project = await world.server.createProject();
    const person = await world.enter(project.url);
    await person.ready();
    const cell = await person.cell("welcome.nb.md", "A first file");
    await person.runCell(cell);
    await until("the cell says why", async () => /guest|machine/i.test(await cell.innerText()));
    await until("the machine says so too", async () => /failed/.test(await person.machine.innerText()));
    // The rest works.
    await person.createFile("works.txt");
    await person.saved();
  });
});

describe("names that no file can have", () => {
  const refused: readonly (readonly [what: string, name: string, message: RegExp])[] = [
    ["one too long", `${"ä".repeat(128)}.txt`, /too long/],
    ["one with a slash", "a/b", /no slash/],
    ["one that is taken", "welcome.nb.md", /already/],
  ];

  it.each(refused)("%s is refused beside the field, which stays open", async (_what, name, message) => {
    const project = await world.server.createProject();
    const person = await world.enter(project.url);
    await person.ready();
    await person.page.getByRole("button", { name: "New file" }).click();
    const field = person.page.getByRole("tree", { name: "Files" }).getByRole("textbox");
    await field.fill(name);
    await field.press("Enter");
    const alert = person.page.getByRole("tree", { name: "Files" }).getByRole("alert");
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(message);
    await field.fill("good.txt");
    await field.press("Enter");
    await person.file("good.txt").waitFor();
  });

  it("a name that is no Unicode is refused by scripts' door, too", async () => {
    const project = await world.server.createProject();
    const person = await world.enter(project.url);
    await person.ready();
    const message = await person.page.evaluate(() =>
      globalThis.conch?.files.write("lone-\ud800.txt", "x").then(
        () => "written",
        (error: unknown) => String(error),
      ),
    );
    expect(message).toMatch(/EILSEQ|Unicode/);
  });
});
