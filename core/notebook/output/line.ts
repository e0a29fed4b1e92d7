// One line of output: text in spans of one style each, addressed by the columns of a terminal, or one thing that is
// shown. Knows no terminal and no DOM.

import { charactersOf, columnsOf, isPlain } from "./columns.ts";
import type { DisplayItem } from "./display.ts";
import { plainStyle, sameStyle, type Style } from "./style.ts";

export interface Span {
  readonly text: string;
  readonly style: Style;
  /** Columns. */
  readonly width: number;
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

  /** Columns. */
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
    if (column > this.#length) this.#append(blanks(column - this.#length));
    const span: Span = { text, style, width: columnsOf(text) };
    const end = column + span.width;
    if (column === this.#length) this.#append(span);
    else this.#replace([...this.between(0, column), span, ...this.between(end)]);
    return end;
  }

  /** Blanks from `from` to `to`; to the end of the line it shortens the line. */
  erase(from: number, to: number = Number.POSITIVE_INFINITY): void {
    if (from >= this.#length) return;
    if (to >= this.#length) this.#replace(this.between(0, from));
    else this.#replace([...this.between(0, from), blanks(to - from), ...this.between(to)]);
  }

  /** Takes `count` columns out; what follows moves left. */
  deleteAt(column: number, count: number): void {
    if (column < this.#length) this.#replace([...this.between(0, column), ...this.between(column + count)]);
  }

  /** Puts `count` blanks in; what follows moves right. */
  insertAt(column: number, count: number): void {
    if (column < this.#length)
      this.#replace([...this.between(0, column), blanks(count), ...this.between(column)]);
  }

  #append(span: Span): void {
    const { text, style, width } = span;
    const last = this.#spans.at(-1);
    // In one text, what was written as two characters could become one.
    if (last !== undefined && sameStyle(last.style, style) && staysApart(last.text, text))
      this.#spans[this.#spans.length - 1] = { text: last.text + text, style, width: last.width + width };
    else this.#spans.push(span);
    this.#length += width;
  }

  #replace(spans: readonly Span[]): void {
    this.#spans = [];
    this.#length = 0;
    this.#version += 1;
    for (const span of spans) if (span.text !== "") this.#append(span);
  }

  /** What stands in these columns; of a wide character of which only half does, a blank. */
  between(from: number, to: number = Number.POSITIVE_INFINITY): Span[] {
    const result: Span[] = [];
    let column = 0;
    for (const span of this.#spans) {
      const start = Math.max(from - column, 0);
      const end = Math.min(to - column, span.width);
      if (start < end) result.push(cutSpan(span, start, end));
      column += span.width;
      if (column >= to) break;
    }
    return result;
  }
}

function blanks(count: number): Span {
  return { text: " ".repeat(count), style: plainStyle, width: count };
}

/** Code units in which the last or the first character of a text is looked for: more than most have. */
const longCharacter = 16;

/** Whether, written one after the other, these are the same characters. */
export function staysApart(before: string, after: string): boolean {
  if (isPlain(after.slice(0, 1)) && isPlain(before.slice(-1))) return true;
  const left = before.slice(-longCharacter);
  const right = after.slice(0, longCharacter);
  return charactersOf(left).length + charactersOf(right).length === charactersOf(left + right).length;
}

function cutSpan(span: Span, from: number, to: number): Span {
  if (from === 0 && to === span.width) return span;
  return { text: cutText(span.text, from, to), style: span.style, width: to - from };
}

function cutText(text: string, from: number, to: number): string {
  if (isPlain(text)) return text.slice(from, to);
  let result = "";
  let column = 0;
  for (const character of charactersOf(text)) {
    const end = column + character.width;
    if (column >= from && end <= to) result += character.text;
    else result += " ".repeat(Math.max(0, Math.min(end, to) - Math.max(column, from)));
    column = end;
    if (column >= to) break;
  }
  return result;
}
