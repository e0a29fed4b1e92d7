// Running programs: what they print is shown only when they fail.

import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with every line of standard output. */
  readonly onLine?: (line: string) => void;
}

/** How many of its last lines a failed program is quoted with. */
const quotedLines = 15;

/** Runs a program to its end and returns its standard output; throws with its last lines where it fails. */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<string> {
  const [program, ...rest] = argv;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: "C", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let pending = "";
  const tail: string[] = [];
  const quote = (text: string): void => {
    for (const line of text.split("\n")) if (line !== "") tail.push(line);
    tail.splice(0, Math.max(0, tail.length - quotedLines));
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    quote(text);
    if (options.onLine === undefined) return;
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) options.onLine(line);
  });
  child.stderr.setEncoding("utf8").on("data", quote);
  const code = await ended(child);
  if (code !== 0) throw new Error(`${argv.slice(0, 4).join(" ")} failed (${code}):\n${tail.join("\n")}`);
  return output;
}

/** Runs a program and hands its standard output over as a stream; `done` rejects where it fails. */
export function pipeFrom(argv: readonly [string, ...string[]]): { stdout: Readable; done: Promise<void> } {
  const [program, ...rest] = argv;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const done = ended(child).then((code) => {
    if (code !== 0) throw new Error(`${argv.join(" ")} failed (${code}): ${errors.trim()}`);
  });
  return { stdout: child.stdout, done };
}

function ended(child: ReturnType<typeof spawn>): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "lost"));
  });
}
