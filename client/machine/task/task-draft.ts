// What a task is to be, written file by file until it starts (SPEC NEW-2). Knows nothing of trees and tasks.

import { concatBytes, decodeUtf8, emptyBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { TaskKind, TerminalSize } from "#core/machine/machine.ts";
import { splitCommand } from "./command-line.ts";
import { defaultDirectory, defaultEnvironment } from "./environment.ts";
import {
  completeSpec,
  nulTerminated,
  printEnvironment,
  specMaxBytes,
  type CompleteSpec,
} from "./task-spec.ts";

export type DraftName = "argv" | "cmd" | "dir" | "env" | "tty";

export class TaskDraft {
  readonly #kind: TaskKind;
  readonly #texts: Record<DraftName, Uint8Array> = {
    argv: emptyBytes,
    cmd: emptyBytes,
    dir: encodeUtf8(`${defaultDirectory}\n`),
    env: nulTerminated(printEnvironment(defaultEnvironment)),
    tty: emptyBytes,
  };

  constructor(kind: TaskKind) {
    this.#kind = kind;
  }

  read(name: DraftName): Uint8Array {
    return this.#texts[name];
  }

  write(name: DraftName, offset: number, data: Uint8Array): void {
    const before = this.#texts[name];
    const length = Math.max(before.length, offset + data.length);
    if (length > specMaxBytes) throw new FsError("E2BIG");
    const after = new Uint8Array(length);
    after.set(before);
    after.set(data, offset);
    this.#texts[name] = after;
    // The two say the same thing in two ways: the one that was written last counts.
    if (name === "argv") this.#texts.cmd = emptyBytes;
    if (name === "cmd") this.#texts.argv = emptyBytes;
  }

  truncate(name: DraftName, size: number): void {
    if (size > specMaxBytes) throw new FsError("E2BIG");
    const before = this.#texts[name];
    this.#texts[name] =
      size <= before.length
        ? before.slice(0, size)
        : concatBytes([before, new Uint8Array(size - before.length)]);
  }

  /** Throws EINVAL for what makes no sense. */
  complete(): CompleteSpec {
    const tty = parseSize(this.#text("tty"));
    const command = this.#text("cmd").trim();
    const strings = this.#text("argv").split("\0");
    // A last NUL ends the last argument; one that has none ends all the same.
    if (strings.at(-1) === "") strings.pop();
    return completeSpec({
      kind: this.#kind,
      argv: command === "" ? strings : splitCommand(command),
      cwd: this.#text("dir").replace(/\n$/, "") || defaultDirectory,
      env: parseEnvironment(this.#text("env")),
      control: false,
      ...(tty === undefined ? {} : { tty }),
    });
  }

  #text(name: DraftName): string {
    const text = decodeUtf8(this.#texts[name]);
    if (text === undefined) throw new FsError("EILSEQ", `${name} is not UTF-8`);
    return text;
  }
}

/** NUL-terminated, and what has no NUL behind it a line each, so that both ways of writing it can be appended to. */
function parseEnvironment(text: string): Record<string, string> {
  const terminated = text.split("\0");
  const lines = (terminated.pop() ?? "").split("\n");
  const env: Record<string, string> = {};
  for (const entry of [...terminated, ...lines]) {
    if (entry === "") continue;
    const at = entry.indexOf("=");
    if (at <= 0) throw new FsError("EINVAL", `not NAME=value: ${JSON.stringify(entry.slice(0, 60))}`);
    env[entry.slice(0, at)] = entry.slice(at + 1);
  }
  return env;
}

/** `COLS ROWS`, or undefined for nothing. */
export function parseSize(text: string): TerminalSize | undefined {
  const line = text.trim();
  if (line === "") return undefined;
  const match = /^(\d{1,4}) (\d{1,4})$/.exec(line);
  if (match === null) throw new FsError("EINVAL", `not COLS ROWS: ${JSON.stringify(line.slice(0, 60))}`);
  return { cols: Number(match[1]), rows: Number(match[2]) };
}
