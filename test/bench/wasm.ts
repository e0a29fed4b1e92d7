// Measures WebAssembly programs under Node: their start and their speed against Node's own WASI, without a guest, and
// their system calls in a guest against those of the guest's own programs.

import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI } from "node:wasi";
import * as Y from "yjs";
import { decodeUtf8Lossy } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project, rootId } from "#core/project/project.ts";
import type { TaskSpec } from "#core/machine/machine.ts";
import { createNodeMachine, type NodeMachine } from "#machine/node.ts";
import { callsSource, wasmPrograms } from "#test/harness/wasm-programs.ts";
import type { Stage } from "./stage.ts";
import { type Line, median } from "./table.ts";

const rounds = 7;
/** About half a second of computing. */
const spins = "200000000";

/** ms until Node's own WASI, in this very thread, has run the module that it has compiled before. */
class NodeWasi {
  readonly #module: WebAssembly.Module;
  readonly #output: number;

  constructor(module: WebAssembly.Module, output: number) {
    this.#module = module;
    this.#output = output;
  }

  async run(...args: readonly string[]): Promise<number> {
    const started = performance.now();
    const wasi = new WASI({
      version: "preview1",
      args: ["tool", ...args],
      stdout: this.#output,
      stderr: this.#output,
    });
    // Node gives its functions under this name.
    const imports = wasi.getImportObject() as WebAssembly.Imports;
    wasi.start(await WebAssembly.instantiate(this.#module, imports));
    return performance.now() - started;
  }
}

class Bench {
  readonly machine: NodeMachine;

  constructor(machine: NodeMachine) {
    this.machine = machine;
  }

  /** ms to the first byte and to the end, and what was printed. */
  async run(
    spec: TaskSpec,
  ): Promise<{ readonly first: number; readonly whole: number; readonly output: string }> {
    const started = performance.now();
    let first = 0;
    let output = "";
    const task = await this.machine.spawn(spec, {
      output: (_fd, data) => {
        first ||= performance.now() - started;
        output += decodeUtf8Lossy(data);
      },
    });
    await task.eof();
    const { code, error } = await task.exit;
    if (code !== 0) throw new Error(`${spec.argv.join(" ")} failed: ${error ?? output}`);
    return { first, whole: performance.now() - started, output };
  }

  tool(...args: readonly string[]): ReturnType<Bench["run"]> {
    return this.run({ kind: "wasi", argv: ["./tool.wasm", ...args] });
  }
}

export async function measureWasm(stage: Stage): Promise<readonly Line[]> {
  return [...(await measureWithoutGuest()), ...(await measureInGuest(await stage.guest()))];
}

async function measureWithoutGuest(): Promise<readonly Line[]> {
  const { wasi } = await wasmPrograms();
  const project = new Project(new Y.Doc());
  const blobs = new MemoryBlobStore();
  project.createFile(rootId, "tool.wasm", wasi, blobs);
  const machine = createNodeMachine({ product: "/nowhere", project, blobs });
  const folder = await mkdtemp(join(tmpdir(), "conch-bench-"));
  const output = await open(join(folder, "output"), "w");
  try {
    const bench = new Bench(machine);
    const node = new NodeWasi(await WebAssembly.compile(wasi), output.fd);
    return await measureStart(bench, node);
  } finally {
    await machine.dispose();
    await output.close();
    await rm(folder, { recursive: true });
  }
}

async function measureStart(bench: Bench, node: NodeWasi): Promise<readonly Line[]> {
  await bench.tool("both");
  await node.run("both");
  const first: number[] = [];
  const nodeFirst: number[] = [];
  const spun: number[] = [];
  const nodeSpun: number[] = [];
  for (let round = 0; round < rounds; round++) {
    first.push((await bench.tool("both")).first);
    nodeFirst.push(await node.run("both"));
  }
  for (let round = 0; round < 3; round++) {
    spun.push((await bench.tool("spin", spins)).whole);
    nodeSpun.push(await node.run("spin", spins));
  }
  const against = "node:wasi, in its own thread";
  return [
    {
      what: "wasm: start to first byte, cached",
      measured: median(first),
      against,
      reference: median(nodeFirst),
    },
    {
      what: "wasm: 200 million rounds of xorshift",
      measured: median(spun),
      against,
      reference: median(nodeSpun),
    },
  ];
}

/** Prepares what is measured, and prints so many times, in turn, what the program took natively and as WebAssembly. */
const callsScript = String.raw`
set -e
mkdir -p /tmp/calls/files && cd /tmp/calls
tcc -o native /project/calls.c
cp /project/calls.wasm . && chmod +x calls.wasm
for i in $(seq 0 999); do echo "file $i" > files/$i; done
cp -r files /project/files
both() { for round in 1 2 3 4; do echo "$1 $(./native "$@") $(./calls.wasm "$@")"; done; }
for round in 1 2 3 4; do echo "project $(./native read files 1000 10) $(./calls.wasm read /project/files 1000 10)"; done
both read files 1000 10
both stat files/0 2000
while :; do :; done &
both stat files/0 2000 | sed s/stat/busy/
kill $!
`;

const callNames: Readonly<Record<string, string>> = {
  project: "wasm in the guest: 10,000 small files of the project read",
  read: "wasm in the guest: 10,000 small files of its tmpfs read",
  stat: "wasm in the guest: 2,000 system calls, guest idle",
  busy: "wasm in the guest: 2,000 system calls, guest busy",
};

async function measureInGuest(product: string): Promise<readonly Line[]> {
  const { calls } = await wasmPrograms();
  const project = new Project(new Y.Doc());
  const blobs = new MemoryBlobStore();
  project.createFile(rootId, "calls.wasm", calls, blobs);
  project.createFile(rootId, "calls.c", new TextEncoder().encode(await callsSource()), blobs);
  const machine = createNodeMachine({ product, project, blobs });
  try {
    const { output } = await new Bench(machine).run({ argv: ["bash", "-c", callsScript] });
    const rows = output
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    return Object.entries(callNames).map(([key, what]) => {
      // The first of each is on cold code.
      const taken = rows.filter(([name]) => name === key).slice(1);
      const middle = (column: number): number => median(taken.map((row) => Number(row[column]) / 1e6));
      return { what, measured: middle(2), against: "native, on tmpfs", reference: middle(1) };
    });
  } finally {
    await machine.dispose();
  }
}
