// Runs WebAssembly cells: each is one task, on a terminal, in /project. Knows no notebook.

import { FsError } from "#core/base/errno.ts";
import { type Fs, type Interrupt, openFlag } from "#machine/fs/fs.ts";
import type { MemFs } from "#machine/fs/memfs.ts";
import type { CellSpec, ProgramFolder, Task, TaskEvents, TaskSpec } from "#core/machine/machine.ts";
import { defaultDirectory } from "#machine/task/environment.ts";
import { readFile } from "./files/read-file.ts";
import { type CellInput, type CellSource, parseCellSource } from "./cell-source.ts";
import { compileText } from "./text-module.ts";

export interface CellHost {
  /** Where modules go that a cell holds itself: programs see it as /tmp. */
  readonly scratch: MemFs;
  /** What the programs see. */
  readonly namespace: Fs;
  /** What programs cannot do here: said before the output. */
  readonly limits: string | undefined;
  readonly spawn: (spec: TaskSpec, events: TaskEvents) => Promise<Task>;
}

export class WasmCells {
  readonly #host: CellHost;
  #lastModule = 0;

  constructor(host: CellHost) {
    this.#host = host;
  }

  /** Rejects with a sentence where the cell's text makes no sense. */
  async run(spec: CellSpec, events: TaskEvents): Promise<Task> {
    const parsed = parse(spec.source);
    const source =
      parsed.kind === "command" ? parsed : await putModule(this.#host.scratch, ++this.#lastModule, parsed);
    return start(this.#host, source, spec, events);
  }
}

async function start(host: CellHost, source: Runnable, spec: CellSpec, events: TaskEvents): Promise<Task> {
  const cwd = spec.cwd ?? defaultDirectory;
  const input = await inputOf(host, source.input, cwd);
  // Input that is all there needs no terminal, which would print it again.
  const tty = input === undefined ? { tty: spec.tty } : {};
  const seen = source.folders === undefined ? {} : { folders: source.folders };
  if (host.limits !== undefined)
    await events.output(1, new TextEncoder().encode(`\x1b[2m${host.limits}\x1b[0m\r\n`));
  const started = await host.spawn(
    { kind: "auto", argv: source.argv, env: source.env, cwd, ...tty, ...seen },
    input === undefined ? events : onTerminal(events),
  );
  void started.exit.then(() => source.remove?.());
  if (input !== undefined) {
    // A program need not read what it gets.
    if (input.length > 0) void started.write(input).catch(() => undefined);
    void started.eof();
  }
  return {
    id: started.id,
    exit: started.exit,
    write: (data) => started.write(data),
    // On a terminal the end of input is a key.
    eof: () => (input === undefined ? started.write(endOfInput) : started.eof()),
    resize: (size) => (input === undefined ? started.resize(size) : Promise.resolve()),
    signal: (name) => started.signal(name),
  };
}

const endOfInput = Uint8Array.of(0x04);

interface Runnable {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly folders?: readonly ProgramFolder[];
  readonly input: CellInput;
  readonly remove?: () => void;
}

function parse(source: string): CellSource {
  try {
    return parseCellSource(source);
  } catch (thrown) {
    throw sentence(thrown);
  }
}

/** What a person reads needs no number. */
function sentence(thrown: unknown): Error {
  return thrown instanceof FsError
    ? new Error(thrown.message.replace(`${thrown.code}: `, ""), { cause: thrown })
    : new Error(String(thrown));
}

async function putModule(
  scratch: MemFs,
  number: number,
  source: Exclude<CellSource, { kind: "command" }>,
): Promise<Runnable> {
  const bytes = source.kind === "binary-module" ? source.bytes : await compileText(source.text);
  const name = `cell-${number}.wasm`;
  const { file } = scratch.create(scratch.root, name, openFlag.writeOnly, 0o644);
  await file.write(0, bytes, never);
  await file.close();
  return {
    argv: [`/tmp/${name}`],
    env: {},
    input: { kind: "typed" },
    remove: () => scratch.unlink(scratch.root, name, false),
  };
}

const never: Interrupt = { interrupted: false, on: () => () => undefined };

async function inputOf(
  { namespace }: CellHost,
  input: CellInput,
  cwd: string,
): Promise<Uint8Array | undefined> {
  switch (input.kind) {
    case "typed":
      return undefined;
    case "text":
      return new TextEncoder().encode(input.text);
    case "file":
      try {
        return await readFile(namespace, cwd, input.path);
      } catch (thrown) {
        const reason =
          thrown instanceof FsError && thrown.code === "ENOENT" ? "it does not exist" : "it cannot be read";
        throw new Error(`The input ${input.path} is not there: ${reason}.`, { cause: thrown });
      }
    default:
      return input satisfies never;
  }
}

/** Without a terminal nobody sends lines back to the left, and what shows the output is one. */
function onTerminal(events: TaskEvents): TaskEvents {
  return {
    output: (fd, data) => {
      const text: number[] = [];
      for (const byte of data) {
        if (byte === 0x0a) text.push(0x0d);
        text.push(byte);
      }
      return events.output(fd, Uint8Array.from(text));
    },
  };
}
