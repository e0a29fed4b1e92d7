// Finding in one text: what is searched for as a pattern, and the lines where it stands. Pure.

export interface Query {
  readonly text: string;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  readonly regex: boolean;
}

/** A pattern as it travels to the worker. */
export interface Pattern {
  readonly source: string;
  readonly flags: string;
}

export interface Match {
  /** 1 is the first. */
  readonly line: number;
  /** The line around the match, cut to what a narrow column can show. */
  readonly before: string;
  readonly hit: string;
  readonly after: string;
}

/** Characters of a line before a match: the match stays in sight in a narrow column. */
const mostBefore = 24;
const mostHit = 200;
const mostAfter = 160;

/** Matches of one text at most. */
const mostInText = 200;

const wordStart = String.raw`(?<![\p{L}\p{N}_])`;
const wordEnd = String.raw`(?![\p{L}\p{N}_])`;

/** The pattern, or in words why there is none. */
export function patternOf(query: Query): Pattern | { readonly problem: string } {
  const inner = query.regex
    ? query.text
    : query.text.replaceAll(/[$()*+./?[\\\]^{|}-]/g, (letter) =>
        letter === "-" ? String.raw`\x2d` : `\\${letter}`,
      );
  const source = query.wholeWord ? `${wordStart}(?:${inner})${wordEnd}` : inner;
  const flags = query.matchCase ? "gmu" : "gimu";
  try {
    void new RegExp(inner, flags);
    return { source, flags };
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /, "") : "";
    return { problem: `This is not a regular expression${detail === "" ? "" : `: ${detail}`}.` };
  }
}

/** Where the pattern stands in a text, from the top; a line may be there several times. */
export function findInText(text: string, pattern: Pattern, most = mostInText): Match[] {
  const expression = new RegExp(pattern.source, pattern.flags);
  const matches: Match[] = [];
  let line = 1;
  let counted = 0;
  for (const found of text.matchAll(expression)) {
    const [hit] = found;
    if (hit === "") continue; // "a*" stands everywhere
    for (
      let at = text.indexOf("\n", counted);
      at >= 0 && at < found.index;
      at = text.indexOf("\n", counted)
    ) {
      line += 1;
      counted = at + 1;
    }
    matches.push({ line, ...preview(text, counted, found.index, hit) });
    if (matches.length === most) break;
  }
  return matches;
}

function preview(text: string, lineStart: number, index: number, hit: string): Omit<Match, "line"> {
  const head = text.slice(Math.max(lineStart, index - 4 * mostBefore), index).trimStart();
  const before = head.length > mostBefore ? `…${head.slice(-mostBefore)}` : head;
  const [firstLine = ""] = hit.split("\n", 1);
  const end = index + hit.length;
  const lineEnd = text.indexOf("\n", end);
  const after = firstLine === hit ? text.slice(end, lineEnd < 0 ? undefined : lineEnd) : " …";
  return { before, hit: firstLine.slice(0, mostHit), after: after.slice(0, mostAfter) };
}
