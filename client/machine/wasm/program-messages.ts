// What a program's worker and the machine say to each other. Both are of one build: there is no version.

import type { ExitStatus } from "#core/machine/machine.ts";
import type { AnswerMessage, CallMessage } from "./calls/port.ts";
import type { JournalMessage, Replica } from "./replica/replica.ts";
import type { Preopen } from "./preopen.ts";

export interface ProgramStart {
  readonly program: "start";
  readonly module: WebAssembly.Module;
  readonly kind: "wasi" | "gojs";
  readonly argv: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly preopens: readonly Preopen[];
  /** For calls that wait; missing where threads share no memory. */
  readonly memory?: SharedArrayBuffer;
  /** Then a WASI program works on files that are sent along. */
  readonly replica?: Replica;
}

export type ToProgram = ProgramStart | AnswerMessage;

export type FromProgram =
  /** There is a call in the shared memory. */
  | { readonly program: "ring" }
  | CallMessage
  | JournalMessage
  /** Output that nothing waits for. */
  | { readonly program: "print"; readonly fd: number; readonly data: Uint8Array }
  | { readonly program: "exit"; readonly status: ExitStatus };

export interface ProgramListener {
  readonly message: (data: unknown) => void;
  /** The worker has died of itself. */
  readonly lost: (reason: string) => void;
}

/** A worker as the machine sees it. */
export interface ProgramPort {
  post(message: ToProgram): void;
  /** One program at a time; undefined between two. */
  listen(listener: ProgramListener | undefined): void;
  /** Ends the worker at once, in the middle of whatever it computes. */
  end(): void;
}

/** Where workers come from: a browser, Node. */
export interface ProgramWorkers {
  start(): ProgramPort;
  /** Whether memory can be shared with them. */
  readonly shared: boolean;
}

export function isFromProgram(data: unknown): data is FromProgram {
  if (typeof data !== "object" || data === null || !("program" in data)) return false;
  return ["ring", "call", "journal", "print", "exit"].includes(String(data.program));
}
