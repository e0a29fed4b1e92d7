// One row of a terminal as the bytes that write it, cell by cell, so that blanks that were never written stay such.
// Knows the cells of xterm's buffers, and neither cursor nor modes.

import type { IBufferCell, IBufferLine } from "@xterm/xterm";
import { attributesOf, type Attributes } from "./xterm-state.ts";

const esc = "\x1b";
/** What an erased cell may have: a background colour and nothing else. */
const eraseBits = 0x3ffffff;

/** Letters and lines of which no two join to one character, so that they can be written in one go. */
const apart =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03ff\u0410-\u044f\u2500-\u259f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]$/;

export class RowPrinter {
  readonly #cols: number;
  readonly #attributes: (attributes: Attributes) => string;

  constructor(cols: number, attributes: (attributes: Attributes) => string) {
    this.#cols = cols;
    this.#attributes = attributes;
  }

  /** `used`: something stands in the row. */
  print(line: IBufferLine, row: number, used: boolean): string {
    const at = (column: number): string => `${esc}[${row + 1};${column + 1}H`;
    let script = used ? `${esc}[m${at(0)}${esc}[${this.#cols}X` : "";
    script += this.#halves(line, at);
    let style = "";
    // Where the next character would be written, unless it might join what stands before it.
    let cursor = -1;
    let joins = false;
    const cell = line.getCell(0);
    if (cell === undefined) return script;
    for (let column = 0; column < this.#cols; column++) {
      line.getCell(column, cell);
      const text = cell.getChars();
      const width = cell.getWidth();
      if (text === "") {
        const { bg } = attributesOf(cell);
        if (width === 0 || (bg & eraseBits) === 0 || odd(cell)) continue;
        const end = this.#erasedUntil(line, column, bg, cell);
        line.getCell(column, cell);
        script += `${this.#attributes(attributesOf(cell))}${at(column)}${esc}[${end - column}X`;
        style = "";
        cursor = -1;
        column = end - 1;
        continue;
      }
      const next = this.#attributes(attributesOf(cell));
      const alone = !apart.test(text);
      if (next !== style) script += next;
      if (cursor !== column || alone || joins) script += at(column);
      script += text;
      style = next;
      joins = alone;
      cursor = column + width;
    }
    return script;
  }

  #erasedUntil(line: IBufferLine, start: number, bg: number, cell: IBufferCell): number {
    let end = start + 1;
    for (; end < this.#cols; end++) {
      line.getCell(end, cell);
      if (cell.getChars() !== "" || cell.getWidth() !== 1 || attributesOf(cell).bg !== bg || odd(cell)) break;
    }
    return end;
  }

  /**
   * Blanks that have more than a background: half of a wide character that was written over. They are made in the same
   * way, from the right, since that writes over the cell before.
   */
  #halves(line: IBufferLine, at: (column: number) => string): string {
    let script = "";
    const cell = line.getCell(0);
    if (cell === undefined) return script;
    for (let column = this.#cols - 1; column >= 0; column--) {
      line.getCell(column, cell);
      if (cell.getChars() !== "" || cell.getWidth() !== 1 || !odd(cell)) continue;
      const style = this.#attributes(attributesOf(cell));
      script +=
        column > 0 ? `${at(column - 1)}\u3000${at(column - 1)}${style}x` : `${at(0)}\u3000${at(1)}${style}x`;
      const wiped = column > 0 ? column - 1 : 1;
      script += `${esc}[m${at(wiped)}${esc}[1X`;
    }
    return script;
  }
}

function odd(cell: IBufferCell): boolean {
  const { fg, bg } = attributesOf(cell);
  return fg !== 0 || (bg & ~eraseBits) !== 0;
}
