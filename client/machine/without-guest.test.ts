// WebAssembly tasks and cells on a machine whose Linux is not running, over a project's files.

import * as Y from "yjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import { until } from "#test/harness/until.ts";
import { wasiListing } from "#test/harness/wasi-listing.ts";
import { wasmPrograms } from "#test/harness/wasm-programs.ts";
import type { ExitStatus, Task, TaskSpec } from "#core/machine/machine.ts";
import { createNodeMachine } from "./node.ts";

const project = new Project(new Y.Doc());
const blobs = new MemoryBlobStore();
/** There is no guest in this folder: whoever starts it fails. */
const machine = createNodeMachine({ product: "/nowhere", project, blobs });
const tty = { cols: 80, rows: 24 };

beforeAll(async () => {
  const { wasi, go } = await wasmPrograms();
  project.createFile(rootId, "tool.wasm", wasi, blobs);
  project.createFile(rootId, "go.wasm", go, blobs);
  project.createFile(rootId, "words", encodeUtf8("one\ntwo\n"), blobs);
}, 300_000);
afterAll(() => machine.dispose());

interface Started {
  readonly task: Task;
  readonly output: () => string;
  readonly done: Promise<ExitStatus & { readonly output: string }>;
}

async function started(
  start: (output: (fd: 1 | 2, data: Uint8Array) => void) => Promise<Task>,
): Promise<Started> {
  let output = "";
  const task = await start((_fd, data) => void (output += decodeUtf8Lossy(data)));
  return { task, output: () => output, done: task.exit.then((status) => ({ ...status, output })) };
}

const spawn = (spec: TaskSpec): Promise<Started> =>
  started((output) => machine.spawn({ kind: "auto", ...spec }, { output }));

const cell = (source: string): Promise<Started> =>
  started((output) => machine.runCell({ kind: "wasm", session: "nb", source, tty }, { output }));

const runCell = async (source: string): Promise<ExitStatus & { readonly output: string }> =>
  (await cell(source)).done;

describe("WebAssembly tasks without the guest", () => {
  it("run in /project, with pipes", async () => {
    const { task, done } = await spawn({ argv: ["tool.wasm", "cat"] });
    await task.write(encodeUtf8("through\n"));
    await task.eof();
    expect(await done).toEqual({ code: 0, output: "through\n" });
    expect(machine.state).toEqual({ kind: "off" });
  });

  it("do with the project's files what POSIX says", async () => {
    expect(await (await spawn({ argv: ["/project/tool.wasm", "files"] })).done).toEqual({
      code: 0,
      output: "ok\n",
    });
    expect(await (await spawn({ argv: ["./go.wasm", "files"] })).done).toEqual({ code: 0, output: "ok\n" });
  });

  it("leave their files in the project", async () => {
    project.mkdir(rootId, "many");
    expect((await (await spawn({ argv: ["tool.wasm", "make-many", "many", "3"] })).done).code).toBe(0);
    machine.flush();
    expect([...project.names(project.resolve("many")?.id ?? "").keys()].sort()).toEqual(["f0", "f1", "f2"]);
  });

  it("share /tmp", async () => {
    expect((await (await spawn({ argv: ["tool.wasm", "make-many", "/tmp", "1"] })).done).code).toBe(0);
    const { output } = await (await spawn({ argv: ["tool.wasm", "read-many", "/tmp", "1"] })).done;
    expect(output).toBe("20 bytes\n");
  });

  it("see themselves in /task", async () => {
    const { task, done } = await spawn({ argv: ["tool.wasm", "try", "/task/1/kind"] });
    const { output } = await done;
    expect(output).toMatch(/\/task\/1\/kind: /);
    expect(task.id).toBeGreaterThan(0);
  });

  it("end by signals", async () => {
    const { task, done, output } = await spawn({ argv: ["tool.wasm", "forever"] });
    await until("it runs", () => output() === "started\n");
    await task.signal("TERM");
    expect(await done).toMatchObject({ code: 143, signal: "TERM" });
  });

  it("say what cannot be run", async () => {
    expect(await (await spawn({ argv: ["none.wasm"] })).done).toEqual({
      code: 127,
      error: "none.wasm: there is no such program.",
      output: "",
    });
    expect(await (await spawn({ argv: ["./words"] })).done).toEqual({
      code: 126,
      error: "./words cannot be executed: it is not a WebAssembly module.",
      output: "",
    });
  });

  it("end when the machine is stopped", async () => {
    const { done, output } = await spawn({ argv: ["tool.wasm", "forever"] });
    await until("it runs", () => output() === "started\n");
    await machine.stop();
    expect(await done).toMatchObject({ code: 137, error: "The machine was stopped." });
  });
});

describe("WebAssembly cells", () => {
  it("[WCELL-1] run a module of the project with its arguments, on a terminal", async () => {
    expect(await runCell("COLOUR='a b' tool.wasm args 'x y'")).toEqual({
      code: 0,
      output: "[tool.wasm]\r\n[args]\r\n[x y]\r\nCOLOUR=a b PWD=/project\r\n",
    });
    expect((await runCell("tool.wasm tty")).output).toBe("1 1\r\n");
    expect(machine.state).toEqual({ kind: "off" });
  });

  it("[WCELL-2] take input from a file or from the lines below", async () => {
    expect((await runCell("tool.wasm cat < words")).output).toBe("one\r\ntwo\r\n");
    expect((await runCell("go.wasm cat <<END\nthree\nEND\n")).output).toBe("three\r\n");
    await expect(runCell("tool.wasm cat < nothing")).rejects.toThrow(
      "The input nothing is not there: it does not exist.",
    );
  });

  it("[WCELL-6] see the tree, or only the folders that the line gives", async () => {
    project.createFile(rootId, "listing.wasm", await wasiListing(), blobs);
    const lines = (await runCell("A=1 listing.wasm x")).output.split("\r\n");
    expect(lines.slice(0, 6)).toEqual(["/", "/project", "/task", "/tmp", ".", "listing.wasm"]);
    expect(lines).toContain("PWD=/project");
    const { output } = await runCell("--dir /tmp::/ --dir=. listing.wasm x");
    expect(output.split("\r\n").slice(0, 3)).toEqual(["/", ".", "listing.wasm"]);
    const inBox = await runCell("--dir /tmp::/ tool.wasm try words /project/words");
    expect(inBox.output).not.toContain("one");
    expect((await runCell("--dir .::/ tool.wasm try words")).output).toContain("words: one");
  });

  it("talk with a person", async () => {
    const { task, done, output } = await cell("tool.wasm ask");
    await until("it asks", () => output() === "name? ");
    await task.write(encodeUtf8("Ada\n"));
    await until("it answers", () => output().endsWith("hello Ada\r\nname? "));
    await task.eof();
    expect(await done).toEqual({ code: 0, output: "name? Ada\r\nhello Ada\r\nname? bye\r\n" });
  });

  it("[WCELL-5] are interrupted with 130", async () => {
    for (const program of ["tool.wasm forever", "go.wasm forever", "tool.wasm ask"]) {
      const { task, done, output } = await cell(program);
      await until("it runs", () => output() !== "");
      await task.signal("INT");
      expect(await done).toMatchObject({ code: 130, signal: "INT" });
    }
  });

  it("[WCELL-5] are interrupted with Ctrl-C", async () => {
    const { task, done, output } = await cell("tool.wasm forever");
    await until("it runs", () => output() !== "");
    await task.write(encodeUtf8("\x03"));
    expect(await done).toMatchObject({ code: 130, signal: "INT" });
  });

  const hello = `
    (module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00")
      (data (i32.const 16) "hello\\n")
      (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

  it("[WCELL-3] may hold the module themselves, as text or in base64", async () => {
    expect(await runCell(hello)).toEqual({ code: 0, output: "hello\r\n" });
    await expect(runCell("(module (nonsense))")).rejects.toThrow(
      /The module in this cell is not valid: .*nonsense/s,
    );
    const { compileText } = await import("./wasm/text-module.ts");
    const base64 = Buffer.from(await compileText(hello)).toString("base64");
    expect(await runCell(base64)).toEqual({ code: 0, output: "hello\r\n" });
    const { output } = await (await spawn({ argv: ["tool.wasm", "ls", "/tmp"] })).done;
    expect(output).toMatch(/^0 entries/);
  });

  it("[GO-1] know Go's later name of its runtime", async () => {
    const gojs = `
      (module
        (import "gojs" "runtime.wasmWrite" (func $write (param i32)))
        (import "gojs" "runtime.wasmExit" (func $exit (param i32)))
        (memory (export "mem") 1)
        (data (i32.const 100) "from go\\n")
        (func (export "getsp") (result i32) (i32.const 0))
        (func (export "resume"))
        (func (export "run") (param i32 i32)
          (i64.store (i32.const 8) (i64.const 1))
          (i64.store (i32.const 16) (i64.const 100))
          (i32.store (i32.const 24) (i32.const 8))
          (call $write (i32.const 0))
          (i32.store (i32.const 8) (i32.const 7))
          (call $exit (i32.const 0))))`;
    expect(await runCell(gojs)).toEqual({ code: 7, output: "from go\r\n" });
  });
});
