// Signals by name and number (Linux, i386).

import { FsError } from "#core/base/errno.ts";

const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
};

/** The last real-time signal. */
const lastSignal = 64;

const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));

/** Of "INT", "SIGINT" or "2"; throws EINVAL. */
export function signalNumber(name: string): number {
  const number = /^\d{1,2}$/.test(name) ? Number(name) : numbers[name.replace(/^SIG/, "")];
  if (number === undefined || number < 1 || number > lastSignal)
    throw new FsError("EINVAL", `there is no signal ${JSON.stringify(name)}`);
  return number;
}

/** "INT"; "RTMIN+3" style names do not exist here: what has no name is its number. */
export function signalName(number: number): string {
  return names.get(number) ?? String(number);
}

const harmless: ReadonlySet<number> = new Set(
  ["CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "WINCH"].map((name) => numbers[name] ?? 0),
);

/** Whether it leaves a process alive that has no handler for it. Stopping counts: a WebAssembly program cannot be stopped. */
export function isHarmlessSignal(signal: number): boolean {
  return harmless.has(signal);
}
