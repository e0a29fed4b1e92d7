// The line that tells where a task is in its life (SPEC TASK-6): written by the executor, read by everybody.

import { errno, FsError } from "#core/base/errno.ts";
import type { ExitStatus } from "#core/machine/machine.ts";
import { signalName, signalNumber } from "./signals.ts";

type StartStage = "spec" | "pty" | "fork" | "dir" | "exec";

export type TaskStatus =
  | { readonly kind: "new" }
  | { readonly kind: "running"; readonly pid: number }
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: number }
  | {
      readonly kind: "failed";
      readonly errno: number;
      readonly stage: StartStage;
      /** The host's own words, in place of those for the number. */
      readonly reason?: string;
    }
  /** The machine went away under it; `reason` is a sentence. */
  | { readonly kind: "lost"; readonly reason: string };

export function printStatus(status: TaskStatus): string {
  switch (status.kind) {
    case "new":
      return "new\n";
    case "running":
      return `running ${status.pid}\n`;
    case "exited":
      return `exited ${status.code}\n`;
    case "signaled":
      return `signaled ${signalName(status.signal)}\n`;
    case "failed":
      return `failed ${status.errno} ${status.stage}${status.reason === undefined ? "" : ` ${status.reason}`}\n`;
    case "lost":
      return "lost\n";
    default:
      return status satisfies never;
  }
}

/** Throws EINVAL. `lost` is the host's own word: no executor can say it. */
export function parseStatus(text: string): TaskStatus {
  const match =
    /^(?:(new)|running (\d{1,9})|exited (\d{1,3})|signaled ([A-Z0-9]{1,9})|failed (\d{1,3}) (spec|pty|fork|dir|exec))\n?$/.exec(
      text,
    );
  if (match === null) throw new FsError("EINVAL", `not a status: ${JSON.stringify(text.slice(0, 60))}`);
  const [, fresh, pid, code, signal, error, stage] = match;
  if (fresh !== undefined) return { kind: "new" };
  if (pid !== undefined) return { kind: "running", pid: Number(pid) };
  if (code !== undefined) return { kind: "exited", code: Number(code) };
  if (signal !== undefined) return { kind: "signaled", signal: signalNumber(signal) };
  // The pattern allows nothing else.
  return { kind: "failed", errno: Number(error), stage: stage as StartStage };
}

/** How the task ended, or undefined while it lives. */
export function exitStatus(status: TaskStatus, program: string, directory: string): ExitStatus | undefined {
  switch (status.kind) {
    case "new":
    case "running":
      return undefined;
    case "exited":
      return { code: status.code };
    case "signaled":
      return { code: 128 + status.signal, signal: signalName(status.signal) };
    case "failed":
      return { code: failureCode(status), error: failureSentence(status, program, directory) };
    case "lost":
      return { code: 128 + 9, signal: "KILL", error: status.reason };
    default:
      return status satisfies never;
  }
}

/** Of a program that ended in the host. */
export function statusOf(exit: ExitStatus): TaskStatus {
  const { code, signal, error } = exit;
  if (error !== undefined)
    return {
      kind: "failed",
      errno: code === 127 ? errno.ENOENT : errno.ENOEXEC,
      stage: "exec",
      reason: error.replaceAll("\n", " "),
    };
  if (signal !== undefined) return { kind: "signaled", signal: signalNumber(signal) };
  return { kind: "exited", code: code & 255 };
}

type Failure = Extract<TaskStatus, { kind: "failed" }>;

/** As shells do: 127 for a program that does not exist, 126 for one that cannot run. */
function failureCode(failure: Failure): number {
  return failure.stage === "exec" && failure.errno === errno.ENOENT ? 127 : 126;
}

function failureSentence(failure: Failure, program: string, directory: string): string {
  if (failure.reason !== undefined) return failure.reason;
  const reason = errnoReason(failure.errno);
  switch (failure.stage) {
    case "exec":
      if (failure.errno === errno.ENOENT) return `${program}: there is no such program.`;
      return `${program} cannot be run: ${reason}.`;
    case "dir":
      return `The folder ${directory} cannot be entered: ${reason}.`;
    case "spec":
      return `${program} cannot be started: its arguments cannot be read (${reason}).`;
    case "pty":
      return `${program} cannot be started: there is no free terminal (${reason}).`;
    case "fork":
      return `${program} cannot be started: ${reason}.`;
    default:
      return failure.stage satisfies never;
  }
}

function errnoReason(number: number): string {
  switch (number) {
    case errno.ENOENT:
      return "it does not exist";
    case errno.EACCES:
    case errno.EPERM:
      return "it is not permitted";
    case errno.ENOTDIR:
      return "it is not a folder";
    case errno.EISDIR:
      return "it is a folder";
    case errno.ENOEXEC:
      return "it is not a program";
    case errno.ENOMEM:
      return "the machine is out of memory";
    case errno.EAGAIN:
      return "too many tasks are running";
    case errno.E2BIG:
      return "the arguments are too long";
    default: {
      const name = Object.entries(errno).find(([, value]) => value === number)?.[0];
      return name ?? `error ${number}`;
    }
  }
}
