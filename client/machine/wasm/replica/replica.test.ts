// WASI programs where threads share no memory: their files are sent along.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { atFdCwd } from "#machine/wasm/system.ts";
import { until } from "#test/harness/until.ts";
import { wasmPrograms } from "#test/harness/wasm-programs.ts";
import { WasmRunner } from "#test/harness/wasm-runner.ts";

let tool: Uint8Array;
const runner = new WasmRunner({ shared: false });

beforeAll(async () => {
  tool = (await wasmPrograms()).wasi;
}, 300_000);
afterAll(() => runner.programs.stop());

describe("a WASI program without shared memory", () => {
  it("gets arguments, gives output and an exit status", async () => {
    const { code, stdout } = await runner.run(tool, ["args", "a b"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "[tool]\n[args]\n[a b]\nCOLOUR=- PWD=(null)\n",
    });
    expect((await runner.run(tool, ["exit", "37"])).code).toBe(37);
  });

  it("[REPLICA-2] gets its input when all of it is there", async () => {
    const run = runner.start(tool, ["cat"]);
    await run.input.write(encodeUtf8("one\n"));
    await run.input.write(encodeUtf8("two\n"));
    expect(run.output[1]).toBe("");
    run.input.end();
    expect((await run.done).stdout).toBe("one\ntwo\n");
  });

  it("[REPLICA-2] gets nothing that is typed, and does not wait for it", async () => {
    expect((await runner.start(tool, ["ask"], { terminal: true }).done).stdout).toBe("name? bye\n");
  });

  it("does with files what POSIX says", async () => {
    expect(await runner.run(tool, ["files"])).toMatchObject({ stdout: "ok\n", stderr: "", code: 0 });
  });

  it("[REPLICA-1] sees the files that are there", async () => {
    const system = runner.system("/project");
    await system.mkdirat(atFdCwd, "deep", 0o755);
    await runner.put("deep/file", "what is in it");
    await system.symlinkat("file", atFdCwd, "deep/link");
    const { stdout } = await runner.run(tool, [
      "try",
      "deep/file",
      "deep/link",
      "/project/deep/file",
      "../deep",
      "/tmp/none",
    ]);
    expect(stdout).toBe(
      "deep/file: what is in it\ndeep/link: what is in it\n/project/deep/file: what is in it\n../deep: EPERM\n/tmp/none: No such file or directory\n",
    );
  });

  it("[REPLICA-3] changes the files of everybody", async () => {
    await runner.system("/project").mkdirat(atFdCwd, "made", 0o755);
    await runner.put("made/f1", "this was here before, and longer than that");
    expect((await runner.run(tool, ["make-many", "made", "3"])).code).toBe(0);
    expect((await runner.get("made/f0")).startsWith("made/f0")).toBe(true);
    expect((await runner.get("made/f1")).length).toBe(20);
    expect((await runner.get("made/f2")).startsWith("made/f2")).toBe(true);
  });

  it("is killed in the middle of its computation", async () => {
    const run = runner.start(tool, ["forever"], { stdin: "" });
    await until("it has begun", () => run.output[1] === "started\n");
    run.program.kill("INT");
    expect(await run.done).toMatchObject({ code: 130, signal: "INT" });
  });

  it("sleeps", async () => {
    expect((await runner.run(tool, ["sleep", "20"])).stdout).toBe("slept\n");
  });
});
