// How the size of a shared terminal travels among its bytes: a private OSC sequence, so that it keeps its place
// in the order of the output: both the owner's terminal and the watchers' take it from there. It comes first in every
// snapshot and whenever the size changes.

import type { Terminal } from "@xterm/xterm";
import type { Disposer } from "#core/base/disposable.ts";
import type { TerminalSize } from "#core/machine/machine.ts";

/** An OSC number that no terminal we know of uses. */
const sizeOsc = 7765;

/** No terminal is drawn larger than this, whatever it is told. */
const maxSide = 500;

/** The size as it can be told. */
export function clampSize({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: Math.min(Math.max(cols, 2), maxSide), rows: Math.min(Math.max(rows, 1), maxSide) };
}

export function writeSizeFrame(size: TerminalSize): string {
  return `\x1b]${sizeOsc};${size.cols};${size.rows}\x1b\\`;
}

/**
 * The size in the text after the OSC's number, or undefined where it is none.
 *
 * @internal
 */
export function readSizeFrame(text: string): TerminalSize | undefined {
  const match = /^(\d{1,4});(\d{1,4})$/.exec(text);
  if (match === null) return undefined;
  const cols = Number(match[1]);
  const rows = Number(match[2]);
  return cols >= 2 && rows >= 1 && cols <= maxSide && rows <= maxSide ? { cols, rows } : undefined;
}

/** Gives the terminal the sizes that it reads. */
export function obeySizeFrames(terminal: Pick<Terminal, "parser" | "resize">): Disposer {
  const handler = terminal.parser.registerOscHandler(sizeOsc, (text) => {
    const size = readSizeFrame(text);
    if (size !== undefined) terminal.resize(size.cols, size.rows);
    return true;
  });
  return () => handler.dispose();
}
