// How the size of a shared terminal travels among its bytes: a private OSC sequence, so that it keeps its place
// in the order of the output. The publisher sends it first in every snapshot and whenever the size changes.

import type { TerminalSize } from "#machine/machine.ts";

/** An OSC number that no terminal we know of uses. */
export const sizeOsc = 7765;

/** A watcher draws no terminal larger than this, whatever it is told. */
const maxSide = 500;

export function writeSizeFrame(size: TerminalSize): string {
  return `\x1b]${sizeOsc};${size.cols};${size.rows}\x1b\\`;
}

/** The size in the text after the OSC's number, or undefined where it is none. */
export function readSizeFrame(text: string): TerminalSize | undefined {
  const match = /^(\d{1,4});(\d{1,4})$/.exec(text);
  if (match === null) return undefined;
  const cols = Number(match[1]);
  const rows = Number(match[2]);
  return cols >= 2 && rows >= 1 && cols <= maxSide && rows <= maxSide ? { cols, rows } : undefined;
}
