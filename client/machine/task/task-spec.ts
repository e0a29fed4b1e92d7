// A task as it is written down for the agent and for people (SPEC TASK-2, TASK-3).

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { ProgramFolder, TaskKind, TerminalSize } from "#core/machine/machine.ts";

/** The agent's buffer. */
export const specMaxBytes = 256 * 1024;

/** A terminal has at least one character and fits TIOCSWINSZ. */
const sizeMax = 4096;

/** A spec with nothing left open. */
export interface CompleteSpec {
  readonly kind: TaskKind;
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tty: TerminalSize | undefined;
  /** Whether the program gets control lines (SPEC INBOX-4). */
  readonly control: boolean;
  /** All that a WASI program may see; undefined is everything. */
  readonly folders: readonly ProgramFolder[] | undefined;
}

/** Throws FsError: EINVAL for what no program can be given. `env` is the whole environment. */
export function completeSpec(spec: {
  readonly kind: TaskKind;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tty?: TerminalSize;
  readonly control: boolean;
  readonly folders?: readonly ProgramFolder[];
}): CompleteSpec {
  const { kind, cwd, env, control, folders } = spec;
  const [program, ...rest] = spec.argv;
  if (program === undefined || program === "") throw new FsError("EINVAL", "a task needs a program");
  if (!cwd.startsWith("/"))
    throw new FsError("EINVAL", `the working directory ${JSON.stringify(cwd)} is not absolute`);
  for (const name of Object.keys(env))
    if (name === "" || name.includes("="))
      throw new FsError("EINVAL", `${JSON.stringify(name)} cannot name a variable`);
  for (const text of [cwd, ...spec.argv, ...Object.keys(env), ...Object.values(env)])
    if (text.includes("\0"))
      throw new FsError("EINVAL", "arguments, environment and directory cannot hold NUL");
  for (const { path, name } of folders ?? [])
    if (path === "" || name === "" || `${path}${name}`.includes("\0"))
      throw new FsError("EINVAL", "a folder that a program sees needs a path and a name");
  const tty = spec.tty === undefined ? undefined : clampSize(spec.tty);
  return { kind, argv: [program, ...rest], cwd, env, tty, control, folders };
}

export function clampSize(size: TerminalSize): TerminalSize {
  const clamp = (value: number): number => Math.max(1, Math.min(sizeMax, Math.floor(value) || 1));
  return { cols: clamp(size.cols), rows: clamp(size.rows) };
}

/** The content of `spec`. E2BIG. */
export function printSpec(spec: CompleteSpec): Uint8Array {
  const bytes = nulTerminated([
    spec.tty === undefined ? "" : printSize(spec.tty),
    spec.control ? "control" : "",
    spec.cwd,
    String(spec.argv.length),
    ...spec.argv,
    ...printEnvironment(spec.env),
  ]);
  if (bytes.length > specMaxBytes)
    throw new FsError("E2BIG", "the arguments and the environment are too long");
  return bytes;
}

/** Sorted, so that equal environments are equal bytes: adoption compares them. */
export function printEnvironment(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}

export function printSize(size: TerminalSize): string {
  return `${size.cols} ${size.rows}`;
}

export function nulTerminated(texts: readonly string[]): Uint8Array {
  return encodeUtf8(texts.map((text) => `${text}\0`).join(""));
}
