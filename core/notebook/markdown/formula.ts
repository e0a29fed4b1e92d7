// Where formulas stand in Markdown: `$x$`, `$$x$$`, `\(x\)`, `\[x\]` and `\begin{env} … \end{env}`. What is inside
// them is TeX, of which a Markdown parser must see nothing. Knows no tree: it is told where code and leaf blocks are.

import { lineStart } from "#core/text/lines.ts";

/** Offsets in the text, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a parser that knows no formulas found in the text, each list ascending and without overlaps. */
export interface Surroundings {
  /** Code, HTML, addresses: no formula begins or ends there. */
  readonly opaque: readonly Range[];
  /** Paragraphs, headings, table cells: a formula with single dollars stays within one. */
  readonly leaves: readonly Range[];
}

const candidate = /\$|\\/;

export function mayHoldFormulas(text: string): boolean {
  return candidate.test(text);
}

/** A letter for which Markdown has no meaning. */
const filler = "\uE000";

/** Starts of lines that end a paragraph, and of fences: a formula that spans blocks does not run over them. */
const blankLine = /(?:\r\n|\n|\r)[ \t>]*(?:\r\n|\n|\r|$)/g;
const fence = /^[ \t>]*(?:`{3}|~{3})/m;

export function findFormulas(text: string, { opaque, leaves }: Surroundings): Range[] {
  const found: Range[] = [];
  let opaqueIndex = 0;
  let leafIndex = 0;
  for (let at = 0; at < text.length;) {
    while ((opaque[opaqueIndex]?.end ?? Infinity) <= at) opaqueIndex++;
    const hidden = opaque[opaqueIndex];
    if (hidden !== undefined && hidden.start <= at) {
      at = hidden.end;
      continue;
    }
    const letter = text[at];
    if (letter !== "$" && letter !== "\\") {
      at++;
      continue;
    }
    while ((leaves[leafIndex]?.end ?? Infinity) <= at) leafIndex++;
    const leaf = leaves[leafIndex];
    const within = leaf !== undefined && leaf.start <= at ? leaf.end : at;
    const end = formulaEnd(text, at, within, opaque.slice(opaqueIndex, opaqueIndex + opaqueLookahead));
    if (end !== undefined) {
      found.push({ start: at, end });
      at = end;
      continue;
    }
    // An escaped character, or a run of dollars that opens nothing.
    if (letter === "\\") at += 2;
    else while (text[at] === "$") at++;
  }
  return found;
}

/** Pieces of code inside one formula are few. */
const opaqueLookahead = 64;

function formulaEnd(text: string, at: number, leafEnd: number, opaque: readonly Range[]): number | undefined {
  const rest = text.slice(at, at + 12);
  if (rest.startsWith("$$")) {
    const end = closing(text, at + 2, blockLimit(text, at), "$$", opaque);
    if (end === undefined || text.slice(at + 2, end - 2).trim() === "") return undefined;
    return end <= leafEnd || (startsLine(text, at) && endsLine(text, end)) ? end : undefined;
  }
  if (rest.startsWith("$")) return dollarEnd(text, at, leafEnd, opaque);
  const environment = /^\\begin\{([A-Za-z]+\*?)\}/.exec(text.slice(at, at + 40));
  if (environment !== null) {
    const end = closing(
      text,
      at + environment[0].length,
      blockLimit(text, at),
      `\\end{${environment[1] ?? ""}}`,
      opaque,
    );
    return end !== undefined && (end <= leafEnd || startsLine(text, at)) ? end : undefined;
  }
  const parenthesis = /^(\\\\?)([([])/.exec(rest);
  if (parenthesis === null) return undefined;
  const [opening, slashes = "", bracket] = parenthesis;
  const close = slashes + (bracket === "(" ? ")" : "]");
  if (bracket === "(") {
    const end = closing(text, at + opening.length, leafEnd, close, opaque);
    return end === undefined || /^\s*$/.test(text.slice(at + opening.length, end - close.length))
      ? undefined
      : end;
  }
  // `\[note\]` in the middle of a line is a bracket that somebody escaped.
  if (!startsLine(text, at)) return undefined;
  const end = closing(text, at + opening.length, blockLimit(text, at), close, opaque);
  return end !== undefined && endsLine(text, end) ? end : undefined;
}

/** Pandoc's rule: no space behind the opening dollar, none before the closing one, and no digit behind that. */
function dollarEnd(text: string, at: number, limit: number, opaque: readonly Range[]): number | undefined {
  if (/^[\s$]?$/.test(text.slice(at + 1, at + 2))) return undefined;
  for (let index = at + 1; index < limit;) {
    const hidden = opaque.find(({ start, end }) => start <= index && index < end);
    if (hidden !== undefined) index = hidden.end;
    else if (text[index] === "\\") index += 2;
    else if (text[index] !== "$") index++;
    else if (/\s/.test(text[index - 1] ?? "")) return undefined;
    else if (/\d/.test(text[index + 1] ?? "")) index++;
    else return index + 1;
  }
  return undefined;
}

/** The end of the first `mark` that is neither escaped nor in code. */
function closing(
  text: string,
  from: number,
  limit: number,
  mark: string,
  opaque: readonly Range[],
): number | undefined {
  for (let index = from; index + mark.length <= limit;) {
    const hidden = opaque.find(({ start, end }) => start <= index && index < end);
    if (hidden !== undefined) index = hidden.end;
    else if (text.startsWith(mark, index)) return index + mark.length;
    else index += text[index] === "\\" ? 2 : 1;
  }
  return undefined;
}

/** Where the lines around `at` end: at an empty line or a fence. */
function blockLimit(text: string, at: number): number {
  blankLine.lastIndex = at;
  const limit = blankLine.exec(text)?.index ?? text.length;
  const fenced = text.slice(at, limit).search(fence);
  return fenced < 0 ? limit : at + fenced;
}

function startsLine(text: string, at: number): boolean {
  const line = text.slice(lineStart(text, at), at);
  return at === 0 || /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*$/.test(line);
}

function endsLine(text: string, at: number): boolean {
  return /^[ \t]*(?:[.,;:][ \t]*)?(?:[\r\n]|$)/.test(text.slice(at, at + 80));
}

/** The text with every formula as a word between dollars, of the same length, which Markdown leaves alone. */
export function maskFormulas(text: string, formulas: readonly Range[]): string {
  let masked = "";
  let done = 0;
  for (const { start, end } of formulas) {
    const quotes = /^[ \t>]*/.exec(text.slice(lineStart(text, start), start))?.[0].split(">").length ?? 1;
    const inside = text.slice(start + 1, end - 1).split(/(\r\n|\n|\r)/);
    const letters = inside.map((line, index) => {
      if (index % 2 === 1) return line;
      const prefix = index === 0 ? "" : linePrefix(line, quotes - 1);
      return prefix + filler.repeat(line.length - prefix.length);
    });
    masked += `${text.slice(done, start)}$${letters.join("")}$`;
    done = end;
  }
  return masked + text.slice(done);
}

/** Indentation and the marks of so many quotations. */
function linePrefix(line: string, quotes: number): string {
  return new RegExp(`^(?:[ \\t]*>){0,${quotes}}[ \\t]*`).exec(line)?.[0] ?? "";
}
