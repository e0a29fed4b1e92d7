// The serial console's bytes as lines of text, the last of which are kept for diagnosis.

import { decodeUtf8Lossy } from "#core/base/bytes.ts";

/** What is kept to explain a failed start. */
const keptLines = 200;

/** A longer line is cut: the console is never trusted to end one. */
const maxLineBytes = 4096;

const newline = 10;
const carriageReturn = 13;

export class ConsoleLines {
  readonly #onLine: (line: string) => void;
  readonly #line: number[] = [];
  readonly #kept: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(byte: number): void {
    if (byte === carriageReturn) return;
    if (byte !== newline) this.#line.push(byte);
    if (byte === newline || this.#line.length >= maxLineBytes) this.#end();
  }

  /** The last lines, oldest first, with what has not ended yet. */
  get kept(): readonly string[] {
    return this.#line.length === 0
      ? this.#kept
      : [...this.#kept, decodeUtf8Lossy(Uint8Array.from(this.#line))];
  }

  #end(): void {
    const line = decodeUtf8Lossy(Uint8Array.from(this.#line.splice(0)));
    this.#kept.push(line);
    if (this.#kept.length > keptLines) this.#kept.shift();
    this.#onLine(line);
  }
}
