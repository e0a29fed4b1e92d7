// globalThis.conch on a real project; the machine is one that answers what it was asked.

import { expect, it } from "vitest";
import * as Y from "yjs";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import type { Machine, TaskSpec } from "#core/machine/machine.ts";
import { createApi } from "./api.ts";
import type { ApiParts } from "./api.ts";

/** Echoes its arguments, then its input. */
function echoMachine(specs: TaskSpec[]): Machine {
  return {
    state: { kind: "running" },
    onState: () => () => undefined,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    restartSession: () => Promise.resolve(),
    runCell: () => Promise.reject(new Error("no cells here")),
    spawn: async (spec, events) => {
      specs.push(spec);
      await events.output(1, encodeUtf8(spec.argv.slice(1).join(" ")));
      await events.output(2, encodeUtf8("done\n"));
      let end: (status: { code: number }) => void = () => undefined;
      const exit = new Promise<{ code: number }>((resolve) => (end = resolve));
      return {
        id: 1,
        write: async (data) => events.output(1, data),
        eof: async () => end({ code: 3 }),
        resize: () => Promise.resolve(),
        signal: () => Promise.resolve(),
        exit,
      };
    },
  };
}

function sample(changes: Partial<ApiParts> = {}) {
  const project = new Project(new Y.Doc());
  const specs: TaskSpec[] = [];
  const parts: ApiParts = {
    project,
    blobs: new MemoryBlobStore(),
    machine: echoMachine(specs),
    person: () => "Ana",
    writable: () => true,
    runCell: () => {
      throw new Error("not asked for");
    },
    runAll: () => ({ done: Promise.resolve() }),
    stateOf: () => "idle",
    roomState: () => ({
      connection: "online",
      unsaved: 0,
      project: { id: "p", name: "P" },
      role: "owner",
      machine: "running",
    }),
    participants: () => [{ name: "Ana", color: "#0f766e", self: true }],
    ...changes,
  };
  return { api: createApi(Promise.resolve(parts)), project, specs };
}

it("writes, reads, lists, renames and removes files", async () => {
  const { api, project } = sample();
  await api.ready;
  await api.files.write("src/main.c", "int main;\r\n");
  await api.files.write("data.bin", new Uint8Array([0, 255]));
  expect(await api.files.read("src/main.c")).toBe("int main;\r\n");
  expect(await api.files.read("data.bin", { bytes: true })).toEqual(new Uint8Array([0, 255]));
  expect((await api.files.list()).map(({ path, kind }) => [path, kind])).toEqual([
    ["data.bin", "bytes"],
    ["src", "dir"],
  ]);
  await api.files.rename("data.bin", "src/d.bin");
  expect((await api.files.list("", { recursive: true })).map(({ path }) => path)).toEqual([
    "src",
    "src/d.bin",
    "src/main.c",
  ]);
  await api.files.remove("src");
  expect(await api.files.list()).toEqual([]);
  expect(project.trashed().map(({ path, by }) => [path, by])).toEqual([["src", "Ana"]]);
  await expect(api.files.read("src/main.c")).rejects.toThrow("ENOENT");
});

it("runs a program with its input and tells code and output", async () => {
  const { api, specs } = sample();
  expect(await api.run(["echo", "a", "b c"], { stdin: "!", cwd: "src/../lib", env: { X: "1" } })).toEqual({
    code: 3,
    stdout: "a b c!",
    stderr: "done\n",
  });
  expect(specs[0]).toEqual({ argv: ["echo", "a", "b c"], cwd: "/project/lib", env: { X: "1" } });
  await api.run(["true"], { kind: "wasi", tty: true, cwd: "/tmp" });
  expect(specs[1]).toEqual({ kind: "wasi", argv: ["true"], cwd: "/tmp", tty: { cols: 80, rows: 24 } });
});

it("shows the cells of a notebook", async () => {
  const { api } = sample();
  await api.files.write("n.nb.md", "# Title\n\n```sh {name=first}\necho hi\n```\n");
  expect(await api.notebook.cells("n.nb.md")).toMatchObject([
    { number: 1, kind: "text", source: "# Title", state: "idle" },
    { number: 2, kind: "sh", name: "first", source: "echo hi", state: "idle", output: "" },
  ]);
  await expect(api.notebook.run("n.nb.md", 7)).rejects.toThrow("no cell 7");
  await expect(api.notebook.cells("missing.nb.md")).rejects.toThrow("ENOENT");
});

it("says why where it cannot", async () => {
  const viewer = sample({ writable: () => false, machine: undefined });
  await expect(viewer.api.files.write("a", "b")).rejects.toThrow("EACCES");
  await expect(viewer.api.run(["ls"])).rejects.toThrow("only read");
  const { api } = sample();
  for (const words of ["ls -l", [], ["ls", 1]])
    await expect(api.run(words as never)).rejects.toThrow("as a list");
  const refused = createApi(Promise.reject(new Error("This link has expired.")));
  await expect(refused.ready).rejects.toThrow("This link has expired.");
  await expect(refused.files.list()).rejects.toThrow("This link has expired.");
  expect(() => refused.room.state()).toThrow("await conch.ready");
});

it("takes /project/x as x everywhere, and refuses paths outside of the project", async () => {
  const { api, project, specs } = sample();
  await api.files.write("/project/d/a.txt", "a");
  await api.files.write("./d/../d//b.txt", "b");
  expect((await api.files.list("/project/d")).map(({ path }) => path)).toEqual(["d/a.txt", "d/b.txt"]);
  expect((await api.files.list("/project")).map(({ path }) => path)).toEqual(["d"]);
  expect((await api.files.list("../project")).map(({ path }) => path)).toEqual(["d"]);
  expect(await api.files.read("/project/d/../d/a.txt")).toBe("a");
  await api.files.rename("/project/d/a.txt", "/project/n.nb.md");
  expect(await api.notebook.cells("/project/n.nb.md")).toHaveLength(1);
  await api.files.remove("/project/d/b.txt");
  for (const path of ["/x", "/", "/tmp/x", "/project/../x", "../x", "d/../../x", "/projects/x"]) {
    const sentence = "is outside of the project";
    await expect(api.files.write(path, "x"), path).rejects.toThrow(sentence);
    await expect(api.files.read(path), path).rejects.toThrow(sentence);
    await expect(api.files.list(path), path).rejects.toThrow(sentence);
    await expect(api.files.remove(path), path).rejects.toThrow(sentence);
    await expect(api.files.rename("n.nb.md", path), path).rejects.toThrow(sentence);
    await expect(api.files.rename(path, "y"), path).rejects.toThrow(sentence);
    await expect(api.notebook.cells(path), path).rejects.toThrow(sentence);
    await expect(api.notebook.run(path), path).rejects.toThrow(sentence);
  }
  expect(project.children("root").map(({ name }) => name)).toEqual(["d", "n.nb.md"]);
  for (const cwd of ["d", "/project/d", "./d/", "d/../d"]) await api.run(["x"], { cwd });
  for (const cwd of ["/tmp", "../tmp"]) await api.run(["x"], { cwd });
  expect(specs.map(({ cwd }) => cwd)).toEqual([
    ...Array.from({ length: 4 }, () => "/project/d"),
    "/tmp",
    "/tmp",
  ]);
});
