// What a machine is to those who use it (page, headless participant, tests): the interface,
// no implementation. The worker's proxy and the machine itself both implement it.

import type { Disposer } from "#core/base/disposable.ts";

/** Where a machine is in its life. Progress is bytes. */
export type MachineState =
  | { readonly kind: "off" }
  | { readonly kind: "fetching"; readonly loaded: number; readonly total: number }
  | { readonly kind: "restoring" }
  /** No usable snapshot: booting Linux from its kernel, which takes some seconds. */
  | { readonly kind: "booting" }
  | { readonly kind: "running" }
  /** `reason` is a sentence for the user: what happened and what to do. */
  | { readonly kind: "failed"; readonly reason: string };

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** A process in Linux, or a WebAssembly program (of WASI, of Go's js/wasm, or of whichever its imports tell). */
export type TaskKind = "guest" | "wasi" | "gojs" | "auto";

/** A folder that a WebAssembly program sees, and the name that it has for the program. */
export interface ProgramFolder {
  /** Absolute, or relative to the working directory. */
  readonly path: string;
  readonly name: string;
}

export interface TaskSpec {
  /** "guest" where it is left out. The others need no running guest. */
  readonly kind?: TaskKind;
  /** The program and its arguments, exact; the program is looked up in PATH. */
  readonly argv: readonly string[];
  /** Absolute path in the guest; /project where it is left out. */
  readonly cwd?: string;
  /** Added to the guest's default environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A pseudo-terminal of this size; without it three pipes. */
  readonly tty?: TerminalSize;
  /** All that a WASI program may see; everything and its working directory where this is left out. */
  readonly folders?: readonly ProgramFolder[];
}

/** How a task ended: `code` is what a shell would show (128 + n for signal n). */
export interface ExitStatus {
  readonly code: number;
  readonly signal?: string;
  /** Where the task could not be started or the machine died: a sentence for the user. */
  readonly error?: string;
}

/** fd 1 or 2; with a tty everything is 1. */
export type OutputFd = 1 | 2;

export interface TaskEvents {
  /**
   * Output as it comes. The next piece of the same fd is delivered only after the returned promise settles:
   * that is the back-pressure on the program.
   */
  readonly output: (fd: OutputFd, data: Uint8Array) => void | Promise<void>;
}

/** A started task. */
export interface Task {
  readonly id: number;
  /** To the program's stdin (or terminal). Settles when it was taken. EPIPE when the task has ended. */
  write(data: Uint8Array): Promise<void>;
  /** Ends stdin. */
  eof(): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** POSIX name without SIG: "INT", "TERM", "KILL", "HUP", … to the process group. */
  signal(name: string): Promise<void>;
  /** Settles after the last output was delivered. Never rejects. */
  readonly exit: Promise<ExitStatus>;
}

export type SessionKind = "sh" | "python";

/** One run of code in a session that keeps its variables and working directory from run to run. */
export interface CellSpec {
  /** A `wasm` cell is a program of its own, which needs neither a session nor the guest. */
  readonly kind: SessionKind | "wasm";
  /** Runs with the same key share a session: the notebook's node id. */
  readonly session: string;
  readonly source: string;
  /** Where a new session starts; /project where it is left out. */
  readonly cwd?: string;
  readonly tty: TerminalSize;
}

export interface Machine {
  readonly state: MachineState;
  onState(listener: (state: MachineState) => void): Disposer;
  /** Settles when the machine is running; rejects with the sentence of the failed state. Starting twice is one start. */
  start(): Promise<void>;
  /** Ends every task and frees the memory. The machine can be started again, from its snapshot. */
  stop(): Promise<void>;
  /** Starts the machine if need be. */
  spawn(spec: TaskSpec, events: TaskEvents): Promise<Task>;
  /** Runs a cell. Runs of one session queue up. `exit` is the cell's status; `signal("INT")` interrupts the cell, not the session. */
  runCell(spec: CellSpec, events: TaskEvents): Promise<Task>;
  /** Ends the session; the next run starts a fresh one. */
  restartSession(kind: SessionKind, session: string): Promise<void>;
}
