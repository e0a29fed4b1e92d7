// A text as it is printed: every line, coloured with the tokens of the interface, which are the light ones on paper.

/** A run of one colour. */
interface ColouredSpan {
  readonly text: string;
  /** A token's name, such as "syntax-keyword". */
  readonly colour: string;
}

/** Divides a text into lines of coloured spans. */
export type Colourer = (text: string, language: string) => readonly (readonly ColouredSpan[])[];

/** Some 200 pages: more is said to be left out. */
const mostLines = 10_000;

/** Without `colours` (the editor has not loaded) it is plain. */
export function printedCode(text: string, language: string, colours: Colourer | undefined): HTMLElement {
  const element = document.createElement("div");
  element.className = "code-editor-print";
  const lines = text.split(/\r\n|\r|\n/);
  // The end of the last line begins no other.
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  const shown = lines.slice(0, mostLines);
  const coloured = colours?.(shown.join("\n"), language);
  element.append(
    ...shown.map((line, index) => {
      const row = document.createElement("div");
      row.append(...(coloured?.[index]?.map(spanOf) ?? [line]));
      return row;
    }),
  );
  if (lines.length > mostLines) {
    const note = document.createElement("p");
    note.textContent = `${(lines.length - mostLines).toLocaleString("en")} more lines are not printed.`;
    element.append(note);
  }
  return element;
}

function spanOf({ text, colour }: ColouredSpan): Node {
  if (colour === "ink") return document.createTextNode(text);
  const span = document.createElement("span");
  span.style.color = `var(--${colour})`;
  span.textContent = text;
  return span;
}
