// The files of one task, /task/<id>/… (SPEC TASK-1 to TASK-9, NEW-2).

import { decodeUtf8Lossy, emptyBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Interrupt } from "#machine/fs/fs.ts";
import type { OutputFd } from "#core/machine/machine.ts";
import { taskDisplay } from "./display-file.ts";
import { signalNumber } from "./signals.ts";
import { parseStatus, printStatus } from "./status.ts";
import { parseSize, type DraftName } from "./task-draft.ts";
import { nulTerminated, printEnvironment, printSize, type CompleteSpec } from "./task-spec.ts";
import type { TreeDirectory, TreeFile } from "./tree-fs.ts";
import type { TreeTask } from "./tree-task.ts";

interface TaskFilesOptions {
  readonly task: TreeTask;
  readonly directory: TreeDirectory;
  /** Where what is displayed is kept. */
  readonly blobs: BlobStore | undefined;
  /** SPEC TASK-8 `forget`. */
  readonly forget: () => void;
}

export function addTaskFiles({ task, directory, blobs, forget }: TaskFilesOptions): void {
  directory.file("spec", { content: () => task.printed ?? emptyBytes });
  for (const [name, print] of Object.entries(printers))
    directory.file(name, specFile(task, name as DraftName, print));
  directory.file("kind", { content: () => encodeUtf8(`${task.kind}\n`) });
  directory.file("status", {
    content: () => encodeUtf8(printStatus(task.status)),
    write: (data) => {
      task.setStatus(parseStatus(decodeUtf8Lossy(data)));
      return data.length;
    },
  });
  directory.file("exit", { read: (offset, count, interrupt) => readExit(task, offset, count, interrupt) });
  directory.file("ctl", {
    write: (data) => {
      control(task, forget, decodeUtf8Lossy(data));
      return data.length;
    },
  });
  directory.file("winch", {
    write: (data) => {
      const size = parseSize(decodeUtf8Lossy(data));
      if (size === undefined || task.size === undefined) throw new FsError("EINVAL");
      void task.resize(size);
      return data.length;
    },
  });
  if (blobs !== undefined)
    directory.file(
      "display",
      taskDisplay(blobs, (mark) => void printLater(task, mark)),
    );
  const fds = directory.directory("fd");
  fds.file("0", {
    read: (_offset, count, interrupt) => task.input.read(count, interrupt),
    write: async (data, interrupt) => {
      await task.input.write(data, interrupt);
      return data.length;
    },
  });
  for (const fd of [1, 2] as const) fds.file(String(fd), outputFile(task, fd));
}

/** Who closes a file does not wait; a task that has ended meanwhile shows nothing. */
async function printLater(task: TreeTask, mark: Uint8Array): Promise<void> {
  try {
    await task.writeOutput(1, mark, { interrupted: false, on: () => () => undefined });
  } catch (thrown) {
    if (!(thrown instanceof FsError)) throw thrown;
  }
}

/** What the files say once the task has started. */
const printers: Readonly<Record<DraftName, (spec: CompleteSpec, task: TreeTask) => Uint8Array>> = {
  argv: ({ argv }) => nulTerminated(argv),
  cmd: ({ argv }) => encodeUtf8(`${argv.map(quote).join(" ")}\n`),
  dir: ({ cwd }) => encodeUtf8(`${cwd}\n`),
  env: ({ env }) => nulTerminated(printEnvironment(env)),
  tty: (_spec, { size }) => encodeUtf8(size === undefined ? "" : `${printSize(size)}\n`),
};

function specFile(
  task: TreeTask,
  name: DraftName,
  print: (spec: CompleteSpec, task: TreeTask) => Uint8Array,
): TreeFile {
  return {
    content: () => (task.spec === undefined ? task.draftText(name) : print(task.spec, task)),
    write: (data, _interrupt, offset) => {
      task.draft.write(name, offset, data);
      return data.length;
    },
    truncate: (size) => task.draft.truncate(name, size),
  };
}

/** The task's executor writes; where the tree takes the output, whoever opens it for reading reads. */
function outputFile(task: TreeTask, fd: OutputFd): TreeFile {
  const write = (data: Uint8Array, interrupt: Interrupt): ReturnType<TreeTask["writeOutput"]> =>
    task.writeOutput(fd, data, interrupt);
  const pipe = task.pipes?.[fd];
  if (pipe === undefined) return { write };
  return {
    open: {
      mode: 0o644,
      begin: (reads) => {
        const close = reads ? pipe.openForReading() : undefined;
        return {
          read: (_offset, count, interrupt) => pipe.read(count, interrupt),
          write,
          ...(close === undefined ? {} : { close }),
        };
      },
    },
  };
}

function readExit(task: TreeTask, offset: number, count: number, interrupt: Interrupt): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const off = interrupt.on(() => reject(new FsError("EINTR")));
    void task.exit.then(({ code }) => {
      off();
      const bytes = encodeUtf8(`${code}\n`);
      resolve(offset < bytes.length ? bytes.subarray(offset, offset + count) : emptyBytes);
    });
  });
}

/** SPEC TASK-8: all of a write or nothing. */
function control(task: TreeTask, forget: () => void, text: string): void {
  const actions = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => verb(task, forget, line.trim()));
  for (const act of actions) act();
}

function verb(task: TreeTask, forget: () => void, line: string): () => void {
  const [name, ...rest] = line.split(" ");
  const argument = rest.join(" ");
  const living = (act: () => void): (() => void) => {
    if (task.ended) throw new FsError("EPIPE", "the task has ended");
    return act;
  };
  if (line === "forget") return forget;
  if (line === "start") return living(() => task.start());
  if (line === "eof") return living(() => task.input.end());
  if (name === "signal" && rest.length === 1) {
    const signal = signalNumber(argument);
    return living(() => task.signalNow(signal));
  }
  if (name === "winch" && task.size !== undefined) {
    const size = parseSize(argument);
    if (size !== undefined) return living(() => void task.resize(size));
  }
  throw new FsError("EINVAL", `not a verb of ctl: ${JSON.stringify(line.slice(0, 60))}`);
}

/** As a shell would have to read it. */
function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
