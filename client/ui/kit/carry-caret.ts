// Where a caret goes when what it is in is shown as something else: code as prose, a text as a notebook. Pure.

/** A caret in a text. */
export interface CaretIn {
  readonly text: string;
  /** UTF-16 units before it. */
  readonly offset: number;
}

/** Where an editor that goes leaves its caret for the one that comes in its place. */
export class CaretHandover {
  #caret: CaretIn | undefined;

  /** Of an editor that has the focus; undefined where it has not. */
  leave(caret: CaretIn | undefined): void {
    this.#caret = caret;
  }

  get full(): boolean {
    return this.#caret !== undefined;
  }

  /** Once, by the editor that comes in the same drawing. */
  take(): CaretIn | undefined {
    const caret = this.#caret;
    this.#caret = undefined;
    return caret;
  }
}

const wordUnit = /[\p{L}\p{N}\p{M}\p{Cs}]/u;

/**
 * The same place in a text that says the same with other marks, spaces and line breaks: behind as many letters and
 * digits, and behind the marks that stand before the caret, as far as they are there as well.
 */
export function carryCaret({ text, offset }: CaretIn, into: string): number {
  if (text === into) return offset;
  let words = 0;
  let tail = 0;
  for (let at = 0; at < offset; at++) {
    if (wordUnit.test(text[at] ?? "")) {
      words += 1;
      tail = at + 1;
    }
  }
  let to = 0;
  for (let left = words; left > 0 && to < into.length; to++) if (wordUnit.test(into[to] ?? "")) left -= 1;
  for (const unit of text.slice(tail, offset)) {
    if (into.startsWith(unit, to)) to += unit.length;
    else if (unit === "\n" && /\s/.test(into[to] ?? "")) to += 1;
  }
  return to;
}

/**
 * The spaces behind a word that a caret stood behind, where the text that it was carried into has none: Markdown has
 * no spaces at the end of a line, but the next word is going to come behind them.
 */
export function missingSpaces({ text, offset }: CaretIn, now: CaretIn): string {
  const spaces = /[\p{L}\p{N}.,;:!?)"'\]](?<spaces>[ \t]+)$/u.exec(text.slice(0, offset))?.groups?.["spaces"];
  const rest = now.text.slice(now.offset);
  const atEnd = rest === "" || rest.startsWith("\n");
  return spaces === undefined || !atEnd || /\s$/.test(now.text.slice(0, now.offset)) ? "" : spaces;
}
