// A terminal written down as the bytes that make a fresh one of its size the same: both screens and what has scrolled
// off, cursors, saved cursors, attributes, margins, tab stops, character sets, modes. What comes next has the same
// effect on both (SPEC.md). The terminal must stand between two sequences: whole-sequences.ts sees to that.

import type { IBufferCell, Terminal } from "@xterm/xterm";
import { charsetFinal } from "./charsets.ts";
import { printAttributes, printSavedAttributes } from "./print-attributes.ts";
import { RowPrinter } from "./row-printer.ts";
import {
  attributesOf,
  readXtermState,
  type Attributes,
  type BufferState,
  type XtermState,
} from "./xterm-state.ts";

/** What is used of xterm's terminal: the headless one has it too. */
export type ReadableTerminal = Pick<Terminal, "cols" | "rows" | "modes" | "buffer"> & {
  readonly options: { readonly convertEol?: boolean };
};

/** Characters. The oldest lines of a longer one are left out. */
const longestScript = 4 * 1024 * 1024;

const esc = "\x1b";

export function printScreen(terminal: ReadableTerminal): string {
  const state = readXtermState(terminal);
  for (let left = 0; ; left = left === 0 ? 1000 : 2 * left) {
    const script = new ScreenScript(terminal, state).print(left);
    if (script.length <= longestScript || left >= terminal.buffer.normal.baseY) return script;
  }
}

class ScreenScript {
  readonly #terminal: ReadableTerminal;
  readonly #state: XtermState;
  readonly #rows: RowPrinter;
  readonly #cell: IBufferCell;
  #script = "";

  constructor(terminal: ReadableTerminal, state: XtermState) {
    this.#terminal = terminal;
    this.#state = state;
    this.#cell = terminal.buffer.active.getNullCell();
    this.#rows = new RowPrinter(terminal.cols, (attributes) => this.#attributes(attributes));
  }

  /** Without the `left` oldest lines. */
  print(left: number): string {
    const { buffer } = this.#terminal;
    this.#printNormal(Math.min(left, buffer.normal.baseY));
    if (buffer.active.type === "normal") {
      // What was saved on the alternate screen outlives it.
      this.#put(`${esc}[?47h`);
      this.#printSaved(this.#state.alternate);
      this.#put(`${esc}[?47l`);
      this.#printBuffer(this.#state.normal);
    } else {
      this.#printBuffer(this.#state.normal);
      this.#put(`${esc}[m${esc}[?47h`);
      this.#printAlternate();
      this.#printBuffer(this.#state.alternate);
    }
    this.#printCharsets();
    this.#printModes();
    this.#printCursor();
    return this.#script;
  }

  #put(text: string): void {
    this.#script += text;
  }

  #move(row: number, column: number): void {
    this.#put(`${esc}[${row + 1};${column + 1}H`);
  }

  #attributes(attributes: Attributes): string {
    return printAttributes(attributes, (id) => this.#state.link(id));
  }

  /** Line by line as it was written: what does not fit scrolls off. */
  #printNormal(first: number): void {
    const { rows, cols, buffer } = this.#terminal;
    let row = 0;
    let used = false;
    for (let index = first; index < buffer.normal.length; index++) {
      const line = buffer.normal.getLine(index);
      const wraps = rows > 1 && buffer.normal.getLine(index + 1)?.isWrapped === true;
      if (line === undefined) break;
      if (wraps) {
        // Only a character that does not fit makes the next line this one's continuation.
        this.#put(`${esc}[m`);
        this.#move(row, cols - 1);
        this.#put("xx");
        used = true;
        row = Math.min(row + 1, rows - 1) - 1;
      }
      this.#put(this.#rows.print(line, row, used));
      used = wraps;
      if (index + 1 === buffer.normal.length) break;
      if (!wraps && row === rows - 1) {
        this.#move(row, 0);
        this.#put(`${esc}[m\n`);
      } else row += 1;
    }
  }

  #printAlternate(): void {
    const { rows, cols, buffer } = this.#terminal;
    let used = false;
    for (let row = 0; row < rows; row++) {
      const line = buffer.alternate.getLine(row);
      const wraps = row + 1 < rows && buffer.alternate.getLine(row + 1)?.isWrapped === true;
      if (line === undefined) break;
      if (wraps) {
        this.#put(`${esc}[m`);
        this.#move(row, cols - 1);
        this.#put("xx");
      }
      this.#put(this.#rows.print(line, row, used || wraps));
      used = wraps;
    }
  }

  /** What a screen has beside its lines: tab stops, saved cursor, margins. */
  #printBuffer(buffer: BufferState): void {
    this.#printTabs(buffer);
    this.#printSaved(buffer);
    const { rows } = this.#terminal;
    if (buffer.scrollTop !== 0 || buffer.scrollBottom !== rows - 1)
      this.#put(`${esc}[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`);
  }

  #printTabs({ tabs }: BufferState): void {
    const { cols } = this.#terminal;
    const stops: number[] = [];
    for (let column = 0; column < cols; column++) if (tabs[column] === true) stops.push(column);
    const usual = Math.ceil(cols / 8);
    if (stops.length === usual && stops.every((column) => column % 8 === 0)) return;
    this.#put(`${esc}[3g`);
    for (const column of stops) this.#put(`${esc}[${column + 1}G${esc}H`);
  }

  #printSaved(buffer: BufferState): void {
    const { savedX, savedY, ybase, savedCurAttrData: saved, savedCharset } = buffer;
    const row = Math.min(Math.max(savedY - ybase, 0), this.#terminal.rows - 1);
    const plain = saved.fg === 0 && saved.bg === 0 && savedCharset === undefined;
    if (savedX === 0 && row === 0 && plain) return;
    this.#moveTo(buffer, row, savedX);
    this.#put(printSavedAttributes(saved));
    if (savedCharset === undefined) this.#put(`${esc}7`);
    else this.#put(`${esc}(${charsetFinal(savedCharset)}\x0f${esc}7${esc}(B`);
  }

  #printCharsets(): void {
    const { charsets, shift, charset, normal, alternate } = this.#state;
    for (const [index, intermediate] of ["(", ")", "*", "+"].entries())
      if (charsets[index] !== undefined) this.#put(`${esc}${intermediate}${charsetFinal(charsets[index])}`);
    this.#put(["\x0f", "\x0e", `${esc}n`, `${esc}o`][shift] ?? "");
    if (charset === charsets[shift]) return;
    // A restored cursor brings its character set along, whatever is shifted in.
    const active = this.#terminal.buffer.active.type === "alternate" ? alternate : normal;
    if (charset === active.savedCharset) this.#put(`${esc}8`);
  }

  #printModes(): void {
    const { modes, options } = this.#terminal;
    const { cursorHidden, cursorStyle, cursorBlink, blinkOption, mouseEncoding, title, iconName } =
      this.#state;
    const set = (mode: string, on: boolean): void => this.#put(`${esc}[${mode}${on ? "h" : "l"}`);
    set("?1", modes.applicationCursorKeysMode);
    set("?66", modes.applicationKeypadMode);
    set("?2004", modes.bracketedPasteMode);
    set("?45", modes.reverseWraparoundMode);
    set("?1004", modes.sendFocusMode);
    set("?25", !cursorHidden);
    set("?12", blinkOption);
    set("20", options.convertEol === true);
    const mouse = { none: undefined, x10: "?9", vt200: "?1000", drag: "?1002", any: "?1003" } as const;
    const tracking = mouse[modes.mouseTrackingMode];
    if (tracking !== undefined) set(tracking, true);
    if (mouseEncoding === "SGR") set("?1006", true);
    if (mouseEncoding === "SGR_PIXELS") set("?1016", true);
    if (cursorStyle !== undefined) {
      const style = { block: 1, underline: 3, bar: 5 }[cursorStyle];
      this.#put(`${esc}[${cursorBlink === true ? style : style + 1} q`);
    }
    if (title !== "") this.#put(`${esc}]2;${title}\x07`);
    if (iconName !== "") this.#put(`${esc}]1;${iconName}\x07`);
  }

  /** Last: the cursor with its attributes, and the modes that say how it moves. */
  #printCursor(): void {
    const { modes, buffer } = this.#terminal;
    const { attributes, joinState, normal, alternate } = this.#state;
    const active = buffer.active.type === "alternate" ? alternate : normal;
    if (modes.originMode) this.#put(`${esc}[?6h`);
    const top = modes.originMode ? active.scrollTop : 0;
    this.#moveTo(active, active.y, active.x, top);
    if (!modes.wraparoundMode) this.#put(`${esc}[?7l`);
    if (modes.insertMode) this.#put(`${esc}[4h`);
    this.#put(this.#attributes(attributes));
    if (modes.synchronizedOutputMode) this.#put(`${esc}[?2026h`);
    if (joinState !== 0) this.#printLast(active, top);
  }

  /** Puts the cursor there; behind the last column by writing what stands in it again. */
  #moveTo(buffer: BufferState, row: number, column: number, top = 0): void {
    const { cols } = this.#terminal;
    this.#move(row - top, Math.min(column, cols - 1));
    if (column < cols) return;
    const found = this.#characterBefore(buffer, row, cols);
    if (found === undefined) {
      this.#load(buffer, row, cols - 1);
      this.#put(`${this.#attributes(attributesOf(this.#cell))} `);
      return;
    }
    this.#move(row - top, found);
    this.#put(this.#attributes(attributesOf(this.#cell)) + this.#cell.getChars());
  }

  /** The character before the cursor again: what comes next may join it, or repeat it. */
  #printLast(buffer: BufferState, top: number): void {
    const found = this.#characterBefore(buffer, buffer.y, buffer.x);
    if (found === undefined) return;
    this.#move(buffer.y - top, found);
    // It is inserted where characters are.
    if (this.#terminal.modes.insertMode) this.#put(`${esc}[${this.#cell.getWidth()}P`);
    this.#put(this.#cell.getChars());
  }

  /** Where the character that ends at this column begins; it is then the cell at hand. */
  #characterBefore(buffer: BufferState, row: number, column: number): number | undefined {
    for (let start = column - 1; start >= Math.max(0, column - 2); start--) {
      this.#load(buffer, row, start);
      if (this.#cell.getWidth() === 0) continue;
      return this.#cell.getChars() !== "" && start + this.#cell.getWidth() === column ? start : undefined;
    }
    return undefined;
  }

  #load(buffer: BufferState, row: number, column: number): void {
    const { normal, alternate } = this.#terminal.buffer;
    const from = buffer === this.#state.normal ? normal : alternate;
    from.getLine(buffer.ybase + row)?.getCell(column, this.#cell);
  }
}
