// How much work it is at most to read a Markdown text, without reading it: the parser takes time with the square of a
// paragraph's lines and of its brackets, and goes as deep as quotations are nested. Counts, so that results repeat.

/** Quotations and lists within each other: beyond this a text is nobody's, and the parser may run out of stack. */
const deepest = 200;

const workPerCharacter = 4;
const workPerLinePair = 0.01;
const workPerMarkPair = 0.05;
const workPerLevelPair = 0.2;

const containers = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*/;

/** About in microseconds; infinite where the text cannot be read. */
export function markdownWork(text: string): number {
  let work = text.length * workPerCharacter;
  let [lines, marks] = [0, 0];
  const endParagraph = (): void => {
    work += lines * lines * workPerLinePair + marks * marks * workPerMarkPair;
    [lines, marks] = [0, 0];
  };
  for (let from = 0; from < text.length;) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
    const prefix = containers.exec(line)?.[0] ?? "";
    const level = count(prefix, /[^ \t\d]/g);
    if (level > deepest) return Number.POSITIVE_INFINITY;
    // Lists are nested by indentation too.
    const indent = level + count(prefix, / {2}|\t/g);
    work += indent * indent * workPerLevelPair;
    if (line.trim() === "") endParagraph();
    else {
      lines++;
      marks += count(line, /[[\]*_~`<&\\@:]/g);
    }
  }
  endParagraph();
  return work;
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found++;
  return found;
}
