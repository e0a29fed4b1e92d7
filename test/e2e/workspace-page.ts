// A person at a workspace: what they see by role and name, and what they do with mouse and keyboard.

import type { Locator, Page } from "playwright-core";
import type { ConchApi } from "../../client/api.ts";
import type { Visitor } from "#test/harness/browser.ts";
import { until } from "#test/harness/until.ts";

export type CellInfo = Awaited<ReturnType<ConchApi["notebook"]["cells"]>>[number];
export type RunResult = Awaited<ReturnType<ConchApi["run"]>>;

/** ms. Only ends a test that fails: nothing that a person waits for takes this long. */
const stepLimit = 20_000;

/** ms. Whatever is kept is fetched first, on a machine that is busy with other tests too. */
const keptLimit = 120_000;

export class WorkspacePage {
  readonly visitor: Visitor;
  readonly page: Page;

  constructor(visitor: Visitor) {
    this.visitor = visitor;
    this.page = visitor.page;
    this.page.setDefaultTimeout(stepLimit);
  }

  /** The project has been read, and the page shows it. */
  async ready(): Promise<void> {
    await this.page.getByRole("tree", { name: "Files" }).waitFor();
    await this.page.waitForFunction(() => globalThis.conch !== undefined);
    await this.page.evaluate(() => globalThis.conch?.ready);
  }

  get connection(): Locator {
    return this.page.getByRole("status", { name: "Connection" });
  }

  get machine(): Locator {
    return this.page.getByRole("status", { name: "Machine" });
  }

  get people(): Locator {
    return this.page.getByRole("list", { name: "People" }).getByRole("listitem");
  }

  file(name: string): Locator {
    return this.page.getByRole("tree", { name: "Files" }).getByRole("treeitem", { name, exact: true });
  }

  tab(name: string): Locator {
    return this.page.getByRole("tab", { name, exact: true });
  }

  notebook(name: string): Locator {
    return this.page.getByRole("region", { name: `Notebook ${name}` });
  }

  /** The cell that has this name in the notebook's file. */
  async cell(notebook: string, name: string): Promise<Locator> {
    const cells = await this.cells(notebook);
    const info = cells.find((each) => each.name === name);
    if (info === undefined) throw new Error(`${notebook} has no cell “${name}”`);
    return this.notebook(notebook).getByRole("group", { name: `Cell ${info.number}`, exact: true });
  }

  async runCell(cell: Locator): Promise<void> {
    await cell.hover();
    await cell.getByRole("button", { name: "Run cell" }).click();
  }

  /** The text of the code editor that has this name, as it stands on the screen. */
  async editorText(name: string): Promise<string> {
    const editor = this.editor(name);
    const lines = await editor.locator(".view-line").evaluateAll((elements) =>
      elements
        .map((element) => ({
          top: element instanceof HTMLElement ? Number.parseFloat(element.style.top) : 0,
          text: element.textContent,
        }))
        .toSorted((a, b) => a.top - b.top)
        .map(({ text }) => text.replaceAll("\u00a0", " ")),
    );
    return lines.join("\n");
  }

  editor(name: string): Locator {
    return this.page.locator(".monaco-editor", {
      has: this.page.getByRole("textbox", { name, exact: true }),
    });
  }

  async createFile(name: string): Promise<void> {
    await this.page.getByRole("button", { name: "New file" }).click();
    await this.page.keyboard.type(name);
    await this.page.keyboard.press("Enter");
    await this.file(name).waitFor();
  }

  async openFile(name: string): Promise<void> {
    await this.file(name).click();
    await this.page.getByRole("tab", { name, exact: true, selected: true }).waitFor();
  }

  /** Puts the caret at the end of the file's text. */
  async focusEditor(name: string): Promise<void> {
    await this.editor(name).locator(".view-lines").click();
    await this.page.keyboard.press("Control+End");
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  run(
    argv: readonly string[],
    options: { readonly cwd?: string; readonly stdin?: string } = {},
  ): Promise<RunResult> {
    return this.page.evaluate(
      async ([words, given]) => {
        if (globalThis.conch === undefined) throw new Error("there is no project on this page");
        return globalThis.conch.run(words, given);
      },
      [argv, options] as const,
    );
  }

  read(path: string): Promise<string> {
    return this.page.evaluate((wanted) => globalThis.conch?.files.read(wanted) ?? "", path);
  }

  write(path: string, content: string): Promise<void> {
    return this.page.evaluate(async ([to, text]) => globalThis.conch?.files.write(to, text), [
      path,
      content,
    ] as const);
  }

  cells(path: string): Promise<readonly CellInfo[]> {
    return this.page.evaluate((wanted) => globalThis.conch?.notebook.cells(wanted) ?? [], path);
  }

  runNotebook(path: string): Promise<readonly CellInfo[]> {
    return this.page.evaluate((wanted) => globalThis.conch?.notebook.run(wanted) ?? [], path);
  }

  /** Tells the others another name. */
  async rename(name: string): Promise<void> {
    await this.page
      .getByRole("list", { name: "People" })
      .getByRole("button", { name: /\(you\)$/ })
      .click();
    const dialog = this.page.getByRole("dialog", { name: "You" });
    await dialog.getByRole("textbox").fill(name);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
  }

  /** The app and what a machine needs to start are in this browser. */
  async keptForOffline(): Promise<void> {
    const kept = (): Promise<boolean> =>
      this.page.evaluate(async () => {
        const index = await caches.match("/guest/guest.json");
        const controlled = navigator.serviceWorker.controller !== null;
        if (index === undefined || !controlled || (await caches.match("/")) === undefined) return false;
        const { bios } = (await index.json()) as { readonly bios: { readonly file: string } };
        return (await caches.match(`/guest/${bios.file}`)) !== undefined;
      });
    await until("the app and the guest are kept", kept, keptLimit);
  }

  /** Everything that was done here is on the server. */
  async saved(): Promise<void> {
    await this.page.waitForFunction(() => globalThis.conch?.room.state().unsaved === 0);
  }
}
