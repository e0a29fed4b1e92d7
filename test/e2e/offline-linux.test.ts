// Linux without the server: what is not kept says so, waiting is no failure, and everything can be kept by choice.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import type { WorkspacePage } from "./workspace-page.ts";
import { useWorld } from "./world.ts";

const world = useWorld();

const packs = /\/guest\/packs\//;
const notKept =
  "part of it is not kept in this browser and the server cannot be reached. Reconnect, or choose “Keep everything for offline” beforehand.";

/** Where pictures go while somebody looks at them. */
const pictures = process.env["CONCH_TEST_PICTURES"];

async function picture(person: WorkspacePage, name: string): Promise<void> {
  if (pictures === undefined) return;
  for (const theme of ["light", "dark"]) {
    await person.page.evaluate((value) => (document.documentElement.dataset["theme"] = value), theme);
    await person.page.screenshot({ path: `${pictures}/${name}-${theme}.png` });
  }
}

async function message(person: WorkspacePage, words: string): Promise<void> {
  await person.page.getByRole("status", { name: "Messages" }).getByText(words).first().waitFor();
}

/** What a first session needs is in this browser, and nothing else. */
async function enterAndKeep(): Promise<WorkspacePage> {
  const project = await world.server.createProject();
  const ana = await world.enter(project.url);
  await ana.ready();
  await ana.keptForOffline();
  expect((await ana.run(["bash", "-c", "echo here"])).stdout).toBe("here\n");
  return ana;
}

/** While the server is away; it is back afterwards in any case. */
async function withoutServer(work: () => Promise<void>): Promise<void> {
  await world.server.kill();
  try {
    await work();
  } finally {
    await world.server.start();
  }
}

describe("a program that is not kept in this browser", () => {
  it("says which it is and why, in the output of whoever wants it, and runs when the server is back", async () => {
    const ana = await enterAndKeep();
    await withoutServer(async () => {
      const run = await ana.run(["bash", "-c", "mkfifo --version; echo code $?"]);
      expect(run.stdout).toBe("code 126\n");
      expect(run.stderr).toContain(`mkfifo cannot be started: ${notKept}\n`);
      expect(run.stderr).toContain("Network is unreachable");
      await message(ana, `mkfifo cannot be started: ${notKept}`);
      await picture(ana, "missing-program");

      // In a cell, in the words that the reader sees.
      await ana.write("cell.nb.md", "# Cell\n\n```sh {name=cold}\nopenssl version\n```\n");
      const cells = await ana.runNotebook("cell.nb.md");
      const cold = cells.find(({ name }) => name === "cold");
      expect(cold).toMatchObject({ code: 126 });
      expect(cold?.output).toContain(`openssl cannot be started: ${notKept}`);
      expect(cold?.output).not.toMatch(/Bus error|Input\/output error/);

      // A library of Python.
      const python = await ana.run(["python3", "-c", "import _decimal"]);
      expect(python.code).toBe(1);
      const source = await ana.run(["python3", "-c", "import mailbox"]);
      expect(source.stderr).toMatch(/mailbox\.\w+ cannot be read: part of it is not kept/);
      expect(source.stderr).toMatch(/OSError: .*Network is unreachable: .*mailbox\.py/);
      expect(python.stderr).toMatch(/cannot be read: part of it is not kept in this browser/);
      expect(python.stderr).toMatch(/ImportError: .*Network is unreachable/);
    });
    await until("it runs", async () => (await ana.run(["mkfifo", "--version"])).code === 0, 60_000);
    expect((await ana.run(["openssl", "version"])).stdout).toMatch(/^OpenSSL/);
  });

  it("says so on the terminal where it was typed", async () => {
    const ana = await enterAndKeep();
    await ana.page.getByRole("button", { name: "New terminal" }).click();
    const terminal = ana.page.getByRole("region", { name: "Terminal 1" });
    await terminal.click();
    await ana.type("echo rea''dy\n");
    await terminal.getByText("ready").first().waitFor();
    await withoutServer(async () => {
      await ana.type("mkfifo --version\n");
      await terminal.getByText("mkfifo cannot be started:").first().waitFor();
      await picture(ana, "missing-terminal");
    });
  });

  it("is waited for on a slow line, which Ctrl-C ends", async () => {
    const ana = await enterAndKeep();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    await ana.visitor.context.route(packs, async (route) => {
      await opened;
      await route.continue();
    });
    await ana.page.getByRole("button", { name: "New terminal" }).click();
    const terminal = ana.page.getByRole("region", { name: "Terminal 1" });
    await terminal.click();
    await ana.type("echo rea''dy\n");
    await terminal.getByText("ready").first().waitFor();
    await ana.type("mkfifo --version\n");
    const progress = ana.page.getByRole("progressbar", { name: /^Fetching mkfifo \(.* [kM]B\)$/ });
    await progress.waitFor();
    await picture(ana, "slow-program");
    await ana.page.keyboard.press("Control+C");
    await ana.type("echo sto''pped $?\n");
    await terminal.getByText("stopped 130").first().waitFor();
    open();
    await progress.waitFor({ state: "detached" });
    expect((await ana.run(["mkfifo", "--version"])).code).toBe(0);
  });

  it("is fetched anew where something else came in its place", async () => {
    const ana = await enterAndKeep();
    let page = true;
    await ana.visitor.context.route(packs, (route) =>
      page
        ? route.fulfill({ status: 200, contentType: "text/html", body: "<title>Sign in</title>" })
        : route.continue(),
    );
    const refused = await ana.run(["mkfifo", "--version"]);
    expect(refused.code).toBe(126);
    expect(refused.stderr).toContain(`mkfifo cannot be started: ${notKept}`);
    page = false;
    expect((await ana.run(["mkfifo", "--version"])).code).toBe(0);
  });
});

/** How many of Linux' packs are kept. */
function keptPacks(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const keys = await (await caches.open("conch-guest")).keys();
    return keys.filter(({ url }) => url.includes("/packs/")).length;
  });
}

describe("keeping everything for offline", () => {
  it("is a choice with progress that can be stopped, goes on, and can be undone", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url);
    await ana.ready();
    await ana.write("photo.bin", "\0picture".repeat(1000));
    await ana.saved();
    // After some of it the line is as good as cut.
    let served = 0;
    let slow = true;
    await ana.visitor.context.route(packs, async (route) => {
      served += 1;
      if (served > 60) await until("the line is free", () => !slow, 60_000);
      await route.continue().catch(() => undefined); // stopped meanwhile
    });
    await ana.page.keyboard.press("Control+K");
    await ana.type("keep everything");
    await ana.page.keyboard.press("Enter");
    const dialog = ana.page.getByRole("dialog", { name: "Offline" });
    const kept = dialog.getByRole("status", { name: "Kept in this browser" });
    await kept.getByText("This browser keeps:").waitFor();
    await dialog.getByRole("button", { name: /^Keep everything for offline \(\d+ MB\)$/ }).click();
    const progress = dialog.getByRole("progressbar");
    await until(
      "it has come some way",
      async () => Number(await progress.getAttribute("aria-valuenow")) > 10_000_000,
    );
    await picture(ana, "offline-keeping");
    await dialog.getByRole("button", { name: "Stop" }).click();
    await progress.waitFor({ state: "detached" });
    slow = false;
    await until("it says how much", async () => /\d of \d+ MB of Linux/.test(await kept.innerText()));
    await picture(ana, "offline-stopped");
    const before = await keptPacks(ana.page);
    expect(before).toBeGreaterThan(0);

    await dialog.getByRole("button", { name: /^Keep everything for offline/ }).click();
    await kept.getByText("That is everything").waitFor({ timeout: 60_000 });
    expect(await keptPacks(ana.page)).toBeGreaterThan(before);
    expect(await kept.innerText()).toMatch(/the app, the project, .* of Linux/);
    await picture(ana, "offline-complete");
    await dialog.getByRole("button", { name: "Close" }).last().click();

    await withoutServer(async () => {
      await ana.page.reload();
      await ana.ready();
      for (const program of ["mkfifo", "perl", "nano"])
        expect((await ana.run([program, "--version"])).code).toBe(0);
      expect(await ana.read("photo.bin")).toBe("\0picture".repeat(1000));
    });

    await ana.page.getByRole("button", { name: "Machine menu" }).click();
    await ana.page.getByRole("menuitem", { name: "Keep everything for offline…" }).click();
    await dialog.getByRole("button", { name: "Remove Linux from this browser" }).click();
    await until("it is gone", async () => (await keptPacks(ana.page)) === 0);
    await dialog.getByRole("button", { name: /^Keep everything for offline/ }).waitFor();
  });

  it("waits for a server that goes away in the middle, and goes on by itself", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url);
    await ana.ready();
    let served = 0;
    let slow = true;
    await ana.visitor.context.route(packs, async (route) => {
      served += 1;
      if (served > 40) await until("the line is free", () => !slow, 60_000);
      await route.continue().catch(() => undefined);
    });
    await ana.page.getByRole("button", { name: "Machine menu" }).click();
    await ana.page.getByRole("menuitem", { name: "Keep everything for offline…" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "Offline" });
    await dialog.getByRole("button", { name: /^Keep everything for offline \(/ }).click();
    await until("some has come", () => served > 40, 60_000);
    await withoutServer(async () => {
      slow = false;
      await dialog.getByRole("alert").getByText("it goes on when you are online").waitFor();
    });
    await dialog
      .getByRole("status", { name: "Kept in this browser" })
      .getByText("That is everything")
      .waitFor({ timeout: 90_000 });
  });

  it("says so where the browser's storage gets full on the way, and starts nothing anew by itself", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url, {
      initScript: `
        let puts = 0;
        const put = Cache.prototype.put;
        Cache.prototype.put = function (...args) {
          if (++puts > 20) throw new DOMException("Full.", "QuotaExceededError");
          return put.apply(this, args);
        };`,
    });
    await ana.ready();
    await ana.page.getByRole("button", { name: "Machine menu" }).click();
    await ana.page.getByRole("menuitem", { name: "Keep everything for offline…" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "Offline" });
    await dialog.getByRole("button", { name: /^Keep everything for offline \(/ }).click();
    await dialog.getByRole("alert").getByText("The browser's storage is full.").waitFor();
    await dialog.getByRole("button", { name: /^Keep everything for offline/ }).waitFor();
  });

  it("says beforehand where there is too little room", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url, {
      initScript: `StorageManager.prototype.estimate = async () => ({ quota: 5e6, usage: 1e6 });`,
    });
    await ana.ready();
    await ana.page.getByRole("button", { name: "Machine menu" }).click();
    await ana.page.getByRole("menuitem", { name: "Keep everything for offline…" }).click();
    const dialog = ana.page.getByRole("dialog", { name: "Offline" });
    await dialog.getByRole("button", { name: /^Keep everything for offline/ }).click();
    await dialog
      .getByRole("alert")
      .getByText(/has room for 3\.\d MB, and \d+ MB are needed/)
      .waitFor();
    await picture(ana, "offline-full");
  });
});
