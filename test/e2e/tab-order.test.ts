// The keyboard's way through a notebook: few stops, every action within reach, and always a way out.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });
const book = "lab.nb.md";
let ana: WorkspacePage;

beforeAll(async () => {
  const project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
  await ana.write(book, "```sh\none\n```\n\n```sh\ntwo\n```\n\nProse.\n\n```python\nthree\n```\n");
  await ana.openFile(book);
  await until(
    "the editors are there",
    async () => (await ana.notebook(book).locator(".monaco-editor").count()) === 3,
  );
});

afterAll(() => expect(ana.visitor.errors).toEqual([]));

const cellAt = (number: number): ReturnType<WorkspacePage["page"]["locator"]> =>
  ana.notebook(book).getByRole("group", { name: `Cell ${number}`, exact: true });

/** What has the focus: its name, and the cell that it is in. */
const focused = (): Promise<string> =>
  ana.page.evaluate(() => {
    const element = document.activeElement;
    const cell = element?.closest(".cell");
    const name = element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    return cell === element || cell === null || cell === undefined ? name : `${cell.ariaLabel}: ${name}`;
  });

/** The stops from here, by Tab, until one of the name is reached. */
async function stopsUntil(name: string, key = "Tab"): Promise<string[]> {
  const stops: string[] = [];
  for (let count = 0; count < 40; count++) {
    await ana.page.keyboard.press(key);
    stops.push(await focused());
    if (stops.at(-1) === name) return stops;
  }
  throw new Error(`${name} is not reached: ${stops.join(", ")}`);
}

describe("Tab", () => {
  it("goes from the cell through its buttons into its editor", async () => {
    await cellAt(2).focus();
    expect(await stopsUntil("Cell 2: Code of cell 2")).toEqual([
      "Cell 2: Run cell",
      "Cell 2: Cell menu",
      "Cell 2: Code of cell 2",
    ]);
  });

  it("[ED-30] goes from one cell's editor to the next one's in one step, where it took seven", async () => {
    await cellAt(2).locator(".view-lines").click();
    // In the editor, Tab indents; this lets it go on.
    await ana.page.keyboard.press("Control+m");
    expect(await stopsUntil("Cell 3: Text of cell 3")).toEqual(["Cell 3: Text of cell 3"]);
    expect(await stopsUntil("Cell 4: Code of cell 4")).toEqual([
      "Cell 3: Cell menu",
      "Cell 4: Code of cell 4",
    ]);
    expect(await stopsUntil("Cell 3: Text of cell 3", "Shift+Tab")).toEqual([
      "Cell 4: Cell menu",
      "Cell 4: Run cell",
      "Cell 4",
      "Cell 3: Text of cell 3",
    ]);
    await cellAt(2).locator(".view-lines").click();
    await ana.page.keyboard.press("Control+m");
  });

  it("[ED-30] stops once at each row of buttons; the arrows go along it", async () => {
    await cellAt(4).locator(".view-lines").click();
    await ana.page.keyboard.press("Control+m");
    await ana.page.keyboard.press("Escape");
    const stops = await stopsUntil("Shell");
    expect(stops).toEqual(["Cell 4: Run cell", "Cell 4: Cell menu", "Cell 4: Code of cell 4", "Shell"]);
    await ana.page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("Python");
    await ana.page.keyboard.press("End");
    expect(await focused()).toBe("Text");
    await ana.page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("Shell");
    await cellAt(4).locator(".view-lines").click();
    await ana.page.keyboard.press("Control+m");
    await ana.notebook(book).getByRole("button", { name: "Shell" }).last().focus();
    // Out of it, to the cell that was left.
    await ana.page.keyboard.press("Escape");
    expect(await focused()).toBe("Cell 4");
  });
});

describe("every action", () => {
  it("is in the cell's menu, which a key opens and Escape leaves", async () => {
    await cellAt(1).focus();
    await ana.page.keyboard.press("Shift+F10");
    await ana.page.getByRole("menu", { name: "Cell" }).waitFor();
    await ana.page.keyboard.press("Escape");
    await ana.page.getByRole("menu", { name: "Cell" }).waitFor({ state: "detached" });
    expect(await focused()).toBe("Cell 1");
  });

  it("gives the focus back after a dialog", async () => {
    await cellAt(1).focus();
    await ana.page.keyboard.press("F2");
    await ana.page.getByRole("dialog", { name: "Name of the cell" }).waitFor();
    await ana.page.keyboard.press("Escape");
    await ana.page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Cell 1");
  });

  it("is left by Escape: from the editor, from prose, from a button", async () => {
    for (const number of [1, 3]) {
      await cellAt(number).focus();
      await ana.page.keyboard.press("Enter");
      expect(await focused()).toMatch(/: (?:Code|Text) of cell \d+$/);
      await ana.page.keyboard.press("Escape");
      expect(await focused()).toBe(`Cell ${number}`);
      await ana.page.keyboard.press("Tab");
      expect(await focused()).toContain(`Cell ${number}: `);
      await ana.page.keyboard.press("Escape");
      expect(await focused()).toBe(`Cell ${number}`);
    }
  });
});
