// The workspace without a mouse: every action by keys alone, and the focus is always somewhere that shows.

import { expect, it } from "vitest";
import type { Locator, Page } from "playwright-core";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });

async function enterNew(): Promise<{ readonly person: WorkspacePage; readonly url: string }> {
  const { url } = await world.server.createProject({ example: "empty", name: "Garden" });
  const person = await world.enter(url);
  await person.ready();
  return { person, url };
}

function press(page: Page, ...keys: readonly string[]): Promise<void> {
  return keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
}

async function focused(element: Locator): Promise<void> {
  await until(`the focus is on ${element.toString()}`, () =>
    element.evaluate((found) => found === document.activeElement || found.contains(document.activeElement)),
  );
}

/** Goes on with `key` until the element has the focus. */
async function reach(page: Page, key: string, element: Locator): Promise<void> {
  for (let step = 0; step < 40; step++) {
    if (await element.evaluateAll((found) => found.some((each) => each === document.activeElement))) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not reach ${element.toString()}`);
}

/** The element with the focus draws something for it that it does not draw without. */
async function showsFocus(page: Page): Promise<void> {
  const same = await page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return "nothing has the focus";
    const look = (): string => {
      const { outline, boxShadow, background, borderColor } = getComputedStyle(element);
      return [outline, boxShadow, background, borderColor].join(" ");
    };
    const before = look();
    element.blur();
    const after = look();
    element.focus({ preventScroll: true });
    return before === after ? element.outerHTML.slice(0, 200) : "";
  });
  expect(same).toBe("");
}

it("creates, renames, moves, deletes and restores files", async () => {
  const { person } = await enterNew();
  const { page } = person;
  const tree = page.getByRole("tree", { name: "Files" });
  await reach(page, "Tab", page.getByRole("button", { name: "New folder" }));
  await showsFocus(page);
  await press(page, "Enter");
  await page.keyboard.type("plans");
  await press(page, "Enter");
  await focused(person.file("plans"));
  await reach(page, "Shift+Tab", page.getByRole("button", { name: "New file" }));
  await press(page, "Enter");
  await page.keyboard.type("notes.txt");
  await press(page, "Enter");
  await person.editor("notes.txt").waitFor();
  expect(await person.file("notes.txt").getAttribute("aria-level")).toBe("2");
  await until("one writes", async () => {
    await page.keyboard.type("x");
    return (await person.read("plans/notes.txt")).startsWith("x");
  });
  await press(page, "Shift+F6");
  await focused(tree);
  await showsFocus(page);
  await press(page, "F2");
  await page.keyboard.type("list");
  await press(page, "Enter");
  await focused(person.file("list.txt"));

  // Out of its folder, by the menu and by keys.
  await press(page, "Shift+F10");
  const menu = page.getByRole("menu", { name: "list.txt" });
  await menu.waitFor();
  await page.keyboard.type("cu");
  await focused(page.getByRole("menuitem", { name: /^Cut/ }));
  await press(page, "Escape");
  await focused(person.file("list.txt"));
  await press(page, "Shift+F10");
  await page.keyboard.type("c");
  await reach(page, "ArrowDown", page.getByRole("menuitem", { name: /^Cut/ }));
  await press(page, "Enter");
  await page.getByText("“list.txt” is cut.").waitFor();
  await reach(page, "Shift+Tab", page.getByRole("button", { name: "New file" }));
  await press(page, "Tab", "Tab", "Tab", "Tab");
  await focused(person.file("list.txt"));
  await press(page, "ArrowUp");
  await focused(person.file("plans"));
  await press(page, "ArrowLeft");
  expect(await person.file("plans").getAttribute("aria-expanded")).toBe("false");
  await press(page, "ArrowRight", "End", "ControlOrMeta+x", "Home", "ControlOrMeta+v");
  await until("it stays where it was", async () => (await person.read("plans/list.txt")).startsWith("x"));

  await press(page, "End", "Delete");
  await person.file("list.txt").waitFor({ state: "detached" });
  await focused(tree);
  // To the message and back.
  const undo = page.getByRole("button", { name: "Undo" });
  for (let step = 0; step < 5 && !(await undo.evaluate((it) => it === document.activeElement)); step++) {
    await press(page, "Shift+F6");
    if (
      await page
        .getByRole("region", { name: "Messages" })
        .evaluate((it) => it.contains(document.activeElement))
    )
      await reach(page, "Tab", undo);
  }
  await focused(undo);
  await showsFocus(page);
  await press(page, "Enter");
  await person.file("list.txt").waitFor();

  await reach(page, "F6", page.locator("[role=treeitem]:focus"));
  await reach(page, "ArrowDown", person.file("list.txt"));
  await press(page, "Delete");
  await person.file("list.txt").waitFor({ state: "detached" });
  const trash = page.getByRole("button", { name: /^Trash/ });
  await reach(page, "Tab", trash);
  await press(page, "Enter");
  await reach(page, "Tab", page.getByRole("button", { name: "Restore list.txt" }));
  await showsFocus(page);
  await press(page, "Enter");
  await person.file("list.txt").waitFor();
  expect(person.visitor.errors).toEqual([]);
});

it("switches, moves, splits and closes tabs, and moves the edges between areas", async () => {
  const { person } = await enterNew();
  const { page } = person;
  for (const name of ["a.txt", "b.txt", "c.txt"]) await person.write(name, name);
  await person.write("d.nb.md", "# Title\n\n```sh\ntrue\n```\n");
  for (const name of ["a.txt", "b.txt", "c.txt"]) {
    await press(page, "ControlOrMeta+p");
    await page.keyboard.type(name);
    await press(page, "Enter");
    await focused(person.editor(name));
  }
  expect(await page.title()).toBe("c.txt · Garden · Conch");
  await press(page, "Alt+PageUp");
  await focused(person.editor("b.txt"));
  await press(page, "Alt+PageDown");
  await focused(person.editor("c.txt"));

  await reach(page, "F6", person.file("c.txt"));
  await reach(page, "Tab", person.tab("c.txt"));
  await showsFocus(page);
  await press(page, "ArrowLeft", "ArrowLeft");
  await focused(person.tab("a.txt"));
  await press(page, "Control+Shift+ArrowRight");
  await until("it has moved", async () =>
    (await page.getByRole("tab").allInnerTexts()).join().startsWith("b.txt,a.txt,c.txt"),
  );
  await focused(person.tab("a.txt"));
  await press(page, "Shift+F10");
  await reach(page, "ArrowDown", page.getByRole("menuitem", { name: "Split right" }));
  await press(page, "Enter");
  await page.getByRole("tablist", { name: "Open files" }).nth(1).waitFor();

  const edge = page.getByRole("separator", { name: "Width of the tabs to the left" });
  await reach(page, "Shift+Tab", edge);
  await showsFocus(page);
  const half = Number(await edge.getAttribute("aria-valuenow"));
  await press(page, "ArrowRight", "ArrowRight");
  expect(Number(await edge.getAttribute("aria-valuenow"))).toBeGreaterThan(half);
  const sidebar = page.getByRole("separator", { name: "Width of the sidebar" });
  await reach(page, "F6", page.locator("[role=treeitem]:focus"));
  await reach(page, "Tab", sidebar);
  await press(page, "ArrowRight");
  expect(await sidebar.getAttribute("aria-valuenow")).toBe("256");

  await reach(page, "Tab", page.getByRole("tab", { name: "a.txt" }).first());
  await press(page, "Delete");
  await until("its neighbour is there instead", async () => (await page.getByRole("tab").count()) === 3);
  await press(page, "Enter");
  await page.locator(".monaco-editor:focus-within").waitFor();
  await press(page, "Alt+w");
  await until("one fewer", async () => (await page.getByRole("tab").count()) === 2);

  // Enter on a notebook in the tree goes into it.
  await reach(page, "F6", page.locator("[role=treeitem]:focus"));
  await press(page, "End", "Enter");
  await focused(person.notebook("d.nb.md").getByRole("group", { name: "Cell 1", exact: true }));
  expect(person.visitor.errors).toEqual([]);
});

it("shares, follows, searches and leaves what it has opened", async () => {
  const { person: ana, url } = await enterNew();
  const { page } = ana;
  await ana.write("notes.txt", "one\nquokka\n");
  const share = page.getByRole("button", { name: "Share" });
  await reach(page, "Tab", share);
  await showsFocus(page);
  await press(page, "Enter");
  const dialog = page.getByRole("dialog", { name: "Share" });
  await dialog.getByRole("list", { name: "Links" }).waitFor();
  const within = () => dialog.evaluate((it) => it.contains(document.activeElement));
  for (let step = 0; step < 25; step++) {
    // The browser's own address bar comes in between once a round.
    await page.keyboard.press("Tab");
    expect((await within()) || (await page.evaluate(() => document.activeElement === document.body))).toBe(
      true,
    );
  }
  await reach(page, "Tab", dialog.getByRole("button", { name: "New link" }));
  await press(page, "Enter");
  await reach(page, "Tab", dialog.getByRole("textbox", { name: /^For whom/ }));
  await page.keyboard.type("Monday");
  await press(page, "Enter");
  const change = dialog.getByRole("button", { name: "Change the link Monday" });
  await change.waitFor();
  await reach(
    page,
    "Tab",
    dialog.getByRole("listitem").filter({ hasText: "Monday" }).getByRole("button", { name: "Copy" }),
  );
  await press(page, "Enter");
  await until("the link is copied", async () =>
    (await page.evaluate(() => navigator.clipboard.readText())).includes("/p/"),
  );
  await reach(page, "Tab", change);
  await press(page, "Enter");
  await reach(page, "Tab", dialog.getByRole("button", { name: "Withdraw" }));
  await showsFocus(page);
  await press(page, "Enter");
  await change.waitFor({ state: "detached" });
  await press(page, "Escape");
  await focused(share);

  const ben = await world.enter(url);
  await ben.ready();
  await ana.openFile("notes.txt");
  const anaThere = ben.page.getByRole("list", { name: "People" }).getByRole("button", { name: /notes\.txt/ });
  await anaThere.waitFor();
  await reach(ben.page, "Tab", anaThere);
  await showsFocus(ben.page);
  await press(ben.page, "Enter");
  await ben.page.getByRole("status", { name: "Following" }).waitFor();
  await ben.tab("notes.txt").waitFor();
  await press(ben.page, "Escape");
  await ben.page.getByRole("status", { name: "Following" }).waitFor({ state: "detached" });

  await press(page, "ControlOrMeta+Shift+F");
  await page.keyboard.type("quokka");
  const hit = page.getByRole("search").getByRole("button", { name: /quokka/ });
  await hit.waitFor();
  await reach(page, "Tab", hit);
  await showsFocus(page);
  await press(page, "Enter");
  await focused(ana.editor("notes.txt"));
  await page.keyboard.type("!");
  await until("the caret is in that line", async () => (await ana.read("notes.txt")) === "one\n!quokka\n");

  // Menus: one comes by a button, letters choose, Esc goes back; the tooltip tells the key.
  const files = page.getByRole("button", { name: "Hide files" });
  await press(page, "F6", "F6");
  await reach(page, "F6", page.locator("header button:focus"));
  await reach(page, "Shift+Tab", files);
  await page.locator(".kit-tooltip", { hasText: "Ctrl+B" }).waitFor();
  const menu = page.getByRole("button", { name: "Menu", exact: true });
  await reach(page, "Tab", menu);
  await press(page, "Enter");
  await page.keyboard.type("y");
  await focused(page.getByRole("menuitem", { name: "Your name and colour" }));
  await press(page, "Escape");
  await focused(menu);

  // A terminal keeps every key but this one.
  await press(page, "Control+`");
  const terminal = page.getByRole("region", { name: "Terminal 1" });
  await focused(terminal);
  await page.getByText("F6 leaves the terminal").waitFor();
  expect(await terminal.getByRole("textbox").getAttribute("aria-description")).toBe("F6 leaves the terminal");
  await press(page, "Tab");
  await focused(terminal);
  await press(page, "F6");
  await until("the focus has left", () => terminal.evaluate((it) => !it.contains(document.activeElement)));
  for (const person of [ana, ben])
    expect(person.visitor.errors.filter((each) => !each.includes("guest"))).toEqual([]);
});

it("fits a window of 320 pixels, which is what 1280 are at 400 percent", async () => {
  const { url } = await world.server.createProject({ name: "A garden with quite a long name" });
  const person = await world.enter(url, { viewport: { width: 320, height: 256 } });
  const { page } = person;
  await page.waitForFunction(() => globalThis.conch !== undefined);
  await page.evaluate(() => globalThis.conch?.ready);
  await person.notebook("welcome.nb.md").waitFor();
  for (const name of ["Show files", "Show terminals", "Menu", "Share"]) {
    const box = await page.getByRole("button", { name, exact: true }).boundingBox();
    expect(box, name).not.toBeNull();
    expect(box!.x, name).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width, name).toBeLessThanOrEqual(320);
  }
  const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollWidth]);
  expect(await widths()).toEqual([320, 320]);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share" });
  await dialog
    .getByRole("button", { name: "Make link" })
    .or(dialog.getByRole("button", { name: "New link" }))
    .click();
  const make = dialog.getByRole("button", { name: "Make link" });
  await make.scrollIntoViewIfNeeded();
  const box = await make.boundingBox();
  expect(box!.x + box!.width).toBeLessThanOrEqual(320);
  expect(box!.y + box!.height).toBeLessThanOrEqual(256);
  await press(page, "Escape");
  await page.getByRole("button", { name: "Show files" }).click();
  await person.file("welcome.nb.md").click();
  await person.notebook("welcome.nb.md").waitFor();
  expect(await widths()).toEqual([320, 320]);
});

it("the keyboard is not lost with the last row of the tree", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const person = await world.enter(project.url);
  await person.ready();
  await person.write("only.txt", "x\n");
  await person.openFile("only.txt");
  await person.file("only.txt").focus();
  await press(person.page, "Delete");
  await person.file("only.txt").waitFor({ state: "detached" });
  await focused(person.page.getByRole("button", { name: "New file" }));
  await press(person.page, "Enter");
  await person.page.keyboard.type("next.txt");
  await press(person.page, "Enter");
  await person.file("next.txt").waitFor();
});

it("a tooltip follows what it names, and goes with it", async () => {
  const project = await world.server.createProject({ example: "empty" });
  const ana = await world.enter(project.url);
  await ana.ready();
  const ben = await world.enter(project.url);
  await ben.ready();
  await ben.rename("Ben");
  const tip = ana.page.locator(".kit-tooltip");
  await ana.page.getByRole("list", { name: "People" }).getByRole("button", { name: /Ben/ }).hover();
  await tip.getByText("Ben").waitFor();
  await ben.rename("Eva");
  await tip.getByText("Eva").waitFor();
  await ben.visitor.close();
  await tip.waitFor({ state: "detached" });
});
