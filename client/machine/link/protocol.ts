// What a page and its machine's worker say to each other. The page numbers its calls; a task's number is that of
// the call that started it. Both ends are of one build: there is no version.

import type { Errno } from "#core/base/errno.ts";
import type {
  CellSpec,
  ExitStatus,
  MachineState,
  OutputFd,
  SessionKind,
  TaskSpec,
  TerminalSize,
} from "#core/machine/machine.ts";

export type Call =
  | { readonly method: "start" }
  | { readonly method: "stop" }
  | { readonly method: "spawn"; readonly spec: TaskSpec }
  | { readonly method: "runCell"; readonly spec: CellSpec }
  | { readonly method: "restartSession"; readonly kind: SessionKind; readonly session: string }
  | { readonly method: "write"; readonly task: number; readonly data: Uint8Array }
  | { readonly method: "eof"; readonly task: number }
  | { readonly method: "resize"; readonly task: number; readonly size: TerminalSize }
  | { readonly method: "signal"; readonly task: number; readonly name: string };

export type ToMachine =
  | { readonly machine: "call"; readonly id: number; readonly call: Call }
  /** The page's listener has taken a piece of output: the next one may come. */
  | { readonly machine: "taken"; readonly piece: number };

export type FromMachine =
  | { readonly machine: "state"; readonly state: MachineState }
  /** `task`: the machine's own number for what was started. */
  | { readonly machine: "done"; readonly id: number; readonly task?: number }
  | { readonly machine: "failed"; readonly id: number; readonly message: string; readonly code?: Errno }
  | {
      readonly machine: "output";
      readonly task: number;
      readonly piece: number;
      readonly fd: OutputFd;
      readonly data: Uint8Array;
    }
  | { readonly machine: "exit"; readonly task: number; readonly status: ExitStatus };

/** A worker, a worker's own scope or a MessagePort, as far as it is used here. */
export interface LinkPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  start?(): void;
}

export function isToMachine(data: unknown): data is ToMachine {
  return isOurs(data) && (data.machine === "call" || data.machine === "taken");
}

export function isFromMachine(data: unknown): data is FromMachine {
  return isOurs(data) && !["call", "taken"].includes(data.machine);
}

/** The port may carry other conversations. */
function isOurs(data: unknown): data is { readonly machine: string } {
  return typeof data === "object" && data !== null && "machine" in data && typeof data.machine === "string";
}
