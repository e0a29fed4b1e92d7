// The command lines of terminals and of sessions, which the snapshot has waiting. The guest's own files are
// rootfs/agent's: here are only their paths.

import type { SessionKind, TaskSpec, TerminalSize } from "#core/machine/machine.ts";

/** What a terminal runs: the snapshot has one waiting at its prompt, in /project. */
const terminalArgv: readonly string[] = ["bash", "-l"];

const sessionArgv: Readonly<Record<SessionKind, readonly string[]>> = {
  sh: ["bash", "--noediting", "--rcfile", "/usr/lib/conch/cells.bash", "-i"],
  python: ["python3", "/usr/lib/conch/cells.py"],
};

/** Nobody presses keys in a cell's output: what would open a pager prints. */
const sessionEnvironment: Readonly<Record<string, string>> = {
  GIT_PAGER: "cat",
  MANPAGER: "cat",
  PAGER: "cat",
};

export function terminalSpec(tty: TerminalSize): TaskSpec {
  return { argv: terminalArgv, tty };
}

/** Every session starts in `/` and is then sent to its directory, so that one warm program fits all. */
export function sessionSpec(kind: SessionKind, tty: TerminalSize): TaskSpec {
  return { argv: sessionArgv[kind], cwd: "/", env: sessionEnvironment, tty };
}
