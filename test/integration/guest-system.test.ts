// The System of a program with a proxy process in the guest: in /project, which the host serves itself, and elsewhere,
// where the process performs Linux' own calls.

import { afterAll, beforeAll, expect, it } from "vitest";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import type { ExitStatus, Task } from "#core/machine/machine.ts";
import type { Engine } from "#machine/engine.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import { nodeHost } from "#machine/guest/node-host.ts";
import { folderSource } from "#machine/product/folder-source.ts";
import { GuestSystem } from "#machine/proxy/guest-system.ts";
import { startEngine } from "#machine/start-engine.ts";
import type { ProgramJob } from "#machine/task/program-runner.ts";
import { FsSystem } from "#machine/wasm/files/fs-system.ts";
import { noStreams } from "#machine/wasm/files/read-file.ts";
import { buildGuest } from "#rootfs/build.ts";
import { type SystemSubject, systemContract } from "#test/contracts/system.ts";
import { buildLimit } from "#test/harness/task-guest.ts";

interface Started {
  readonly job: ProgramJob;
  /** Ends the program, and with it its process. */
  readonly end: (exit: ExitStatus) => void;
}

let engine: Engine;
let onProgram = (_started: Started): void => undefined;

beforeAll(async () => {
  const started = await startEngine({
    product: folderSource(process.env["CONCH_TEST_GUEST"] ?? (await buildGuest())),
    project: new MemFs({ shared: true, leased: true }),
    blobs: new MemoryBlobStore(),
    host: nodeHost(),
    runner: () => ({
      run: (job) => {
        let end = (_exit: ExitStatus): void => undefined;
        const exit = new Promise<ExitStatus>((resolve) => (end = resolve));
        onProgram({ job, end });
        return { exit, kill: () => end({ code: 137 }) };
      },
    }),
    onDeath: () => undefined,
    enter: () => undefined,
    abandoned: () => false,
  });
  engine = started.engine;
  // The beginning of a module is enough for Linux to start its proxy process.
  expect(await shell("printf '\\0asm\\1\\0\\0\\0' > /tmp/program && chmod +x /tmp/program")).toBe(0);
}, buildLimit);

afterAll(() => engine.stop("The test is over."));

async function spawn(argv: readonly string[]): Promise<Task> {
  return engine.tasks.spawn({ argv }, { output: () => undefined });
}

async function shell(script: string): Promise<number> {
  return (await (await spawn(["sh", "-c", script])).exit).code;
}

/** A System in a fresh folder below `parent`. */
async function start(parent: string): Promise<SystemSubject> {
  const folder = `${parent}/work`;
  expect(await shell(`rm -rf ${folder} && mkdir ${folder}`)).toBe(0);
  const starting = new Promise<Started>((resolve) => (onProgram = resolve));
  const task = await spawn(["/tmp/program"]);
  const { job, end } = await starting;
  const { proxy } = job;
  if (proxy === undefined) throw new Error("the program has no proxy process");
  const files = new FsSystem({ fs: engine.fs, streams: noStreams, cwd: "/" });
  const system = new GuestSystem({ proxy, files, cwd: "/" });
  return {
    system,
    folder,
    end: () => system.end(),
    dispose: async () => {
      end({ code: 7 });
      await task.exit;
    },
  };
}

systemContract("a proxy process, in the project", () => start("/project"));
systemContract("a proxy process, elsewhere in Linux", () => start("/root"));

it("ends as its program does", async () => {
  const starting = new Promise<Started>((resolve) => (onProgram = resolve));
  const task = await spawn(["/tmp/program"]);
  (await starting).end({ code: 7 });
  expect(await task.exit).toEqual({ code: 7 });
});
