// Go programs as Debian's compilers make them, in workers of their own: GOOS=js with either import module, and for WASI.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { until } from "#test/harness/until.ts";
import { type WasmPrograms, wasmPrograms } from "#test/harness/wasm-programs.ts";
import { WasmRunner } from "#test/harness/wasm-runner.ts";

let programs: WasmPrograms;

beforeAll(async () => {
  programs = await wasmPrograms();
}, 300_000);

describe.each([
  ["go", "with shared memory", true],
  ["go", "without shared memory", false],
  ["gojs", "with shared memory", true],
  ["gojs", "without shared memory", false],
  ["goWasi", "with shared memory", true],
] as const)("a Go program (%s) %s", (kind, _memory, shared) => {
  const runner = new WasmRunner({ shared });
  let tool: Uint8Array;
  beforeAll(() => {
    tool = programs[kind];
  });
  afterAll(() => runner.programs.stop());

  it("gets its arguments, its environment and its working directory", async () => {
    const env = { COLOUR: "blue green" };
    const { code, stdout } = await runner.run(tool, ["args", "a b", "", "ü'\""], { env });
    expect(code).toBe(0);
    expect(stdout).toBe("[tool]\n[args]\n[a b]\n[]\n[ü'\"]\nCOLOUR=blue green cwd=/project\n");
  });

  it("writes to standard output and error", async () => {
    const result = await runner.run(tool, ["both"]);
    expect(result).toMatchObject({ code: 0, stdout: "to output\n", stderr: "to error\n" });
  });

  it("does with files what package os says", async () => {
    const result = await runner.run(tool, ["files"]);
    // Without shared memory nobody can say in the middle of a computation whether a directory is there.
    if (shared) expect(result).toMatchObject({ stdout: "ok\n", stderr: "", code: 0 });
    else expect(result.stdout).toBe("failed: chdir to nothing (<nil>)\n");
  });

  it("[GO-3] waits for input while its goroutines go on", async () => {
    const run = runner.start(tool, ["input"]);
    await until("the clock ticks", () => run.output[1] === "ready\n");
    await run.input.write(encodeUtf8("one\ntwo\n"));
    run.input.end();
    expect(await run.done).toMatchObject({
      code: 0,
      stdout: "ready\none while the clock ticked: true\ntwo while the clock ticked: true\nbye\n",
    });
  });

  it("passes a megabyte through", async () => {
    const stdin = "0123456789abcde\n".repeat(65_536);
    const { code, stdout } = await runner.run(tool, ["cat"], { stdin });
    expect(code).toBe(0);
    expect(stdout === stdin).toBe(true);
  });

  it("runs goroutines and timers", async () => {
    const squares = Array.from({ length: 20 }, (_, index) => index * index);
    expect((await runner.run(tool, ["workers"])).stdout).toBe(`[${squares.join(" ")}]\n`);
  });

  it("ends with its exit status", async () => {
    expect((await runner.run(tool, ["exit", "37"])).code).toBe(37);
  });

  it("reports a panic", async () => {
    const { code, stderr } = await runner.run(tool, ["panic"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^panic: on purpose\n\ngoroutine 1 \[running\]:/);
  });

  it("[GO-4] reports a deadlock", async () => {
    const { code, stderr } = await runner.run(tool, ["deadlock"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^fatal error: all goroutines are asleep - deadlock!\n/);
  });

  it("[PROG-4] is killed in the middle of its computation", async () => {
    const run = runner.start(tool, ["forever"]);
    await until("it has begun", () => run.output[1] === "started\n");
    run.program.kill("TERM");
    expect(await run.done).toMatchObject({ code: 143, signal: "TERM" });
  });

  // WASI has no JavaScript to reach.
  it.skipIf(kind === "goWasi")("[GO-5] reaches nothing of the page or the process", async () => {
    expect((await runner.run(tool, ["escape"])).stdout).toBe("done 7\n");
  });

  it("has no sockets", async () => {
    expect((await runner.run(tool, ["socket"])).stdout).toBe("true\n");
  });
});
