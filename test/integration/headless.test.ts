// The headless participant as scripts use it: a process with arguments, streams, signals and an exit code.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildGuest } from "#rootfs/build.ts";
import { TestServer } from "#test/harness/server.ts";
import { until } from "#test/harness/until.ts";

/** A first start may have to build the guest. */
const buildLimit = 1_200_000;

/** A busy test machine may starve the guest. */
const printLimit = 60_000;

const root = join(import.meta.dirname, "../..");
let folder: string;
let server: TestServer;

beforeAll(async () => {
  await buildGuest();
  folder = await mkdtemp(join(tmpdir(), "conch-headless-"));
  server = await TestServer.start({});
}, buildLimit);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

class Headless {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  out = "";
  err = "";

  constructor(...words: readonly string[]) {
    this.child = spawn(process.execPath, ["--import", "tsx", "scripts/conch.ts", "exec", ...words], {
      cwd: root,
    });
    this.child.stdout?.on("data", (data: Buffer) => (this.out += data.toString()));
    this.child.stderr?.on("data", (data: Buffer) => (this.err += data.toString()));
    this.exit = new Promise((resolve) => this.child.once("close", resolve));
  }

  async result(input = ""): Promise<{ code: number | null; out: string; err: string }> {
    this.child.stdin?.end(input);
    return { code: await this.exit, out: this.out, err: this.err };
  }
}

async function newProject(): Promise<{ url: string }> {
  const response = await fetch(`${server.origin}/api/projects`, { method: "POST" });
  return (await response.json()) as { url: string };
}

describe("conch exec", () => {
  it("runs a command in /project of a fresh project, with its streams and its exit code", async () => {
    await writeFile(join(folder, "tool.sh"), "#!/bin/sh\necho tool\n", { mode: 0o755 });
    const script = "pwd; cat; echo problem >&2; ./bin/tool.sh; ls; exit 7";
    const headless = new Headless("--put", `${folder}/tool.sh:bin/`, "--", "bash", "-c", script);
    expect(await headless.result("typed\n")).toEqual({
      code: 7,
      out: "/project\ntyped\ntool\nbin\n",
      err: "problem\n",
    });
  });

  it("refuses to put a file that is larger than any may be, and says so", async () => {
    const large = join(folder, "large.bin");
    await writeFile(large, "");
    await truncate(large, 512 * 1024 * 1024 + 1);
    const { code, out, err } = await new Headless("--put", `${large}:x`, "--", "echo", "ran").result();
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("large.bin is too large to be put into the project: a file has at most 512 MiB.");
  });

  it("hands Ctrl-C to the command", async () => {
    const headless = new Headless(
      "--",
      "bash",
      "-c",
      "trap 'echo caught; exit 9' INT; echo ready; sleep 1000 & wait",
    );
    await until("the command runs", () => headless.out.includes("ready"), printLimit);
    headless.child.kill("SIGINT");
    expect(await headless.exit).toBe(9);
    expect(headless.out).toBe("ready\ncaught\n");
  });

  it("joins a project: what it writes is there for the next", async () => {
    const { url } = await newProject();
    const script = "ls; seq 3 > numbers.txt; head -c 200000 /dev/zero | tr '\\0' '\\377' > bytes.bin";
    const first = await new Headless("--join", url, "--", "bash", "-c", script).result();
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toContain("welcome.nb.md");
    const second = await new Headless(
      "--join",
      url,
      "--",
      "bash",
      "-c",
      "cat numbers.txt; tr -d '\\377' < bytes.bin | wc -c; stat -c %s bytes.bin",
    ).result();
    expect(second).toEqual({ code: 0, out: "1\n2\n3\n0\n200000\n", err: "" });
  });

  it("says in one sentence why it cannot", async () => {
    const { url } = await newProject();
    const refused = await new Headless("--join", `${url}x`, "--", "true").result();
    expect(refused).toMatchObject({ code: 2, out: "" });
    expect(refused.err).toMatch(/^conch: [^\n]+\n$/);
    const nobody = await new Headless("--join", "http://127.0.0.1:1/p/abc#token", "--", "true").result();
    expect(nobody).toEqual({
      code: 2,
      out: "",
      err: "conch: The server at http://127.0.0.1:1 cannot be reached.\n",
    });
    const missing = await new Headless("--", "no-such-program").result();
    expect(missing.code).toBe(127);
    expect(missing.err).toMatch(/^conch: [^\n]*no-such-program[^\n]*\n$/);
  });

  it("boots a machine of another size", async () => {
    const { code, out } = await new Headless(
      "--memory",
      "192",
      "--",
      "awk",
      "/MemTotal/ { print $2 }",
      "/proc/meminfo",
    ).result();
    expect(code).toBe(0);
    expect(Number(out)).toBeGreaterThan(160_000);
  });
});
