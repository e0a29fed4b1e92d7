// WebAssembly cells in a browser, on a server that has no guest at all: real workers, with shared memory and without.

import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlainProxy } from "#test/harness/plain-proxy.ts";
import { until } from "#test/harness/until.ts";
import { wasmPrograms, type WasmPrograms } from "#test/harness/wasm-programs.ts";
import { useWorld } from "./world.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const world = useWorld({ guest: false });
const file = "lab.nb.md";
const setUpLimit = 300_000;

const markdown = `# Lab

\`\`\`wasm {name="arguments"}
COLOUR=blue tool.wasm args "a b"
\`\`\`

\`\`\`wasm {name="input"}
tool.wasm ask
\`\`\`

\`\`\`wasm {name="lines"}
tool.wasm cat <<END
one
two
END
\`\`\`

\`\`\`wasm {name="files"}
tool.wasm files
\`\`\`

\`\`\`wasm {name="make"}
tool.wasm make-many . 2
\`\`\`

\`\`\`wasm {name="endless"}
tool.wasm forever
\`\`\`

\`\`\`wasm {name="go"}
go.wasm files
\`\`\`

\`\`\`wasm {name="go input"}
go.wasm input
\`\`\`

\`\`\`wasm {name="escape"}
go.wasm escape
\`\`\`

\`\`\`wasm {name="text"}
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
  (data (i32.const 16) "hello\\n")
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
\`\`\`
`;

let programs: WasmPrograms;
beforeAll(async () => {
  programs = await wasmPrograms();
}, setUpLimit);

let proxy: PlainProxy | undefined;
afterAll(() => proxy?.stop());

async function enter(isolated: boolean): Promise<WorkspacePage> {
  const project = await world.server.createProject({ example: "empty" });
  const url = new URL(project.url);
  if (!isolated) {
    proxy = await PlainProxy.start(url.origin);
    url.port = new URL(proxy.origin).port;
  }
  const ana = await world.enter(url.href);
  await ana.ready();
  const put = (path: string, bytes: Uint8Array): Promise<void> =>
    ana.page.evaluate(
      async ([to, base64]) => {
        const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        await globalThis.conch?.files.write(to, content);
      },
      [path, Buffer.from(bytes).toString("base64")] as const,
    );
  await put("tool.wasm", programs.wasi);
  await put("go.wasm", programs.gojs);
  await ana.write(file, markdown);
  await ana.openFile(file);
  await ana.notebook(file).getByRole("heading", { name: "Lab" }).waitFor();
  expect(await ana.page.evaluate(() => crossOriginIsolated)).toBe(isolated);
  return ana;
}

interface Shown {
  readonly cell: Locator;
  readonly log: Locator;
}

async function run(ana: WorkspacePage, name: string): Promise<Shown> {
  const cell = await ana.cell(file, name);
  await ana.runCell(cell);
  return { cell, log: cell.getByRole("log", { name: "Output" }) };
}

async function outputOf(ana: WorkspacePage, name: string): Promise<string> {
  const { cell, log } = await run(ana, name);
  await until("it is done", async () =>
    ["done", "failed"].includes((await cell.getAttribute("data-state")) ?? ""),
  );
  return log.innerText();
}

describe("WebAssembly cells in a browser", () => {
  let ana: WorkspacePage;
  beforeAll(async () => {
    ana = await enter(true);
  }, setUpLimit);

  it("run programs with arguments and files, without Linux", async () => {
    expect(await outputOf(ana, "arguments")).toBe("[tool.wasm]\n[args]\n[a b]\nCOLOUR=blue PWD=/project");
    expect(await outputOf(ana, "files")).toBe("ok");
    expect(await outputOf(ana, "go")).toBe("ok");
    expect(await outputOf(ana, "lines")).toBe("one\ntwo");
    expect(await outputOf(ana, "text")).toBe("hello");
    expect(await ana.machine.innerText()).toMatch(/off/i);
  });

  it("talk while they run", async () => {
    for (const [name, answer] of [
      ["input", "hello Zoë"],
      ["go input", "Zoë while the clock ticked: true"],
    ] as const) {
      const { cell, log } = await run(ana, name);
      await cell.getByRole("textbox", { name: "Input for the running cell" }).fill("Zoë");
      await ana.page.keyboard.press("Enter");
      await until("the answer is there", async () => (await log.innerText()).includes(answer));
      await cell.getByRole("button", { name: "Interrupt cell" }).click();
      await cell.getByText(/^Interrupted after/).waitFor();
    }
  });

  it("are interrupted in the middle of a computation", async () => {
    const { cell, log } = await run(ana, "endless");
    await until("it runs", async () => (await log.innerText()) === "started");
    await cell.getByRole("button", { name: "Interrupt cell" }).click();
    await cell.getByText(/^Interrupted after/).waitFor();
  });

  it("make files that everybody sees", async () => {
    expect(await outputOf(ana, "make")).toBe("");
    await ana.file("f0").waitFor();
    await ana.file("f1").waitFor();
  });

  it("[GO-5] reach nothing of the page", async () => {
    expect(await outputOf(ana, "escape")).toBe("done 7");
    expect(ana.visitor.strayRequests).toEqual([]);
  });
});

describe("WebAssembly cells where threads share no memory", () => {
  let ana: WorkspacePage;
  beforeAll(async () => {
    ana = await enter(false);
  }, setUpLimit);

  it("[REPLICA-1] run all the same, and say what is limited", async () => {
    const output = await outputOf(ana, "files");
    expect(output).toMatch(/^This page is not isolated from others/);
    expect(output.trim().endsWith("\nok")).toBe(true);
    expect((await outputOf(ana, "lines")).endsWith("one\ntwo")).toBe(true);
    expect((await outputOf(ana, "go")).endsWith("(<nil>)")).toBe(true);
  });

  it("[REPLICA-3] make files that everybody sees", async () => {
    await outputOf(ana, "make");
    await ana.file("f0").waitFor();
    await ana.file("f1").waitFor();
  });
});
