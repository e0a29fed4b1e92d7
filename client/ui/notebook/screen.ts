// Output of a program as lines of styled text: a small terminal without a fixed height, enough for colours,
// progress bars and redrawn blocks. Knows no DOM; programs that take over the whole screen belong in a terminal.

import { parseDisplay, type DisplayItem } from "#core/notebook/display.ts";
import { Line } from "./line.ts";
import { applySgr, plainStyle, type Style } from "./style.ts";

/** Lines kept; older ones are dropped and counted. More than anybody scrolls through in a notebook. */
const maxLines = 5_000;
/** Characters kept in one line: a program that never ends its line must not stop the page. */
const maxColumns = 20_000;
const tabWidth = 8;
/** An escape sequence longer than this is no escape sequence. */
const maxSequence = 4_096;

// C0 controls that end a run of printable text. DEL and the rest of C0 print nothing.
// oxlint-disable-next-line no-control-regex -- control characters are what a terminal is about
const printable = /[^\x00-\x1f\x7f]+/y;
// oxlint-disable-next-line no-control-regex -- as above
const csi = /\x1b\[([0-?]*)[ -/]*([@-~])/y;
// oxlint-disable-next-line no-control-regex -- as above
const stringSequence = /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)/y;
// oxlint-disable-next-line no-control-regex -- as above
const shortSequence = /\x1b[ -/]*[0-~]/y;

export interface ScreenSize {
  readonly cols: number;
  readonly rows: number;
}

export class Screen {
  readonly #size: ScreenSize;
  readonly #decoder = new TextDecoder("utf-8");
  #lines: Line[] = [new Line()];
  #dropped = 0;
  #row = 0;
  #column = 0;
  #style: Style = plainStyle;
  #saved = { row: 0, column: 0 };
  #pending = "";
  #empty = true;

  constructor(size: ScreenSize = { cols: 100, rows: 24 }) {
    this.#size = size;
  }

  /** Oldest first. The last one may be empty: where the next output will stand. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** Lines that were dropped at the top. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Nothing was ever written. */
  get empty(): boolean {
    return this.#empty;
  }

  /** The text without styles, without the empty line at the end. */
  get text(): string {
    return this.#lines
      .map((line) => line.text.trimEnd())
      .join("\n")
      .trimEnd();
  }

  write(data: Uint8Array | string): void {
    const text = typeof data === "string" ? data : this.#decoder.decode(data, { stream: true });
    if (text === "") return;
    this.#empty = false;
    this.#feed(this.#pending + text);
  }

  /** A note of our own, on a line of its own. */
  writeNote(text: string): void {
    this.#pending = "";
    this.#style = plainStyle;
    if (this.#column > 0) this.#newLine();
    this.write(`\x1b[2m${text}\x1b[22m\r\n`);
  }

  #feed(text: string): void {
    this.#pending = "";
    let index = 0;
    while (index < text.length) {
      printable.lastIndex = index;
      const plain = printable.exec(text);
      if (plain !== null) {
        this.#print(plain[0]);
        index = printable.lastIndex;
        continue;
      }
      if (text[index] !== "\x1b") {
        this.#control(text[index] ?? "");
        index += 1;
        continue;
      }
      const end = this.#escape(text, index);
      if (end === undefined) {
        // The rest of the sequence comes with the next piece, unless it is too long to be one.
        if (text.length - index <= maxSequence) this.#pending = text.slice(index);
        return;
      }
      index = end;
    }
  }

  /** Performs the sequence at `index`; gives where it ends, or undefined where it is incomplete. */
  #escape(text: string, index: number): number | undefined {
    const next = text[index + 1];
    if (next === undefined) return undefined;
    if (next === "[") {
      csi.lastIndex = index;
      const match = csi.exec(text);
      if (match === null) {
        // A byte that fits no control sequence ends it, as in xterm.
        // oxlint-disable-next-line no-control-regex -- as above
        const broken = /[^ -?]/.exec(text.slice(index + 2));
        return broken === null ? undefined : index + 2 + broken.index;
      }
      this.#perform(match[2] ?? "", match[1] ?? "");
      return csi.lastIndex;
    }
    if ("]PX^_".includes(next)) {
      stringSequence.lastIndex = index;
      const sequence = stringSequence.exec(text)?.[0];
      if (sequence === undefined) return undefined;
      const display = parseDisplay(sequence);
      if (display !== undefined) this.#show(display);
      return index + sequence.length;
    }
    shortSequence.lastIndex = index;
    const short = shortSequence.exec(text);
    if (short === null) return /^[ -/]*$/.test(text.slice(index + 1)) ? undefined : index + 1;
    if (short[0] === "\x1b7") this.#saved = { row: this.#row, column: this.#column };
    else if (short[0] === "\x1b8") this.#moveTo(this.#saved.row, this.#saved.column);
    else if (short[0] === "\x1bc") this.#clear();
    else if (short[0] === "\x1bM") this.#moveTo(this.#row - 1, this.#column);
    return shortSequence.lastIndex;
  }

  /** On a line of its own, and what comes next on another. */
  #show(display: DisplayItem): void {
    while (!this.#line().empty) this.#newLine();
    this.#lines[this.#row] = new Line(display);
    this.#column = 0;
  }

  #print(text: string): void {
    while (this.#line().display !== undefined) this.#newLine();
    const room = maxColumns - this.#column;
    if (room <= 0) return;
    const fitting = text.length > room ? text.slice(0, room) : text;
    this.#column = this.#line().write(this.#column, fitting, this.#style);
  }

  #control(character: string): void {
    if (character === "\n" || character === "\v" || character === "\f") this.#newLine();
    else if (character === "\r") this.#column = 0;
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (character === "\t") this.#column = (Math.floor(this.#column / tabWidth) + 1) * tabWidth;
  }

  #newLine(): void {
    this.#row += 1;
    this.#column = 0;
    if (this.#row < this.#lines.length) return;
    this.#lines.push(new Line());
    if (this.#lines.length > maxLines) {
      this.#lines.shift();
      this.#dropped += 1;
      this.#row -= 1;
      this.#saved.row = Math.max(0, this.#saved.row - 1);
    }
  }

  #line(): Line {
    while (this.#lines.length <= this.#row) this.#lines.push(new Line());
    return this.#lines[this.#row] ?? new Line();
  }

  /** The first line that a terminal of this height would still show. */
  get #top(): number {
    return Math.max(0, this.#lines.length - this.#size.rows);
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(this.#top, Math.min(row, this.#top + this.#size.rows - 1));
    this.#column = Math.max(0, Math.min(column, maxColumns));
  }

  #clear(): void {
    this.#lines = [new Line()];
    this.#dropped = 0;
    this.#row = 0;
    this.#column = 0;
  }

  #perform(final: string, parameters: string): void {
    if (final === "m") {
      if (!/^[?>=<]/.test(parameters)) this.#style = applySgr(this.#style, parameters);
      return;
    }
    if (/^[?>=<]/.test(parameters)) return; // Modes of a real terminal: cursor shape, mouse, alternate screen.
    const [first = 0, second = 0] = parameters.split(";").map((value) => Number.parseInt(value, 10) || 0);
    const count = Math.min(Math.max(1, first), maxColumns);
    switch (final) {
      case "A":
        return this.#moveTo(this.#row - count, this.#column);
      case "B":
        return this.#moveTo(this.#row + count, this.#column);
      case "C":
        return this.#moveTo(this.#row, this.#column + count);
      case "D":
        return this.#moveTo(this.#row, this.#column - count);
      case "E":
        return this.#moveTo(this.#row + count, 0);
      case "F":
        return this.#moveTo(this.#row - count, 0);
      case "G":
      case "`":
        return this.#moveTo(this.#row, count - 1);
      case "d":
        return this.#moveTo(this.#top + count - 1, this.#column);
      case "H":
      case "f":
        return this.#moveTo(this.#top + count - 1, Math.max(1, second) - 1);
      case "s":
        this.#saved = { row: this.#row, column: this.#column };
        return;
      case "u":
        return this.#moveTo(this.#saved.row, this.#saved.column);
      case "K":
        return this.#eraseInLine(first);
      case "J":
        return this.#eraseInScreen(first);
      case "P":
        return this.#line().deleteAt(this.#column, count);
      case "@":
        return this.#line().insertAt(this.#column, count);
      case "X":
        return this.#line().erase(this.#column, this.#column + count);
      default: // Whatever else a terminal can do does not change what was said.
    }
  }

  #eraseInLine(mode: number): void {
    if (mode === 0) this.#line().erase(this.#column);
    else if (mode === 1) this.#line().erase(0, this.#column + 1);
    else if (mode === 2) this.#line().erase(0);
  }

  #eraseInScreen(mode: number): void {
    if (mode === 0) {
      if (this.#line().display !== undefined) this.#blank(this.#row, this.#row + 1);
      this.#line().erase(this.#column);
      this.#lines.length = Math.min(this.#lines.length, this.#row + 1);
    } else if (mode === 1) {
      this.#blank(this.#top, this.#row);
      this.#line().erase(0, this.#column + 1);
    } else if (mode === 2) {
      this.#blank(this.#top, this.#lines.length);
    } else if (mode === 3) {
      // Scrollback only; after `clear` (H, 2J, 3J) nothing but an empty line is left.
      const kept = this.#lines.slice(this.#top);
      const used = kept.findLastIndex((line) => !line.empty);
      this.#row = Math.max(0, this.#row - this.#top);
      this.#lines = kept.slice(0, Math.max(used, this.#row) + 1);
      this.#dropped = 0;
    }
  }

  #blank(from: number, to: number): void {
    for (let row = from; row < to; row++)
      if (this.#lines[row]?.display === undefined) this.#lines[row]?.erase(0);
      else this.#lines[row] = new Line();
  }
}
