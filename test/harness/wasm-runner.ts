// Runs WebAssembly programs over files in memory: for tests of programs without a machine.

import { concatBytes, decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { Awaitable } from "#core/base/awaitable.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import { BytePipe } from "#machine/task/byte-pipe.ts";
import { FsSystem } from "#machine/wasm/files/fs-system.ts";
import { noStreams } from "#machine/wasm/files/read-file.ts";
import { nodeProgramWorkers } from "#machine/wasm/node-workers.ts";
import { Programs, type RunningProgram } from "#machine/wasm/programs.ts";
import { atFdCwd, systemFlag } from "#machine/wasm/system.ts";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** All of standard input; left out, it is the caller's to write and end. */
  readonly stdin?: string;
  readonly terminal?: boolean;
  readonly kind?: "auto" | "wasi" | "gojs";
  /** Called for each piece of output, which is taken when it settles. */
  readonly onOutput?: (fd: 1 | 2, text: string) => void | Promise<void>;
}

export interface Run {
  readonly program: RunningProgram;
  readonly input: BytePipe;
  readonly output: { 1: string; 2: string };
  /** With the output of the whole run. */
  readonly done: Promise<ExitStatus & { readonly stdout: string; readonly stderr: string }>;
}

export class WasmRunner {
  readonly fs = new MemFs();
  readonly programs: Programs;

  constructor(options: { readonly shared?: boolean } = {}) {
    this.programs = new Programs(nodeProgramWorkers(options));
    const root = this.fs.root;
    this.fs.mkdir(root, "project", 0o755);
    this.fs.mkdir(root, "tmp", 0o777);
  }

  /** Puts a file below /project. */
  async put(path: string, text: string): Promise<void> {
    const system = this.system("/project");
    const flags = systemFlag.create | systemFlag.writeOnly | systemFlag.truncate;
    const { fd } = await system.openat(atFdCwd, path, flags, 0o644);
    await system.write(fd, encodeUtf8(text));
    await system.end();
  }

  async get(path: string): Promise<string> {
    const system = this.system("/project");
    const { fd } = await system.openat(atFdCwd, path, systemFlag.readOnly, 0);
    const parts: Uint8Array[] = [];
    for (let data = await system.read(fd, 65_536); data.length > 0; data = await system.read(fd, 65_536))
      parts.push(data.slice());
    await system.end();
    return decodeUtf8Lossy(concatBytes(parts));
  }

  system(cwd: string): FsSystem {
    return new FsSystem({ fs: this.fs, cwd, streams: noStreams });
  }

  start(module: Uint8Array, args: readonly string[], options: RunOptions = {}): Run {
    const input = new BytePipe();
    if (options.stdin !== undefined) {
      if (options.stdin !== "") void input.write(encodeUtf8(options.stdin)).catch(() => undefined);
      input.end();
    }
    const output = { 1: "", 2: "" };
    const sink = (fd: 1 | 2) => ({
      write: (data: Uint8Array): Awaitable<number> => {
        const text = decodeUtf8Lossy(data);
        output[fd] += text;
        const taken = options.onOutput?.(fd, text);
        return taken === undefined ? data.length : taken.then(() => data.length);
      },
    });
    const read = (count: number, interrupt: Interrupt): Awaitable<Uint8Array> => input.read(count, interrupt);
    const program = this.programs.run({
      module,
      kind: options.kind ?? "auto",
      argv: ["tool", ...args],
      env: { ...options.env },
      cwd: "/project",
      preopens: [
        { name: "/project", path: "/project", portable: true },
        { name: "/tmp", path: "/tmp", portable: true },
        { name: ".", path: ".", portable: true },
      ],
      system: new FsSystem({
        fs: this.fs,
        cwd: "/project",
        streams: { input: { read }, output: sink(1), error: sink(2), terminal: options.terminal ?? false },
      }),
    });
    const done = program.exit.then((status) => ({ ...status, stdout: output[1], stderr: output[2] }));
    return { program, input, output, done };
  }

  run(module: Uint8Array, args: readonly string[], options: RunOptions = {}): Run["done"] {
    return this.start(module, args, { stdin: "", ...options }).done;
  }
}
