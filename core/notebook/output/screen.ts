// Output of a program as lines of styled text: a terminal of a certain height that never wraps, and whose lines that
// have scrolled off stay. Enough for colours, progress bars and redrawn blocks. Knows no DOM; programs that take over
// the whole screen belong in a terminal.

import { concatBytes, emptyBytes } from "#core/base/bytes.ts";
import { charactersOf, isPlain } from "./columns.ts";
import { parseDisplay, type DisplayItem } from "./display.ts";
import { Line } from "./line.ts";
import { SequenceReader, type Sequence } from "./sequences.ts";
import { applySgr, plainStyle, withLink, type Style } from "./style.ts";
import { unfinishedCharacter } from "./unfinished.ts";

/** Lines kept; older ones are dropped and counted. More than anybody scrolls through in a notebook. */
const maxLines = 5_000;
/** Columns drawn of one line: a program that never ends its line must not stop the page. */
export const drawnColumns = 20_000;
const tabWidth = 8;
/** Code units: longer than characters are. */
const longCharacter = 64;

export interface ScreenSize {
  readonly cols: number;
  readonly rows: number;
}

export interface Cursor {
  readonly row: number;
  readonly column: number;
  readonly style: Style;
}

/** What of it is not in the lines: everything that a copy must have to go on in the same way. */
export interface ScreenRest {
  /** Index in `lines`, as that of the cursors. */
  readonly top: number;
  readonly cursor: Cursor;
  readonly saved: Cursor;
  /** First and last row of the part that scrolls, from the top. */
  readonly margins: readonly [number, number];
  /** Letters are lines: G0, G1, and which of them is in use. */
  readonly drawing: readonly [boolean, boolean];
  readonly shifted: boolean;
  /** The lines under an alternate screen. */
  readonly under: UnderScreen | undefined;
  /** A sequence that has begun. */
  readonly pending: string;
  /** A character that has begun. */
  readonly bytes: Uint8Array;
  /** The last thing that came was a character. */
  readonly joins: boolean;
}

export interface UnderScreen {
  readonly lines: readonly Line[];
  readonly top: number;
  readonly cursor: Cursor;
  readonly saved: Cursor;
  readonly margins: readonly [number, number];
}

/** DEC's line drawing characters, from "`" to "~". */
const drawn = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

const home: Cursor = { row: 0, column: 0, style: plainStyle };

export class Screen {
  readonly size: ScreenSize;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #reader = new SequenceReader();
  #cut: Uint8Array = emptyBytes;
  #lines: Line[] = [new Line()];
  #dropped = 0;
  #top = 0;
  #row = 0;
  #column = 0;
  #style: Style = plainStyle;
  #saved: Cursor = home;
  #margins: readonly [number, number];
  #drawing: [boolean, boolean] = [false, false];
  #shifted = false;
  #under: UnderScreen | undefined;
  /** The character before the cursor, where nothing came after it. */
  #last: { readonly column: number; readonly text: string } | undefined;
  #empty = true;

  readonly #columns: number;

  /** Of a line, so many columns are kept. */
  constructor(size: ScreenSize = { cols: 100, rows: 24 }, columns: number = drawnColumns) {
    this.size = size;
    this.#columns = columns;
    this.#margins = [0, size.rows - 1];
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

  get rest(): ScreenRest {
    return {
      top: this.#top,
      cursor: this.#cursor,
      saved: this.#saved,
      margins: this.#margins,
      drawing: this.#drawing,
      shifted: this.#shifted,
      under: this.#under,
      pending: this.#reader.pending,
      bytes: this.#cut,
      joins: this.#last !== undefined,
    };
  }

  write(data: Uint8Array | string): void {
    const text = typeof data === "string" ? data : this.#decode(data);
    if (text === "") return;
    this.#empty = false;
    for (const sequence of this.#reader.read(text)) {
      if (sequence.kind !== "text" && sequence.kind !== "control-sequence") this.#last = undefined;
      this.#take(sequence);
    }
    // Lines below the cursor are there for what they hold.
    while (this.#lines.length - 1 > this.#row && this.#lines.at(-1)?.empty === true) this.#lines.pop();
  }

  /** A note of our own, on a line of its own. */
  writeNote(text: string): void {
    this.#reader.reset();
    this.#style = plainStyle;
    if (this.#column > 0) this.#newLine();
    this.write(`\x1b[2m${text}\x1b[22m\r\n`);
  }

  get #cursor(): Cursor {
    return { row: this.#row, column: this.#column, style: this.#style };
  }

  #decode(data: Uint8Array): string {
    const bytes = this.#cut.length === 0 ? data : concatBytes([this.#cut, data]);
    const whole = bytes.length - unfinishedCharacter(bytes);
    this.#cut = bytes.slice(whole);
    return this.#decoder.decode(bytes.subarray(0, whole));
  }

  #take(sequence: Sequence): void {
    switch (sequence.kind) {
      case "text":
        return this.#print(sequence.text);
      case "control":
        return this.#control(sequence.code);
      case "control-sequence": {
        const last = this.#last;
        this.#last = undefined;
        return this.#perform(sequence.final, sequence.parameters, last?.text);
      }
      case "escape":
        return this.#escape(sequence.text);
      case "string":
        return this.#string(sequence.text);
      default:
        return sequence satisfies never;
    }
  }

  #string(text: string): void {
    const display = parseDisplay(text);
    if (display !== undefined) return this.#show(display);
    const link = /^\x1b\]8;[^;]*;([^\x07\x1b]*)/.exec(text); // oxlint-disable-line no-control-regex -- an escape sequence
    if (link !== null) this.#style = withLink(this.#style, link[1] === "" ? undefined : link[1]);
  }

  #escape(text: string): void {
    switch (text) {
      case "\x1b7":
        this.#saved = this.#cursor;
        return;
      case "\x1b8":
        return this.#restore(this.#saved);
      case "\x1bc":
        return this.#reset();
      case "\x1bD":
        return this.#lineFeed();
      case "\x1bE":
        return this.#newLine();
      case "\x1bM":
        return this.#reverseLineFeed();
      case "\x1b(0":
      case "\x1b(B":
        this.#drawing[0] = text === "\x1b(0";
        return;
      case "\x1b)0":
      case "\x1b)B":
        this.#drawing[1] = text === "\x1b)0";
        return;
      default: // Keypads and character sets: nothing that was said depends on them.
    }
  }

  #restore({ row, column, style }: Cursor): void {
    this.#moveTo(row, column);
    this.#style = style;
  }

  /** On a line of its own, and what comes next on another. */
  #show(display: DisplayItem): void {
    while (!this.#line().empty) this.#newLine();
    this.#lines[this.#row] = new Line(display);
    this.#column = 0;
  }

  #print(text: string): void {
    while (this.#line().display !== undefined) this.#newLine();
    if (this.#drawing[this.#shifted ? 1 : 0])
      text = text.replaceAll(/[`-~]/g, (letter) => drawn[letter.charCodeAt(0) - 96] ?? letter);
    const last = this.#last;
    if (last !== undefined && !(isPlain(text.slice(0, 1)) && isPlain(last.text))) {
      // The first of it may belong to the character before.
      const joined = last.text + text;
      if (charactersOf(joined.slice(0, longCharacter))[0]?.text !== last.text) {
        this.#column = last.column;
        text = joined;
      }
    }
    if (this.#columns - this.#column <= 0) return;
    const fitting = text.slice(0, this.#columns);
    this.#column = Math.min(this.#line().write(this.#column, fitting, this.#style), this.#columns);
    this.#line().erase(this.#columns);
    const character = isPlain(fitting)
      ? fitting.slice(-1)
      : charactersOf(fitting.slice(-longCharacter)).at(-1);
    if (typeof character === "string") this.#last = { column: this.#column - 1, text: character };
    else if (character !== undefined)
      this.#last = { column: this.#column - character.width, text: character.text };
  }

  #control(code: string): void {
    if (code === "\n" || code === "\v" || code === "\f") this.#newLine();
    else if (code === "\r") this.#column = 0;
    else if (code === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (code === "\t") this.#tab(1);
    else if (code === "\x0e") this.#shifted = true;
    else if (code === "\x0f") this.#shifted = false;
  }

  #tab(count: number): void {
    this.#column = Math.min((Math.floor(this.#column / tabWidth) + count) * tabWidth, this.#columns);
  }

  #newLine(): void {
    this.#lineFeed();
    this.#column = 0;
  }

  #lineFeed(): void {
    const [first, last] = this.#margins;
    if (this.#row - this.#top === last) this.#scroll(first, last, 1);
    else if (this.#row - this.#top < this.size.rows - 1) this.#row += 1;
    this.#line();
    if (this.#lines.length <= maxLines) return;
    this.#lines.shift();
    this.#dropped += 1;
    this.#row -= 1;
    this.#top = Math.max(0, this.#top - 1);
    this.#saved = { ...this.#saved, row: Math.max(0, this.#saved.row - 1) };
  }

  #reverseLineFeed(): void {
    if (this.#row - this.#top === this.#margins[0]) this.#scrollBack(...this.#margins, 1);
    else this.#moveTo(this.#row - 1, this.#column);
  }

  /** Takes lines out at the first margin and puts empty ones in at the last; those of the whole screen stay above it. */
  #scroll(first: number, last: number, count: number): void {
    for (let index = 0; index < Math.min(count, last - first + 1); index++) {
      const end = this.#top + last + 1;
      if (this.#lines.length > end) this.#lines.splice(end, 0, new Line());
      else while (this.#lines.length <= end) this.#lines.push(new Line());
      if (first === 0 && this.#under === undefined) {
        this.#top += 1;
        this.#row += 1;
      } else this.#lines.splice(this.#top + first, 1);
    }
  }

  #scrollBack(first: number, last: number, count: number): void {
    for (let index = 0; index < Math.min(count, last - first + 1); index++) {
      this.#lines.splice(this.#top + last, 1);
      while (this.#lines.length < this.#top + first) this.#lines.push(new Line());
      this.#lines.splice(this.#top + first, 0, new Line());
    }
  }

  #line(): Line {
    while (this.#lines.length <= this.#row) this.#lines.push(new Line());
    return this.#lines[this.#row] ?? new Line();
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(this.#top, Math.min(row, this.#top + this.size.rows - 1));
    this.#column = Math.max(0, Math.min(column, this.#columns));
  }

  /** Up or down: not over a margin. */
  #moveBy(count: number): void {
    const row = this.#row - this.#top;
    const [first, last] = this.#margins;
    const lowest = row <= last ? last : this.size.rows - 1;
    const highest = row >= first ? first : 0;
    this.#row = this.#top + Math.max(highest, Math.min(row + count, lowest));
  }

  #reset(): void {
    this.#lines = [new Line()];
    this.#dropped = 0;
    this.#top = 0;
    this.#row = 0;
    this.#column = 0;
    this.#style = plainStyle;
    this.#saved = home;
    this.#margins = [0, this.size.rows - 1];
    this.#drawing = [false, false];
    this.#shifted = false;
    this.#under = undefined;
  }

  #perform(final: string, parameters: string, last: string | undefined): void {
    if (final === "m") {
      if (!/^[?>=<]/.test(parameters)) this.#style = applySgr(this.#style, parameters);
      return;
    }
    if (/^[?>=<]/.test(parameters)) {
      // Of the modes of a real terminal only this one hides what was said.
      if (final === "h" || final === "l")
        for (const mode of parameters.slice(1).split(";")) this.#setMode(mode, final === "h");
      return;
    }
    if (/[ -/]/.test(parameters)) return;
    const [first = 0, second = 0] = parameters.split(";").map((value) => Number.parseInt(value, 10) || 0);
    const count = Math.min(Math.max(1, first), this.#columns);
    switch (final) {
      case "A":
        return this.#moveBy(-count);
      case "B":
      case "e":
        return this.#moveBy(count);
      case "C":
      case "a":
        return this.#moveTo(this.#row, this.#column + count);
      case "D":
        return this.#moveTo(this.#row, this.#column - count);
      case "E":
        this.#moveBy(count);
        this.#column = 0;
        return;
      case "F":
        this.#moveBy(-count);
        this.#column = 0;
        return;
      case "G":
      case "`":
        return this.#moveTo(this.#row, count - 1);
      case "d":
        return this.#moveTo(this.#top + count - 1, this.#column);
      case "H":
      case "f":
        return this.#moveTo(this.#top + count - 1, Math.max(1, second) - 1);
      case "I":
        return this.#tab(count);
      case "Z":
        this.#column = Math.max(0, (Math.ceil(this.#column / tabWidth) - count) * tabWidth);
        return;
      case "s":
        this.#saved = this.#cursor;
        return;
      case "u":
        return this.#restore(this.#saved);
      case "K":
        return this.#eraseInLine(first);
      case "J":
        return this.#eraseInScreen(first);
      case "L":
      case "M":
        return this.#insertLines(final === "L", count);
      case "S":
        return this.#scrollHere(false, count);
      case "T":
        return this.#scrollHere(true, count);
      case "P":
        return this.#line().deleteAt(this.#column, count);
      case "@":
        return this.#line().insertAt(this.#column, count);
      case "X":
        return this.#erase(this.#row, this.#column, this.#column + count);
      case "b":
        if (last !== undefined) this.#print(last.repeat(count));
        return;
      case "r":
        return this.#setMargins(first, second);
      default: // Whatever else a terminal can do does not change what was said.
    }
  }

  #setMargins(first: number, last: number): void {
    const top = Math.max(1, first);
    const bottom = last === 0 || last > this.size.rows ? this.size.rows : last;
    if (bottom <= top) return;
    this.#margins = [top - 1, bottom - 1];
    this.#moveTo(this.#top, 0);
  }

  #setMode(mode: string, on: boolean): void {
    if (mode === "1048") {
      if (on) this.#saved = this.#cursor;
      else this.#restore(this.#saved);
      return;
    }
    if (mode !== "1049" && mode !== "1047" && mode !== "47") return;
    if (on && this.#under === undefined) this.#beginAlternate(mode === "1049");
    else if (!on) this.#endAlternate(mode === "1049");
  }

  #beginAlternate(saving: boolean): void {
    if (saving) this.#saved = this.#cursor;
    this.#under = {
      lines: this.#lines,
      top: this.#top,
      cursor: this.#cursor,
      saved: this.#saved,
      margins: this.#margins,
    };
    this.#lines = [new Line()];
    this.#row -= this.#top;
    this.#top = 0;
    this.#saved = home;
    this.#margins = [0, this.size.rows - 1];
  }

  #endAlternate(restoring: boolean): void {
    if (this.#under !== undefined) {
      const { lines, top, saved, margins } = this.#under;
      this.#lines = [...lines];
      this.#row += top;
      this.#top = top;
      this.#saved = saved;
      this.#margins = margins;
      this.#under = undefined;
    }
    if (restoring) this.#restore(this.#saved);
  }

  #insertLines(inserting: boolean, count: number): void {
    const row = this.#row - this.#top;
    const [first, last] = this.#margins;
    if (row < first || row > last) return;
    for (let index = 0; index < Math.min(count, last - row + 1); index++) {
      while (this.#lines.length <= this.#top + last) this.#lines.push(new Line());
      this.#lines.splice(inserting ? this.#top + last : this.#row, 1);
      this.#lines.splice(inserting ? this.#row : this.#top + last, 0, new Line());
    }
    this.#column = 0;
  }

  /** Without the cursor. */
  #scrollHere(back: boolean, count: number): void {
    const [first, last] = this.#margins;
    for (let index = 0; index < Math.min(count, last - first + 1); index++) {
      while (this.#lines.length <= this.#top + last) this.#lines.push(new Line());
      this.#lines.splice(this.#top + (back ? last : first), 1);
      this.#lines.splice(this.#top + (back ? first : last), 0, new Line());
    }
  }

  #eraseInLine(mode: number): void {
    if (mode === 0) this.#erase(this.#row, this.#column);
    else if (mode === 1) this.#erase(this.#row, 0, this.#column + 1);
    else if (mode === 2) this.#erase(this.#row, 0);
  }

  /** Erased is what has the background that is in use, up to the width of a terminal. */
  #erase(row: number, from: number, to: number = Number.POSITIVE_INFINITY): void {
    const line = this.#lines[row];
    if (line === undefined || line.display !== undefined) return;
    line.erase(from, to);
    const { background } = this.#style;
    const end = Math.min(to, this.size.cols);
    if (background !== undefined && from < end)
      line.write(from, " ".repeat(end - from), { ...plainStyle, background });
  }

  #eraseInScreen(mode: number): void {
    if (mode === 0) {
      if (this.#line().display !== undefined) this.#blank(this.#row, this.#row + 1);
      this.#erase(this.#row, this.#column);
      this.#blank(this.#row + 1, this.#erasedEnd);
    } else if (mode === 1) {
      this.#blank(this.#top, this.#row);
      this.#erase(this.#row, 0, this.#column + 1);
    } else if (mode === 2) {
      this.#blank(this.#top, this.#erasedEnd);
    } else if (mode === 3 && this.#under === undefined) {
      // What has scrolled off only; after `clear` (H, 2J, 3J) nothing is left.
      this.#lines = this.#lines.slice(this.#top);
      this.#row -= this.#top;
      this.#saved = { ...this.#saved, row: Math.max(0, this.#saved.row - this.#top) };
      this.#top = 0;
      this.#dropped = 0;
    }
  }

  /** Rows that were never written are erased only where that shows. */
  get #erasedEnd(): number {
    return this.#style.background === undefined ? this.#lines.length : this.#top + this.size.rows;
  }

  #blank(from: number, to: number): void {
    while (this.#lines.length < to) this.#lines.push(new Line());
    for (let row = from; row < to; row++) {
      if (this.#lines[row]?.display !== undefined) this.#lines[row] = new Line();
      this.#erase(row, 0);
    }
  }
}
