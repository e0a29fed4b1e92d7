// WASI programs as a C compiler makes them, in workers of their own.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { wasmPrograms } from "#test/harness/wasm-programs.ts";
import { WasmRunner } from "#test/harness/wasm-runner.ts";
import { until } from "#test/harness/until.ts";

let tool: Uint8Array;
const runner = new WasmRunner();

beforeAll(async () => {
  tool = (await wasmPrograms()).wasi;
}, 300_000);
afterAll(() => runner.programs.stop());

describe("a WASI program", () => {
  it("gets its arguments and its environment exactly", async () => {
    const env = { COLOUR: "blue green" };
    const { code, stdout } = await runner.run(tool, ["args", "a b", "", "ü'\"\\\n"], { env });
    expect(code).toBe(0);
    expect(stdout).toBe("[tool]\n[args]\n[a b]\n[]\n[ü'\"\\\n]\nCOLOUR=blue green PWD=(null)\n");
  });

  it("writes to standard output and error", async () => {
    const result = await runner.run(tool, ["both"]);
    expect(result).toMatchObject({ code: 0, stdout: "to output\n", stderr: "to error\n" });
  });

  it("passes a megabyte through", async () => {
    const stdin = "0123456789abcde\n".repeat(65_536);
    const { code, stdout } = await runner.run(tool, ["cat"], { stdin });
    expect(code).toBe(0);
    expect(stdout === stdin).toBe(true);
  });

  it("does with files what POSIX says", async () => {
    expect(await runner.run(tool, ["files"])).toMatchObject({ stdout: "ok\n", stderr: "", code: 0 });
  });

  it("lists directories", async () => {
    const system = runner.system("/project");
    const { atFdCwd } = await import("./system.ts");
    await system.mkdirat(atFdCwd, "many", 0o755);
    await system.mkdirat(atFdCwd, "many/directory", 0o755);
    for (let index = 0; index < 300; index++)
      await runner.put(`many/a-rather-long-name-of-a-file-${index}`, "");
    const { stdout } = await runner.run(tool, ["ls", "many"]);
    expect(stdout).toBe("301 entries, 1 directories, 300 files, 303 again\n");
  });

  it("talks with a person", async () => {
    const run = runner.start(tool, ["ask"], { terminal: true });
    await until("the program has answered", () => run.output[1].endsWith("name? "));
    await run.input.write(encodeUtf8("Ada\n"));
    await until("the program has answered", () => run.output[1].endsWith("hello Ada\nname? "));
    await run.input.write(encodeUtf8("Grace\n"));
    run.input.end();
    expect((await run.done).stdout).toBe("name? hello Ada\nname? hello Grace\nname? bye\n");
  });

  it("knows a terminal from a pipe", async () => {
    expect((await runner.run(tool, ["tty"], { terminal: true })).stdout).toBe("1 1\n");
    expect((await runner.run(tool, ["tty"])).stdout).toBe("0 0\n");
  });

  it("polls standard input with a timeout", async () => {
    const late = runner.start(tool, ["poll", "30"]);
    expect((await late.done).stdout).toBe("timeout\n");
    const soon = runner.start(tool, ["poll", "20000"]);
    await soon.input.write(encodeUtf8("something"));
    expect((await soon.done).stdout).toBe("ready: something\n");
  });

  it("sleeps as long as it wants to", async () => {
    expect((await runner.run(tool, ["sleep", "30"])).stdout).toBe("slept\n");
  });

  it("ends with its exit status", async () => {
    expect((await runner.run(tool, ["exit", "0"])).code).toBe(0);
    expect((await runner.run(tool, ["exit", "37"])).code).toBe(37);
  });

  it("[PROG-5] ends as aborted where it traps, and says why", async () => {
    const { code, signal, stderr } = await runner.run(tool, ["trap"]);
    expect({ code, signal }).toEqual({ code: 134, signal: "ABRT" });
    expect(stderr).toBe("tool: trap: unreachable\n");
  });

  it("[PROG-4] is killed in the middle of its computation", async () => {
    const run = runner.start(tool, ["forever"]);
    await until("the program has answered", () => run.output[1] === "started\n");
    run.program.kill("INT");
    expect(await run.done).toMatchObject({ code: 130, signal: "INT" });
  });

  it("[PROG-4] is killed while it waits for input", async () => {
    const run = runner.start(tool, ["ask"]);
    await until("the program has answered", () => run.output[1] === "name? ");
    run.program.kill();
    expect(await run.done).toMatchObject({ code: 137, signal: "KILL" });
  });

  it("waits for its reader", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let pieces = 0;
    const stdin = "x".repeat(200_000);
    const run = runner.start(tool, ["cat"], {
      stdin,
      onOutput: () => {
        pieces++;
        return held;
      },
    });
    await until("the program has answered", () => pieces === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pieces).toBe(1);
    release();
    expect((await run.done).stdout.length).toBe(stdin.length);
  });

  it("runs beside others", async () => {
    const runs = Array.from({ length: 5 }, (_, index) => runner.run(tool, ["exit", String(index)]));
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("the sandbox", () => {
  it("[SYS-2] no path leads out of what a program was given", async () => {
    await runner.put("inside", "inside");
    const system = runner.system("/");
    const { atFdCwd, systemFlag } = await import("./system.ts");
    const { fd } = await system.openat(atFdCwd, "/secret", systemFlag.create | systemFlag.writeOnly, 0o644);
    await system.write(fd, encodeUtf8("secret"));
    await system.mkdirat(atFdCwd, "/project/sub", 0o755);
    const links = {
      absolute: "/secret",
      up: "../secret",
      "sub/twice": "../../secret",
      parent: "..",
      root: "/",
      through: "parent/secret",
      "sub/fine": "../inside",
    };
    for (const [name, target] of Object.entries(links))
      await system.symlinkat(target, atFdCwd, `/project/${name}`);
    const out = [
      "../secret",
      "sub/../../secret",
      "./.././secret",
      "absolute",
      "up",
      "sub/twice",
      "parent/secret",
      "root/secret",
      "through",
      "sub/../up",
      "parent/project/../secret",
      "/project/../secret",
      "/tmp/../secret",
    ];
    const within = ["inside", "sub/../inside", "sub/fine", "/project/inside", "./sub/./../inside"];
    const { stdout } = await runner.run(tool, ["try", ...out, ...within]);
    const expected = [...out.map((path) => `${path}: EPERM`), ...within.map((path) => `${path}: inside`)];
    expect(stdout.trim().split("\n")).toEqual(expected);
  });
});

describe("what cannot be executed", () => {
  const sentence = async (bytes: Uint8Array, kind: "auto" | "gojs" = "auto"): Promise<string | undefined> => {
    const { code, error } = await runner.run(bytes, [], { kind });
    expect(code).toBe(126);
    return error;
  };
  const header = [0, 0x61, 0x73, 0x6d];

  it("[PROG-2] says why", async () => {
    expect(await sentence(encodeUtf8("#!/bin/sh\n"))).toBe(
      "tool cannot be executed: it is not a WebAssembly module.",
    );
    expect(await sentence(new Uint8Array([...header, 1, 0, 0, 0]))).toBe(
      "tool cannot be executed: it is not a program: it exports no _start.",
    );
    expect(await sentence(new Uint8Array([...header, 13, 0, 1, 0]))).toBe(
      "tool cannot be executed: it is a WebAssembly component, and only modules of WASI preview 1 run here.",
    );
    expect(await sentence(new Uint8Array([...header, 1, 0, 0, 0, 99]))).toMatch(/does not compile/);
    expect(await sentence(tool, "gojs")).toBe(
      "tool cannot be executed: it is a WASI program, not a Go program for js/wasm.",
    );
  });
});
