// Lines of a text.

/** Where the line that holds `at` begins. Lines end as in Markdown: LF, CRLF or CR. */
export function lineStart(text: string, at: number): number {
  // A negative position is taken for 0 by lastIndexOf, so that a text that begins with an empty line would go wrong.
  if (at === 0) return 0;
  return Math.max(text.lastIndexOf("\n", at - 1), text.lastIndexOf("\r", at - 1)) + 1;
}

/** The lines of a text, each with the LF that ends it; the last one may have none. */
export function splitLines(text: string): string[] {
  const lines: string[] = [];
  let from = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
    lines.push(text.slice(from, end + 1));
    from = end + 1;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
}
