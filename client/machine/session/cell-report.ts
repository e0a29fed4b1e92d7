// What a session's program reports in band (SPEC CELL-2): taken out of a stream of pieces, however they are cut.

import { concatBytes, decodeUtf8Lossy, emptyBytes, encodeUtf8 } from "#core/base/bytes.ts";

export type CellReport =
  | { readonly kind: "start"; readonly cell: number }
  | { readonly kind: "end"; readonly cell: number; readonly code: number; readonly cwd: string };

export type CellPiece = { readonly kind: "output"; readonly data: Uint8Array } | CellReport;

const escape = 0x1b;
const bell = 0x07;
const cellReportOsc = 6973;

/** Longer than any report can be: a directory has at most 4096 bytes, each written as at most three. */
const reportMaxBytes = 16 * 1024;

export function printCellReport(nonce: string, report: CellReport): string {
  const tail = report.kind === "start" ? "start" : `${report.code};${encodeControls(report.cwd)}`;
  return `\x1b]${cellReportOsc};${nonce};${report.cell};${tail}\x07`;
}

/** Reads one session's output. Bytes that may be the beginning of a report are held until the next piece tells. */
export class CellReportReader {
  readonly #prefix: Uint8Array;
  #held: Uint8Array = emptyBytes;

  constructor(nonce: string) {
    this.#prefix = encodeUtf8(`\x1b]${cellReportOsc};${nonce};`);
  }

  /** What a piece brings, in order. */
  read(piece: Uint8Array): CellPiece[] {
    const bytes = this.#held.length === 0 ? piece : concatBytes([this.#held, piece]);
    this.#held = emptyBytes;
    const pieces: CellPiece[] = [];
    let from = 0;
    const output = (to: number): void => {
      if (to > from) pieces.push({ kind: "output", data: bytes.subarray(from, to) });
    };
    for (let at = bytes.indexOf(escape); at !== -1; at = bytes.indexOf(escape, at)) {
      const matched = this.#matches(bytes, at);
      if (matched === "no") {
        at++;
        continue;
      }
      const end = matched === "whole" ? bytes.indexOf(bell, at + this.#prefix.length) : -1;
      if (end === -1) {
        if (bytes.length - at > reportMaxBytes) {
          at++;
          continue;
        }
        output(at);
        this.#held = bytes.slice(at);
        return pieces;
      }
      const report = parseBody(decodeUtf8Lossy(bytes.subarray(at + this.#prefix.length, end)));
      if (report === undefined) {
        at++;
        continue;
      }
      output(at);
      pieces.push(report);
      at = from = end + 1;
    }
    output(bytes.length);
    return pieces;
  }

  /** What is held: it was no report after all. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = emptyBytes;
    return held;
  }

  #matches(bytes: Uint8Array, at: number): "no" | "part" | "whole" {
    const length = Math.min(this.#prefix.length, bytes.length - at);
    for (let index = 0; index < length; index++) if (bytes[at + index] !== this.#prefix[index]) return "no";
    return length === this.#prefix.length ? "whole" : "part";
  }
}

function parseBody(body: string): CellReport | undefined {
  const match = /^(\d{1,9});(?:(start)|(\d{1,3});(.*))$/s.exec(body);
  if (match === null) return undefined;
  const cell = Number(match[1]);
  if (match[2] !== undefined) return { kind: "start", cell };
  return { kind: "end", cell, code: Number(match[3]), cwd: decodeControls(match[4] ?? "") };
}

/** The characters that would end or break a report, and how they are written; "%" first. */
const controls: readonly (readonly [character: string, written: string])[] = [
  ["%", "%25"],
  ["\n", "%0A"],
  ["\x1b", "%1B"],
  ["\x07", "%07"],
];

function encodeControls(text: string): string {
  return controls.reduce((part, [character, written]) => part.replaceAll(character, written), text);
}

function decodeControls(text: string): string {
  return controls.reduceRight((part, [character, written]) => part.replaceAll(written, character), text);
}

/** A directory as the `session` line carries it (SPEC CELL-1). */
export function encodeDirectory(path: string): string {
  let text = "";
  for (const byte of encodeUtf8(path)) {
    const character = String.fromCharCode(byte);
    text += /[A-Za-z0-9/._-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
