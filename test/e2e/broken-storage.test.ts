// A browser whose storage hangs, and servers and networks that answer something else: the page opens, and tells the truth.

import { describe, expect, it } from "vitest";
import { blockDatabase } from "#test/harness/blocked-database.ts";
import { until } from "#test/harness/until.ts";
import type { WorkspacePage } from "./workspace-page.ts";
import { useWorld } from "./world.ts";

const world = useWorld({ guest: false });
const pictures = process.env["CONCH_TEST_PICTURES"];

function notKept(person: WorkspacePage) {
  return person.page.getByRole("status", { name: "This browser" });
}

describe("storage that does not answer", () => {
  it("[COPY-13] costs the copy, not the page, where another tab stands in the way", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(world.server.origin);
    const other = await ana.visitor.context.newPage();
    await other.goto(world.server.origin);
    await blockDatabase(other, `conch.project.${project.id}`);
    await ana.page.goto(project.url);
    await ana.ready();
    await ana.page.getByText("The browser's storage does not answer.").waitFor();
    await notKept(ana).waitFor();
    if (pictures !== undefined) await ana.page.screenshot({ path: `${pictures}/storage-silent.png` });
    await ana.write("notes.txt", "all the same");
    await ana.saved();
    // Offline, it does not claim to keep anything.
    await world.server.kill();
    try {
      await until("it says so", async () =>
        (await ana.connection.innerText()).includes("leave this tab open, as this browser keeps nothing"),
      );
    } finally {
      await world.server.start();
    }
    await until("it is saved", async () => (await ana.connection.innerText()).trim() === "Saved", 60_000);
  });

  it("[COPY-13] costs the copy where it opens but cannot be read", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url, {
      initScript: `IDBObjectStore.prototype.getAll = () => new EventTarget();`,
    });
    await ana.ready();
    await notKept(ana).waitFor();
    await ana.write("notes.txt", "all the same");
    await ana.saved();
    expect(await ana.read("notes.txt")).toBe("all the same");
  });

  it("[COPY-6] [COPY-13] that stops answering later is said, and nothing is claimed", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url, {
      initScript: `
        globalThis.hanging = false;
        const begin = IDBDatabase.prototype.transaction;
        const silent = () => ({ addEventListener() {}, abort() {}, objectStore: () =>
          ({ add: () => new EventTarget(), put() {}, delete() {}, clear() {} }) });
        IDBDatabase.prototype.transaction = function (stores, mode) {
          return globalThis.hanging && mode === "readwrite" ? silent() : begin.call(this, stores, mode);
        };`,
    });
    await ana.ready();
    await ana.saved();
    expect(await notKept(ana).count()).toBe(0);
    await ana.page.evaluate("hanging = true");
    await ana.write("notes.txt", "while it hangs");
    await ana.page
      .getByText("This project can no longer be kept in this browser. The browser's storage does not answer.")
      .waitFor();
    await notKept(ana).waitFor();
    await ana.saved();
  });
});

describe("something else that answers in the server's place", () => {
  const answers = [
    ["a page of a network that wants people to sign in", 200, "text/html", "<title>Sign in</title>"],
    ["a proxy that forbids it", 403, "text/html", "<h1>Forbidden</h1>"],
    ["a gateway that knows no such address", 404, "text/plain", "not found"],
    ["a server that fails", 500, "application/json", `{"error":"The server has a problem. Try again."}`],
  ] as const;

  it.each(answers)("is no refusal: %s", async (_name, status, contentType, body) => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url);
    await ana.ready();
    await ana.write("notes.txt", "kept here");
    await ana.saved();
    await until("it is kept", () =>
      ana.page.evaluate(() => dispatchEvent(new Event("beforeunload", { cancelable: true }))),
    );
    let between = true;
    await ana.visitor.context.route("**/access", (route) =>
      between ? route.fulfill({ status, contentType, body }) : route.continue(),
    );
    await ana.page.reload();
    await ana.ready();
    expect(await ana.read("notes.txt")).toBe("kept here");
    await until("it says so", async () =>
      (await ana.connection.innerText()).includes("The server cannot be reached"),
    );
    await ana.write("more.txt", "meanwhile");
    between = false;
    await until("it is saved", async () => (await ana.connection.innerText()).trim() === "Saved", 60_000);
    const ben = await world.enter(project.url);
    await ben.ready();
    expect(await ben.read("more.txt")).toBe("meanwhile");
  });

  it("does not pass for a stored upload", async () => {
    const project = await world.server.createProject();
    const ana = await world.enter(project.url);
    await ana.ready();
    let between = true;
    await ana.visitor.context.route("**/blobs/**", (route) =>
      between
        ? route.fulfill({ status: 200, contentType: "text/html", body: "<title>Sign in</title>" })
        : route.continue(),
    );
    await ana.write("photo.bin", "\0a picture");
    await until("it is not saved", async () =>
      (await ana.connection.innerText()).includes("Not saved to the server yet (1 change)"),
    );
    between = false;
    await ana.saved();
    const ben = await world.enter(project.url);
    await ben.ready();
    expect(await ben.read("photo.bin")).toBe("\0a picture");
  });
});
