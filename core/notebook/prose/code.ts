// A code block in prose changed line by line: lines that are still there keep their source, indentation included, and
// the fence keeps its length and its words unless the code holds such a run now.

import { commonSubsequence } from "#core/text/align.ts";
import type { Range } from "#core/notebook/markdown/formula.ts";
import type { Edit } from "./inline.ts";

interface SourceLine extends Range {
  /** What stands before the code in this line. */
  readonly lead: string;
}

/** `prefix` begins a line of the container. undefined where the source's lines are not the code's. */
export function codeEdits(
  source: string,
  block: Range,
  code: string,
  wanted: string,
  prefix: string,
): Edit[] | undefined {
  const lines = linesOf(source, block);
  const opening = /^( {0,3})(`{3,}|~{3,})/.exec(source.slice(block.start, lines[0]?.end));
  const [, indent = "", fence = ""] = opening ?? [];
  const last = lines.at(-1);
  const closing =
    opening === null || last === undefined || lines.length < 2
      ? null
      : new RegExp(`^[ \\t>]*(${fence[0] ?? ""}{${fence.length},})[ \\t]*$`).exec(
          source.slice(last.start, last.end),
        );
  const body = lines.slice(opening === null ? 0 : 1, closing === null ? undefined : -1);
  const oldLines = code === "" && body.length === 0 ? [] : code.split("\n");
  const newLines = wanted === "" ? [] : wanted.split("\n");
  if (body.length < oldLines.length || (newLines.length === 0 && opening === null)) return undefined;
  const placed = oldLines.map((text, index) => withLead(source, body[index] ?? block, text));
  const edits: Edit[] = [];
  const longest = Math.max(0, ...runsOf(wanted, fence[0] ?? ""));
  if (opening !== null && longest >= fence.length) {
    const longer = (fence[0] ?? "").repeat(longest + 1);
    const at = block.start + indent.length;
    edits.push({ start: at, end: at + fence.length, text: longer });
    if (closing !== null && last !== undefined) {
      const end = last.start + closing[0].trimEnd().length;
      edits.push({ start: end - (closing[1]?.length ?? 0), end, text: longer });
    }
  }
  const lead = prefix + (opening === null ? "" : indent);
  let [from, to] = [0, 0];
  for (const [oldIndex, newIndex] of [
    ...commonSubsequence(oldLines, newLines),
    [oldLines.length, newLines.length] as const,
  ]) {
    const added = newLines.slice(to, newIndex);
    const removed = placed.slice(from, oldIndex);
    if (added.length > 0 || removed.length > 0) {
      const texts = added.map((text, index) => {
        const own = removed[index];
        const near = own ?? placed[Math.min(from, placed.length - 1)];
        if (own !== undefined) return rewritten(source, own, oldLines[from + index] ?? "", text, lead);
        return text === ""
          ? prefix.trimEnd()
          : (near?.start === block.start ? lead : (near?.lead ?? lead)) + text;
      });
      const edit = lineEdit(lines, body, placed, from, oldIndex, texts);
      if (edit === undefined) return undefined;
      edits.push(edit);
    }
    [from, to] = [oldIndex + 1, newIndex + 1];
  }
  return edits.toSorted((a, b) => a.start - b.start);
}

/** Replaces the code's lines from `from` to `to`, with the line breaks that come or go. */
function lineEdit(
  lines: readonly Range[],
  body: readonly Range[],
  placed: readonly Range[],
  from: number,
  to: number,
  texts: readonly string[],
): Edit | undefined {
  const [first, last] = [placed[from], placed[to - 1]];
  if (to > from && first !== undefined && last !== undefined) {
    if (texts.length > 0) return { start: first.start, end: last.end, text: texts.join("\n") };
    // With the line break before, or the one behind.
    const before = lines[lines.indexOf(body[from] ?? first) - 1];
    if (before !== undefined) return { start: before.end, end: last.end, text: "" };
    const after = placed[to];
    return after === undefined ? undefined : { start: first.start, end: after.start, text: "" };
  }
  const before =
    from === 0 ? lines[lines.indexOf(body[0] ?? lines[0] ?? { start: 0, end: 0 }) - 1] : placed[from - 1];
  const place = before ?? (body.length === 0 ? lines[0] : undefined);
  if (place !== undefined)
    return { start: place.end, end: place.end, text: texts.map((text) => `\n${text}`).join("") };
  const after = placed[from];
  return after === undefined
    ? undefined
    : { start: after.start, end: after.start, text: texts.map((text) => `${text}\n`).join("") };
}

function linesOf(source: string, { start, end }: Range): Range[] {
  const lines: Range[] = [];
  let at = start;
  for (const line of source.slice(start, end).split("\n")) {
    lines.push({ start: at, end: at + line.replace(/\r$/, "").length });
    at += line.length + 1;
  }
  return lines;
}

function withLead(source: string, line: Range, text: string): SourceLine {
  const written = source.slice(line.start, line.end);
  return { ...line, lead: written.endsWith(text) ? written.slice(0, written.length - text.length) : "" };
}

/** The line with another text; what both have in common at the end need not be known, nor how it is indented. */
function rewritten(source: string, line: SourceLine, old: string, text: string, lead: string): string {
  const written = source.slice(line.start, line.end);
  let shared = 0;
  while (shared < Math.min(written.length, old.length) && written.at(-1 - shared) === old.at(-1 - shared))
    shared++;
  const inner = old.slice(0, old.length - shared);
  return text.startsWith(inner) && (old !== "" || text === "")
    ? written.slice(0, written.length - shared) + text.slice(inner.length)
    : lead + text;
}

function runsOf(text: string, marker: string): number[] {
  if (marker === "") return [];
  const runs = text.matchAll(new RegExp(`^ {0,3}(${marker}{3,})[ \\t]*$`, "gm"));
  return [...runs].map(([, run = ""]) => run.length);
}
