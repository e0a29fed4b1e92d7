// Without the server: the page opens from what this browser keeps, everything goes on, and comes together once.

import { afterAll, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { until } from "#test/harness/until.ts";
import type { TestProject } from "#test/harness/server.ts";
import { useWorld } from "./world.ts";
import { WorkspacePage } from "./workspace-page.ts";

const world = useWorld();
const people: WorkspacePage[] = [];

const backLimit = 60_000;

async function enter(url: string, initScript?: string): Promise<WorkspacePage> {
  const person = await world.enter(url, initScript === undefined ? {} : { initScript });
  people.push(person);
  return person;
}

/** What is in the browser's copy of the project, by store. */
function stored(person: WorkspacePage, project: TestProject, store: string): Promise<number> {
  return person.page.evaluate(
    ([id, name]) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open(`conch.project.${id}`);
        opening.addEventListener("error", () => reject(new Error("no copy")));
        opening.addEventListener("success", () => {
          const count = opening.result.transaction(name).objectStore(name).count();
          count.addEventListener("success", () => {
            opening.result.close();
            resolve(count.result);
          });
        });
      }),
    [project.id, store] as const,
  );
}

async function says(person: WorkspacePage, words: string): Promise<void> {
  await until(
    `the status says “${words}”`,
    async () => (await person.connection.innerText()).includes(words),
    backLimit,
  );
}

/** As a file that is no text: it travels as a blob. */
const binary = "\0\u0001binary\u0002";
const lines = ["together", "Ana, offline", "Ana, after the reload", "Ben, offline"];

describe("a project without its server", () => {
  let project: TestProject;
  let ana: WorkspacePage;
  let ben: WorkspacePage;

  it("[COPY-8] is kept by the browser while everything is well", async () => {
    project = await world.server.createProject();
    ana = await enter(project.url);
    ben = await enter(project.url);
    for (const person of [ana, ben]) await person.ready();
    await ana.write("notes.txt", "together\n");
    await ben.file("notes.txt").waitFor();
    await ana.saved();
    await ana.keptForOffline();
  });

  it("goes on: edits, files, cells", async () => {
    await world.server.kill();
    for (const person of [ana, ben]) await says(person, "The server cannot be reached");
    await ana.openFile("notes.txt");
    await ana.focusEditor("notes.txt");
    await ana.type("Ana, offline\n");
    await ben.write("ben.txt", "Ben, offline\n");
    await ana.write("picture.bin", binary);
    await ana.write("cell.nb.md", "# Here\n\n```sh {name=count}\nwc -l < notes.txt\n```\n");
    const cells = await ana.runNotebook("cell.nb.md");
    expect(cells.find(({ name }) => name === "count")).toMatchObject({ code: 0, output: "2" });
    await says(ana, "Not saved to the server yet");
  });

  it("[COPY-2] [COPY-5] [COPY-7] opens again from this browser, says what the server lacks, and runs", async () => {
    const asked: string[] = [];
    ana.page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    // What the page would answer if one left it now.
    await until("everything is kept here", () =>
      ana.page.evaluate(() => dispatchEvent(new Event("beforeunload", { cancelable: true }))),
    );
    expect(await stored(ana, project, "changes")).toBeGreaterThan(0);
    await ana.page.reload();
    await ana.ready();
    expect(asked).toEqual([]);
    await says(ana, "Not saved to the server yet");
    expect(await ana.page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await ana.read("notes.txt")).toBe("together\nAna, offline\n");
    expect(await ana.read("picture.bin")).toBe(binary);
    const run = await ana.run(["bash", "-c", "echo 'Ana, after the reload' >> notes.txt; cat notes.txt"]);
    expect(run).toEqual({
      code: 0,
      stdout: "together\nAna, offline\nAna, after the reload\n",
      stderr: "",
    });
    const cells = await ana.runNotebook("cell.nb.md");
    expect(cells.find(({ name }) => name === "count")).toMatchObject({ code: 0, output: "3" });
    await until("the guest's write is here", async () => (await ana.read("notes.txt")).includes("reload"));
  });

  it("comes together once when the server is back", async () => {
    await world.server.start();
    for (const person of [ana, ben]) {
      await until(
        "it is saved",
        async () => (await person.connection.innerText()).trim() === "Saved",
        backLimit,
      );
      await person.saved();
    }
    const later = await enter(project.url);
    await later.ready();
    for (const person of [ana, ben, later]) {
      await until(
        "everything is there",
        async () =>
          (await person.read("notes.txt")).includes("reload") && (await person.read("ben.txt")) !== "",
        backLimit,
      );
      expect(await person.read("notes.txt")).toBe(`${[lines[0], lines[1], lines[2]].join("\n")}\n`);
      expect(await person.read("ben.txt")).toBe(`${lines[3]}\n`);
      expect(await person.read("picture.bin")).toBe(binary);
      const cells = await person.cells("cell.nb.md");
      expect(cells.filter(({ name }) => name === "count")).toHaveLength(1);
      const names = await person.page.evaluate(async () =>
        ((await globalThis.conch?.files.list()) ?? []).map(({ name }) => name),
      );
      for (const name of ["notes.txt", "ben.txt", "picture.bin", "cell.nb.md"])
        expect(names.filter((other) => other.includes(name.split(".")[0] ?? ""))).toEqual([name]);
    }
    await until("nothing is left to save", async () => (await stored(ana, project, "changes")) === 0);
    await ana.page.reload();
    await ana.ready();
    expect(await ana.page.evaluate(() => globalThis.conch?.room.state().unsaved)).toBe(0);
  });
});

describe("two tabs of one browser", () => {
  it("[COPY-2] keep one copy between them, also without the server", async () => {
    const project = await world.server.createProject();
    const first = await enter(project.url);
    await first.ready();
    await first.write("notes.txt", "");
    await first.saved();
    await first.keptForOffline();
    await world.server.kill();
    await says(first, "The server cannot be reached");
    await first.write("first.txt", "first");
    await until("it is kept", async () => (await stored(first, project, "changes")) > 0);
    const page = await first.visitor.context.newPage();
    await page.goto(project.url);
    const second = new WorkspacePage({ ...first.visitor, page });
    await second.ready();
    expect(await second.read("first.txt")).toBe("first");
    await says(second, "Not saved to the server yet");
    await second.write("second.txt", "second");
    await first.write("third.txt", "third");
    await world.server.start();
    for (const tab of [first, second]) {
      await says(tab, "Saved");
      for (const name of ["first", "second", "third"]) {
        await tab.file(`${name}.txt`).waitFor();
        expect(await tab.read(`${name}.txt`)).toBe(name);
        expect(await tab.file(`${name}.txt`).count()).toBe(1);
      }
    }
    await until("nothing is left to save", async () => (await stored(first, project, "changes")) === 0);
  });
});

describe("a copy", () => {
  it("[COPY-3] is folded where it grows long, and stays what it is", async () => {
    const project = await world.server.createProject();
    const ana = await enter(project.url);
    await ana.ready();
    // Each an edit of its own.
    const edits = 2100;
    await ana.page.evaluate(async (count) => {
      for (let edit = 1; edit <= count; edit++) {
        await globalThis.conch?.files.write("count.txt", `${edit}\n`);
        if (edit % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 40));
      }
    }, edits);
    await ana.saved();
    await until("it is folded", async () => (await stored(ana, project, "updates")) < edits / 2, backLimit);
    await until("no marker is left", async () => (await stored(ana, project, "changes")) === 0);
    await ana.keptForOffline();
    await world.server.kill();
    await ana.page.reload();
    await ana.ready();
    expect(await ana.read("count.txt")).toBe(`${edits}\n`);
    await world.server.start();
    await says(ana, "Saved");
    expect(await ana.read("count.txt")).toBe(`${edits}\n`);
  });
});

describe("a copy that does not belong to what is on the server", () => {
  it("[COPY-4] is put aside, and nothing of it is mixed in", async () => {
    const project = await world.server.createProject();
    const ana = await enter(project.url);
    await ana.ready();
    await ana.write("now.txt", "now");
    await ana.saved();
    await ana.page.goto(world.server.origin);
    // A copy of the same project from before it was started over.
    const before = new Y.Doc();
    before.getMap("meta").set("epoch", "before");
    before.getMap("nodes").set("old", new Y.Map(Object.entries({ at: ["root", "old.txt"], kind: "dir" })));
    await ana.page.evaluate(
      ([id, update]) =>
        new Promise<void>((resolve) => {
          const opening = indexedDB.open(`conch.project.${id}`);
          opening.addEventListener("success", () => {
            const transaction = opening.result.transaction("updates", "readwrite");
            transaction.objectStore("updates").clear();
            transaction.objectStore("updates").add(new Uint8Array(update));
            transaction.addEventListener("complete", () => {
              opening.result.close();
              resolve();
            });
          });
        }),
      [project.id, [...Y.encodeStateAsUpdate(before)]] as const,
    );
    await ana.page.goto(project.url);
    await ana.page.getByRole("heading", { name: "This project was started over on the server." }).waitFor();
    expect(await stored(ana, project, "aside")).toBe(1);
    const downloading = ana.page.waitForEvent("download");
    await ana.page.getByRole("button", { name: "Download what was here" }).click();
    expect((await downloading).suggestedFilename()).toMatch(/\.tar$/);
    await ana.page.getByRole("button", { name: "Open it as it is now" }).click();
    await ana.ready();
    expect(await ana.read("now.txt")).toBe("now");
    expect(await ana.file("old.txt").count()).toBe(0);
    const ben = await enter(project.url);
    await ben.ready();
    expect(await ben.file("old.txt").count()).toBe(0);
  });
});

describe("a browser that keeps nothing", () => {
  it("[COPY-6] says so, and costs nothing else", async () => {
    const project = await world.server.createProject();
    const refusing = `IDBFactory.prototype.open = () => { throw new DOMException("Refused.", "SecurityError"); };`;
    const ana = await enter(project.url, refusing);
    await ana.ready();
    await ana.page.getByText("This browser lets no page keep anything here").waitFor();
    await ana.write("notes.txt", "all the same");
    await ana.saved();
    await says(ana, "Saved");

    // Then what is not on the server is in this tab alone: who leaves is asked.
    await ana.openFile("notes.txt");
    await ana.focusEditor("notes.txt");
    await world.server.kill();
    await says(ana, "The server cannot be reached");
    await ana.type(", and more");
    await says(ana, "Not saved to the server yet");
    const asked = ana.page.waitForEvent("dialog");
    await ana.page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    await world.server.start();
    await says(ana, "Saved");
    expect(await ana.read("notes.txt")).toBe("all the same, and more");
  });

  it("[COPY-6] says so when its storage is full, and goes on when there is room again", async () => {
    const project = await world.server.createProject();
    const filling = `
      globalThis.full = false;
      const add = IDBObjectStore.prototype.add;
      IDBObjectStore.prototype.add = function (...args) {
        if (globalThis.full) throw new DOMException("Full.", "QuotaExceededError");
        return add.apply(this, args);
      };`;
    const ana = await enter(project.url, filling);
    await ana.ready();
    await ana.saved();
    await ana.page.evaluate("full = true");
    await ana.write("notes.txt", "while it was full");
    await ana.page.getByText("The browser's storage is full.").waitFor();
    await ana.saved();
    const records = await stored(ana, project, "updates");
    await ana.page.evaluate("full = false");
    await ana.write("more.txt", "and then");
    await until("it is kept again", async () => (await stored(ana, project, "updates")) > records, backLimit);
  });
});

afterAll(() => {
  for (const person of people) expect(person.visitor.strayRequests).toEqual([]);
});

describe("an editor whose files do not come", () => {
  it("shows the text, says why, and is an editor as soon as they do", async () => {
    const { url } = await world.server.createProject();
    const person = await enter("about:blank");
    const { context, page } = person.visitor;
    const monaco = /\/assets\/monaco-.*\.js/;
    let away = true;
    // Not taken away with unroute: the page may just be asking again.
    await context.route(monaco, (route) => (away ? route.abort() : route.continue()));
    await page.goto(url);
    await person.ready();
    await person.write("late.txt", "as it is\n");
    await person.openFile("late.txt");
    // The cells of the notebook behind it say so, too.
    await page.getByText("The editor has not arrived yet").filter({ visible: true }).first().waitFor();
    away = false;
    await person.focusEditor("late.txt");
    await person.type("edited");
    await until("it is in the file", async () => (await person.read("late.txt")) === "as it is\nedited");
    expect(await page.getByText("The editor has not arrived yet").count()).toBe(0);
  });
});
