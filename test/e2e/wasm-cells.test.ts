// WebAssembly cells in a browser, on a server that has no Linux to offer: they need none.

import { beforeAll, expect, it } from "vitest";
import { until } from "#test/harness/until.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });
const file = "modules.nb.md";
let ana: WorkspacePage;
let bo: WorkspacePage;

/** Writes what it reads in capital letters; its source is in notebooks/webassembly.nb.md. */
const upper =
  "AGFzbQEAAAABDAJgBH9/f38Bf2AAAAJEAhZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxB2ZkX3JlYWQAABZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxCGZkX3dyaXRlAAADAgEBBQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAIKdwF1AQN/A0BBAEHAADYCAEEEQYAgNgIAQQBBAEEBQQgQAARADwtBCCgCACIARQRADwtBACEBA0AgAS0AQCECIAJB4QBrQRpJBEAgASACQSBrOgBACyABQQFqIgEgAEkNAAtBBCAANgIAQQFBAEEBQQgQARoMAAsL";

const fence = (name: string, source: string): string => `\`\`\`wasm {name="${name}"}\n${source}\n\`\`\`\n`;

const output = async (person: WorkspacePage, name: string): Promise<string> =>
  (await person.cell(file, name)).getByRole("log", { name: "Output" }).innerText();

beforeAll(async () => {
  const project = await world.server.createProject({ example: "empty" });
  ana = await world.enter(project.url);
  await ana.ready();
  await ana.page.evaluate(
    async (text) =>
      globalThis.conch?.files.write(
        "tools/upper.wasm",
        Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
      ),
    upper,
  );
  await ana.write(
    file,
    [
      fence(
        "text",
        `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
  (data (i32.const 16) "hello\\n")
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`,
      ),
      fence("here", "tools/upper.wasm <<END\nsome words\nEND"),
      fence("typed", "# what is typed\ntools/upper.wasm"),
      fence("missing", "tools/lower.wasm"),
    ].join("\n"),
  );
  await ana.openFile(file);
  bo = await world.enter(project.url);
  await bo.ready();
  await bo.openFile(file);
});

it("run without Linux, for everybody to see", async () => {
  for (const name of ["text", "here"]) await ana.runCell(await ana.cell(file, name));
  for (const person of [ana, bo]) {
    await until("the module has spoken", async () => (await output(person, "text")) === "hello");
    await until("it has read its input", async () => (await output(person, "here")) === "SOME WORDS");
    expect(await person.machine.innerText()).toBe("Your machine: off");
  }
});

it("take input while they run, and are interrupted", async () => {
  const cell = await ana.cell(file, "typed");
  await ana.runCell(cell);
  const line = cell.getByRole("textbox", { name: "Input for the running cell" });
  await line.fill("to be typed");
  await line.press("Enter");
  await until("it has answered", async () => (await output(bo, "typed")).includes("TO BE TYPED"));
  await cell.getByRole("button", { name: "Interrupt cell" }).click();
  await cell.getByText(/^Interrupted after/).waitFor();
});

it("say what is wrong, and are stale when they are changed", async () => {
  const cell = await ana.cell(file, "missing");
  await ana.runCell(cell);
  await cell.getByText(/tools\/lower\.wasm: there is no such program/).waitFor();
  expect(await cell.getAttribute("data-state")).toBe("failed");
  await cell.locator(".view-lines").click();
  await ana.page.keyboard.press("Control+End");
  await ana.type(" x");
  await until("it is stale", async () => (await cell.getAttribute("data-stale")) === "true");
  expect(ana.visitor.errors).toEqual([]);
});
