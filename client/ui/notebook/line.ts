// One line of output: text in spans of one style each, addressed by column, or one thing that is shown. Knows no
// terminal and no DOM.
// A column is a code point; wide characters count as one, which is enough for output that flows.

import type { DisplayItem } from "#core/notebook/display.ts";
import { plainStyle, sameStyle, type Style } from "./style.ts";

export interface Span {
  readonly text: string;
  readonly style: Style;
}

const astral = /[\uD800-\uDFFF]/;

function length(text: string): number {
  return astral.test(text) ? Array.from(text).length : text.length;
}

function slice(text: string, from: number, to?: number): string {
  return astral.test(text) ? Array.from(text).slice(from, to).join("") : text.slice(from, to);
}

export class Line {
  #spans: Span[] = [];
  #length = 0;
  #version = 0;

  /** What stands here instead of text; then no text is written into the line. */
  readonly display: DisplayItem | undefined;

  constructor(display?: DisplayItem) {
    this.display = display;
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  get length(): number {
    return this.#length;
  }

  /** Another number whenever the line has changed. */
  get version(): number {
    return this.#version;
  }

  /** Neither text nor anything shown. */
  get empty(): boolean {
    return this.#length === 0 && this.display === undefined;
  }

  get text(): string {
    if (this.display !== undefined)
      return `[${this.display.name === "" ? this.display.mime : this.display.name}]`;
    return this.#spans.map((span) => span.text).join("");
  }

  /** Puts text over what stands at `column`, filling a gap with blanks. Gives the column after it. */
  write(column: number, text: string, style: Style): number {
    if (text === "") return column;
    this.#version += 1;
    if (column > this.#length) this.#append(" ".repeat(column - this.#length), plainStyle);
    const width = length(text);
    if (column === this.#length) {
      this.#append(text, style);
    } else {
      const before = this.#cut(0, column);
      const after = this.#cut(column + width);
      this.#replace([...before, { text, style }, ...after]);
    }
    return column + width;
  }

  /** Blanks from `from` to `to`; to the end of the line it shortens the line. */
  erase(from: number, to: number = Number.POSITIVE_INFINITY): void {
    if (from >= this.#length) return;
    if (to >= this.#length) this.#replace(this.#cut(0, from));
    else
      this.#replace([
        ...this.#cut(0, from),
        { text: " ".repeat(to - from), style: plainStyle },
        ...this.#cut(to),
      ]);
  }

  /** Takes `count` characters out; what follows moves left. */
  deleteAt(column: number, count: number): void {
    if (column < this.#length) this.#replace([...this.#cut(0, column), ...this.#cut(column + count)]);
  }

  /** Puts `count` blanks in; what follows moves right. */
  insertAt(column: number, count: number): void {
    if (column < this.#length)
      this.#replace([
        ...this.#cut(0, column),
        { text: " ".repeat(count), style: plainStyle },
        ...this.#cut(column),
      ]);
  }

  #append(text: string, style: Style): void {
    const last = this.#spans.at(-1);
    if (last !== undefined && sameStyle(last.style, style))
      this.#spans[this.#spans.length - 1] = { text: last.text + text, style: last.style };
    else this.#spans.push({ text, style });
    this.#length += length(text);
  }

  #replace(spans: readonly Span[]): void {
    this.#spans = [];
    this.#length = 0;
    this.#version += 1;
    for (const span of spans) if (span.text !== "") this.#append(span.text, span.style);
  }

  #cut(from: number, to: number = Number.POSITIVE_INFINITY): Span[] {
    const result: Span[] = [];
    let column = 0;
    for (const span of this.#spans) {
      const width = length(span.text);
      const start = Math.max(from - column, 0);
      const end = Math.min(to - column, width);
      if (start < end) result.push({ text: slice(span.text, start, end), style: span.style });
      column += width;
      if (column >= to) break;
    }
    return result;
  }
}
