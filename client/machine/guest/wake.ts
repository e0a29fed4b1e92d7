// The host's half of park and wake (client/machine/task/SPEC.md, WAKE-1 to WAKE-5): lines on the serial console. Knows no console.

import { toHex } from "#core/base/bytes.ts";

/** The agent waits for a wake line, and nothing in the guest waits for us. */
const parkedLine = "conch-agent: parked";

/** What the seed of a wake line has, in bytes. */
export const seedBytes = 32;

/** The line (with its newline) that wakes a parked guest: the wall clock in milliseconds, and fresh random bytes. */
export function wakeLine(now: number, seed: Uint8Array): string {
  if (seed.length !== seedBytes) throw new RangeError(`a wake line has ${seedBytes} random bytes`);
  const seconds = Math.floor(now / 1000);
  const nanoseconds = Math.floor((now - seconds * 1000) * 1e6);
  return `conch-wake ${seconds} ${nanoseconds} ${toHex(seed)}\n`;
}

/** Whether a line of the console says so; kernel messages may stand before it on the same line. */
export function isParkedLine(line: string): boolean {
  return line.trimEnd().endsWith(parkedLine);
}
