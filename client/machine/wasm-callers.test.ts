// What a WebAssembly program beside the guest saves is compared with what it has read itself, and the names that it
// removes are its own to make again (SPEC of syncfs, sections 6 and 7).

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import { Program } from "#test/harness/program.ts";
import { until } from "#test/harness/until.ts";
import { wasmPrograms } from "#test/harness/wasm-programs.ts";
import { SyncFs } from "./fs/syncfs/sync-fs.ts";
import type { Task } from "#core/machine/machine.ts";
import { nodeProgramWorkers } from "./wasm/node-workers.ts";
import { Programs } from "./wasm/programs.ts";
import { WithoutGuest } from "./without-guest.ts";

const text = "one\ntwo\nthree\n";

/** Longer than the moment in which anybody's file returns. */
const laterMilliseconds = 10_000;

let tool: Uint8Array;
let now: number;
let project: Project;
let sync: SyncFs;
let machine: WithoutGuest;
const programs = new Programs(nodeProgramWorkers());

beforeAll(async () => {
  tool = (await wasmPrograms()).wasi;
}, 300_000);
afterAll(() => programs.stop());

beforeEach(() => {
  now = 1_700_000_000_000;
  const clock = (): number => now;
  const blobs = new MemoryBlobStore();
  project = new Project(new Y.Doc(), { now: clock });
  project.createFile(rootId, "tool.wasm", tool, blobs);
  project.createFile(rootId, "f", encodeUtf8(text), blobs);
  sync = new SyncFs({ project, blobs, now: clock });
  machine = new WithoutGuest({ programs, project: sync, now: clock });
  return () => sync.dispose();
});

/** Starts it, and waits until it has read the file. */
async function ready(...argv: [string, ...string[]]): Promise<Task> {
  let output = "";
  const task = await machine.spawn(
    { kind: "auto", argv },
    { output: (_fd, data) => void (output += decodeUtf8Lossy(data)) },
  );
  await until("it has read the file", () => output === "ready\n");
  return task;
}

async function finish(task: Task): Promise<void> {
  await task.write(encodeUtf8("go on\n"));
  expect(await task.exit).toEqual({ code: 0 });
}

const idOf = (path: string): string | undefined => project.resolve(path)?.id;

function type(word: string, before: string): void {
  const shared = project.text(idOf("f") ?? "");
  shared?.insert(shared.toJSON().indexOf(before), word);
}

const read = async (): Promise<string> => new Program(sync).cat("f");

it("[SY-60] [SY-66] the base of a save is what the program has read, whatever others have read since", async () => {
  const task = await ready("tool.wasm", "edit", "f", "two", "2");
  type("TYPED ", "three");
  expect(await read()).toBe("one\ntwo\nTYPED three\n");
  await finish(task);
  expect(await read()).toBe("one\n2\nTYPED three\n");
});

it("[SY-60] two programs that have read the same keep each other's changes", async () => {
  const first = await ready("tool.wasm", "edit", "f", "one", "1");
  const second = await ready("tool.wasm", "edit", "f", "three", "3");
  await finish(first);
  expect(await read()).toBe("1\ntwo\nthree\n");
  await finish(second);
  expect(await read()).toBe("1\ntwo\n3\n");
});

it("[SY-70] [SY-66] a name that the program has removed is its file again, however long it takes", async () => {
  const id = idOf("f");
  const task = await ready("tool.wasm", "remake", "f", "two", "2");
  expect(idOf("f")).toBeUndefined();
  now += laterMilliseconds;
  await finish(task);
  expect(idOf("f")).toBe(id);
  expect(await read()).toBe("one\n2\nthree\n");
});

it("[SY-71] [SY-66] a name that a program has removed which has ended is another file later", async () => {
  const id = idOf("f");
  const task = await ready("tool.wasm", "remake", "f", "two", "2");
  await task.signal("KILL");
  await task.exit;
  now += laterMilliseconds;
  await new Program(sync).write("f", "another\n");
  expect(idOf("f")).not.toBe(id);
});
