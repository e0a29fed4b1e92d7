// A machine that is got ready before anybody wants it: it says nothing, looks at nothing, and is there at once.

import { afterEach, expect, it } from "vitest";
import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import { createNodeMachine, type NodeMachine } from "#machine/node.ts";
import { buildGuest } from "#rootfs/build.ts";

const buildLimit = 1_200_000;

let machine: NodeMachine | undefined;

afterEach(() => machine?.dispose());

async function make(product?: string): Promise<{ machine: NodeMachine; project: Project; states: string[] }> {
  const project = new Project(new Y.Doc());
  machine = createNodeMachine({
    product: product ?? (await buildGuest()),
    project,
    blobs: new MemoryBlobStore(),
  });
  const states: string[] = [];
  machine.onState(({ kind }) => states.push(kind));
  return { machine, project, states };
}

async function output({ machine }: { machine: NodeMachine }, ...argv: string[]): Promise<string> {
  let text = "";
  const task = await machine.spawn({ argv }, { output: (_fd, data) => void (text += decodeUtf8Lossy(data)) });
  const { code, error } = await task.exit;
  expect(error).toBeUndefined();
  expect(code).toBe(0);
  return text;
}

it(
  "stays off until it is wanted, and then sees the project as it is",
  async () => {
    const made = await make();
    made.machine.prepare();
    // Long enough for everything that comes before Linux goes on.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(made.states).toEqual([]);
    expect(made.machine.state.kind).toBe("off");
    made.project.writePath("late.txt", encodeUtf8("late\n"), new MemoryBlobStore());
    expect(await output(made, "cat", "late.txt")).toBe("late\n");
    expect(made.states.at(-1)).toBe("running");
  },
  buildLimit,
);

it(
  "can be stopped unwanted, and started after that",
  async () => {
    const made = await make();
    made.machine.prepare();
    await made.machine.stop();
    expect(made.machine.state.kind).toBe("off");
    made.machine.prepare();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await made.machine.stop();
    expect(await output(made, "echo", "here")).toBe("here\n");
  },
  buildLimit,
);

it("says what is wrong only to whoever starts it", async () => {
  const made = await make("/nonexistent");
  made.machine.prepare();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(made.states).toEqual([]);
  await expect(made.machine.start()).rejects.toThrow(/build:guest/);
  expect(made.machine.state.kind).toBe("failed");
});
