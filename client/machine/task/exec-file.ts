// /task/exec: the proxy process of a WebAssembly program opens it, says what is to be run, and then performs the
// program's system calls (SPEC EXEC-1 to EXEC-5). One opening is one program.

import { decodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { Caller } from "#machine/fs/caller.ts";
import type { ProgramFolder } from "#core/machine/machine.ts";
import { CallChannel } from "./call-channel.ts";
import type { ProxyProcess } from "./program-runner.ts";
import { completeSpec, type CompleteSpec } from "./task-spec.ts";
import type { TreeFile } from "./tree-fs.ts";

/** `run` starts the program; what it throws is the answer to the write. `caller` is who writes. */
export function execFile(
  run: (spec: CompleteSpec, proxy: ProxyProcess) => void,
  caller: () => Caller | undefined,
): TreeFile {
  return {
    open: {
      mode: 0o666,
      begin: () => {
        let calls: CallChannel | undefined;
        return {
          write: (data) => {
            if (calls === undefined) {
              const channel = new CallChannel();
              const { spec, ...process } = readRequest(data);
              run(spec, { ...process, calls: channel, caller: caller() });
              calls = channel;
            } else calls.answer(data);
            return data.length;
          },
          read: (_offset, count, interrupt) => {
            if (calls === undefined) throw new FsError("EINVAL", "nothing is run here yet");
            return calls.read(count, interrupt);
          },
          close: () => calls?.close(),
        };
      },
    },
  };
}

/** Instead of a number of folders: the program sees everything. */
const everything = "*";

/** SPEC EXEC-1: process, descriptor of the program, working directory, folders, arguments, environment. */
function readRequest(data: Uint8Array): { spec: CompleteSpec; pid: number; program: number } {
  const text = decodeUtf8(data);
  if (text === undefined) throw new FsError("EILSEQ");
  const strings = text.split("\0");
  const [pid, program, cwd, folderCount] = strings.splice(0, 4);
  if (strings.pop() !== "" || cwd === undefined) throw new FsError("EINVAL");
  const folders = folderCount === everything ? undefined : readFolders(strings, decimal(folderCount));
  const count = strings.shift();
  const argv = strings.splice(0, decimal(count));
  if (argv.length !== decimal(count)) throw new FsError("EINVAL");
  const env: Record<string, string> = {};
  for (const entry of strings) {
    const at = entry.indexOf("=", 1);
    // A variable without a name or a value is nothing that a program could ask for.
    if (at > 0) env[entry.slice(0, at)] = entry.slice(at + 1);
  }
  const seen = folders === undefined ? {} : { folders };
  const spec = completeSpec({ kind: "auto", argv, cwd, env, control: false, ...seen });
  return { spec, pid: decimal(pid), program: decimal(program) };
}

/** Takes a path and a name for each. */
function readFolders(strings: string[], count: number): readonly ProgramFolder[] {
  const folders: ProgramFolder[] = [];
  for (let index = 0; index < count; index++) {
    const [path, name] = strings.splice(0, 2);
    if (path === undefined || name === undefined) throw new FsError("EINVAL");
    folders.push({ path, name });
  }
  return folders;
}

function decimal(text = ""): number {
  if (!/^\d{1,9}$/.test(text)) throw new FsError("EINVAL");
  return Number(text);
}
