// What a screen shows as text with its escape sequences: to be stored in parts, or to go on from elsewhere.

import { concatBytes, encodeUtf8 } from "#core/base/bytes.ts";
import { charactersOf } from "./columns.ts";
import { printDisplay } from "./display.ts";
import { Line, staysApart } from "./line.ts";
import { drawnColumns, type Cursor, type Screen, type ScreenRest } from "./screen.ts";
import { plainStyle, printStyle } from "./style.ts";

const esc = "\x1b";
/** A sequence that changes nothing: the default colour of underlines. */
const nothing = `${esc}[59m`;
/** Ends colours, and a link, which the former does not. */
const plain = `${esc}[m${esc}]8;;${esc}\\`;

export interface Shown {
  /** Whole lines, the last without its end where output goes on in it. */
  readonly head: string;
  readonly tail: string;
  /** Lines left out between head and tail. */
  readonly lines: number;
  /** Their bytes; also those of the middle of one line, where it alone is longer than what is kept. */
  readonly omitted: number;
}

/** All of it as head, or as many lines of its beginning and of its end as fit into so many bytes each. */
export function showScreen(screen: Screen, headLimit: number, tailLimit: number): Shown {
  const printed = screen.lines.map(printLine);
  const whole = printed.join("\n");
  const size = encodeUtf8(whole).length;
  if (screen.dropped === 0 && size <= headLimit + tailLimit)
    return { head: whole, tail: "", lines: 0, omitted: 0 };
  const sizes = printed.map((line) => encodeUtf8(line).length + 1);
  // A screen that has dropped lines has lost its beginning.
  const first = screen.dropped > 0 ? { count: 0, bytes: 0 } : fitting(sizes, headLimit);
  const last = fitting(sizes.slice(first.count).reverse(), tailLimit);
  const left = printed.length - first.count - last.count;
  const omitted = size + 1 - first.bytes - last.bytes;
  const lines = screen.dropped + left;
  if (left > 0 && (last.count === 0 || (first.count === 0 && screen.dropped === 0))) {
    const headLeft = screen.dropped > 0 ? 0 : headLimit - first.bytes;
    const long = cutLine(screen.lines, first.count, last.count, headLeft, tailLimit - last.bytes);
    const before = printed
      .slice(0, first.count)
      .map((line) => `${line}\n`)
      .join("");
    const after = printed
      .slice(printed.length - last.count)
      .map((line) => `\n${line}`)
      .join("");
    const cut = { head: before + long.head, tail: long.tail + (last.count === 0 ? "" : after) };
    const kept = encodeUtf8(cut.head).length + encodeUtf8(cut.tail).length;
    return { ...cut, lines: screen.dropped + Math.max(0, left - 2), omitted: Math.max(1, size - kept) };
  }
  return {
    head: printed
      .slice(0, first.count)
      .map((line) => `${line}\n`)
      .join(""),
    tail: printed.slice(printed.length - last.count).join("\n"),
    lines,
    omitted: Math.max(omitted, lines),
  };
}

function fitting(sizes: readonly number[], limit: number): { count: number; bytes: number } {
  let bytes = 0;
  let count = 0;
  for (const size of sizes) {
    if (bytes + size > limit) break;
    bytes += size;
    count += 1;
  }
  return { count, bytes };
}

/** The beginning of the first line that does not fit, and the end of the last one. */
function cutLine(
  lines: readonly Line[],
  first: number,
  last: number,
  headLimit: number,
  tailLimit: number,
): { head: string; tail: string } {
  const start = lines[first];
  const end = lines[lines.length - 1 - last];
  return {
    head: start === undefined ? "" : firstBytes(start.text, headLimit),
    tail: end === undefined ? "" : lastBytes(end.text, tailLimit),
  };
}

function firstBytes(text: string, limit: number): string {
  let result = "";
  let bytes = 0;
  // A code unit has at least one byte.
  for (const { text: character } of charactersOf(text.slice(0, limit))) {
    bytes += encodeUtf8(character).length;
    if (bytes > limit) break;
    result += character;
  }
  return result;
}

function lastBytes(text: string, limit: number): string {
  const kept: string[] = [];
  let bytes = 0;
  const start = Math.max(0, text.length - limit);
  for (const { text: character } of charactersOf(text.slice(start)).reverse()) {
    bytes += encodeUtf8(character).length;
    if (bytes > limit) break;
    kept.push(character);
  }
  // The first may have been cut.
  if (start > 0 && bytes <= limit) kept.pop();
  return kept.reverse().join("");
}

/** A line on its own: it begins and ends without colours. */
function printLine(line: Line): string {
  if (line.display !== undefined) return printDisplay(line.display);
  let text = "";
  let style = plainStyle;
  for (const [index, span] of line.spans.entries()) {
    const before = line.spans[index - 1];
    const change = printStyle(span.style, style);
    // As what stands behind a movement of the cursor, a mark without its letter stays without one.
    const apart = before === undefined || change !== "" || staysApart(before.text, span.text);
    text += (apart ? change : nothing) + span.text;
    style = span.style;
  }
  return text + printStyle(plainStyle, style);
}

/** As much of a line as anybody draws. */
function printDrawn(line: Line): string {
  if (line.length <= drawnColumns) return printLine(line);
  const drawn = new Line();
  for (const { text, style } of line.between(0, drawnColumns)) drawn.write(drawn.length, text, style);
  return printLine(drawn);
}

/** Bytes that make a fresh screen the same, in what it shows and in what it does with what comes next. */
export function replayScreen(screen: Screen, headLimit: number, tailLimit: number): Uint8Array {
  const { rest } = screen;
  const parts: string[] = [];
  if (rest.under !== undefined) {
    const { under } = rest;
    const cursor = { ...rest.cursor, row: rest.cursor.row + under.top };
    parts.push(...replayPart(under.lines, { ...under, cursor }, screen.size.rows, headLimit, tailLimit));
    parts.push(`${esc}[?47h${plain}${esc}[H`);
  }
  parts.push(...replayPart(screen.lines, rest, screen.size.rows, headLimit, tailLimit));
  parts.push(
    rest.drawing[0] ? `${esc}(0` : "",
    rest.drawing[1] ? `${esc})0` : "",
    rest.shifted ? "\x0e" : "",
  );
  if (rest.joins) parts.push(lastCharacter(screen, rest));
  parts.push(rest.pending);
  return concatBytes([encodeUtf8(parts.join("")), rest.bytes]);
}

type Part = Pick<ScreenRest, "top" | "cursor" | "saved" | "margins">;

function replayPart(
  lines: readonly Line[],
  { top, cursor, saved, margins }: Part,
  rows: number,
  headLimit: number,
  tailLimit: number,
): string[] {
  const printed = lines.map(printDrawn);
  const sizes = printed.map((line) => encodeUtf8(line).length + 2);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const parts: string[] = [];
  let first = 0;
  if (all > headLimit + tailLimit) {
    const head = fitting(sizes.slice(0, top), headLimit).count;
    // What can still be changed is never left out.
    const tail = Math.max(fitting(sizes.toReversed(), tailLimit).count, lines.length - top);
    first = lines.length - tail;
    if (first > head) {
      for (const line of printed.slice(0, head)) parts.push(line, "\r\n");
      parts.push(`${esc}[2m${leftOut(first - head, 0)}${esc}[m\r\n`);
    } else first = 0;
  }
  parts.push(printed.slice(first).join("\r\n"));
  // The window of the terminal stands where it stood: it never goes back up.
  const low = top + rows - 1;
  const last = lines.length - 1;
  if (top > 0 && low > last) parts.push("\r\n".repeat(low - last));
  const bottom = top > 0 ? Math.max(low, last) : last;
  if (margins[0] !== 0 || margins[1] !== rows - 1) parts.push(`${esc}[${margins[0] + 1};${margins[1] + 1}r`);
  else parts.push(`\r${bottom > top ? `${esc}[${bottom - top}A` : ""}`);
  const moves = (to: Cursor): string =>
    `${esc}[${Math.max(0, to.row - top) + 1};${to.column + 1}H${printStyle(to.style, plainStyle)}`;
  parts.push(moves(saved), `${esc}7${plain}`, moves(cursor));
  return parts;
}

/** Written again, so that what comes next may join it. */
function lastCharacter(screen: Screen, { cursor }: ScreenRest): string {
  let column = 0;
  for (const { text } of screen.lines[cursor.row]?.spans ?? [])
    for (const character of charactersOf(text)) {
      column += character.width;
      if (column === cursor.column) return `${esc}[${cursor.column - character.width + 1}G${character.text}`;
    }
  return "";
}

/** Stands for what was left out. */
export function leftOut(lines: number, bytes: number): string {
  if (lines > 0) return `… ${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"} left out …`;
  return `… ${bytes.toLocaleString("en")} ${bytes === 1 ? "byte" : "bytes"} left out …`;
}
