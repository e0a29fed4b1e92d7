// A program's output taken apart into text, control characters and escape sequences, however it comes in pieces.
// Knows none of their meanings.

export type Sequence =
  | { readonly kind: "text"; readonly text: string }
  /** One control character. */
  | { readonly kind: "control"; readonly code: string }
  /** CSI: parameters with their intermediate characters, and the final one. */
  | { readonly kind: "control-sequence"; readonly parameters: string; readonly final: string }
  /** ESC and what belongs to it. */
  | { readonly kind: "escape"; readonly text: string }
  /** An operating system command, device control string or the like, as it came. */
  | { readonly kind: "string"; readonly text: string };

/** An escape sequence longer than this is no escape sequence. */
const maxSequence = 4_096;

// C0 and C1 controls end a run of printable text.
// oxlint-disable-next-line no-control-regex -- control characters are what a terminal is about
const printable = /[^\x00-\x1f\x7f-\x9f]+/y;
// oxlint-disable-next-line no-control-regex -- as above
const csi = /(?:\x1b\[|\x9b)([0-?]*[ -/]*)([@-~])/y;
const stringSequence =
  // oxlint-disable-next-line no-control-regex -- as above
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x18\x1a\x1b\x9c]*(?:[\x07\x18\x1a\x9c]|\x1b\\|(?=\x1b[^\\]))/y;
// oxlint-disable-next-line no-control-regex -- as above
const shortSequence = /\x1b[ -/]*[0-~]/y;
// oxlint-disable-next-line no-control-regex -- as above
const unfinishedShort = /^\x1b[ -/]*$/;

export class SequenceReader {
  #pending = "";

  /** A sequence that has begun. */
  get pending(): string {
    return this.#pending;
  }

  reset(): void {
    this.#pending = "";
  }

  *read(piece: string): Generator<Sequence> {
    const text = this.#pending + piece;
    this.#pending = "";
    let index = 0;
    while (index < text.length) {
      printable.lastIndex = index;
      const plain = printable.exec(text);
      if (plain !== null) {
        yield { kind: "text", text: plain[0] };
        index = printable.lastIndex;
        continue;
      }
      const found = sequenceAt(text, index);
      if (found === undefined) {
        // The rest of the sequence comes with the next piece, unless it is too long to be one.
        if (text.length - index <= maxSequence) this.#pending = text.slice(index);
        return;
      }
      if (found.sequence !== undefined) yield found.sequence;
      index = found.end;
    }
  }
}

interface Found {
  readonly end: number;
  /** Left out where it is broken. */
  readonly sequence?: Sequence;
}

/** The sequence that begins at `index`, or undefined where it is incomplete. */
function sequenceAt(text: string, index: number): Found | undefined {
  const code = text[index] ?? "";
  const next = text[index + 1];
  if (code === "\x9b" || (code === "\x1b" && next === "[")) return controlSequenceAt(text, index);
  if (
    "\x9d\x90\x98\x9e\x9f".includes(code) ||
    (code === "\x1b" && next !== undefined && "]PX^_".includes(next))
  ) {
    stringSequence.lastIndex = index;
    const match = stringSequence.exec(text);
    if (match === null) return undefined;
    return { end: stringSequence.lastIndex, sequence: { kind: "string", text: match[0] } };
  }
  if (code !== "\x1b") return { end: index + 1, sequence: { kind: "control", code } };
  shortSequence.lastIndex = index;
  const short = shortSequence.exec(text);
  if (short !== null) return { end: shortSequence.lastIndex, sequence: { kind: "escape", text: short[0] } };
  return unfinishedShort.test(text.slice(index, index + maxSequence)) ? undefined : { end: index + 1 };
}

function controlSequenceAt(text: string, index: number): Found | undefined {
  csi.lastIndex = index;
  const match = csi.exec(text);
  if (match !== null) {
    const [, parameters = "", final = ""] = match;
    return { end: csi.lastIndex, sequence: { kind: "control-sequence", parameters, final } };
  }
  // A character that fits no control sequence ends it, as in xterm.
  const start = text[index] === "\x9b" ? index + 1 : index + 2;
  const broken = text.slice(start).search(/[^ -?]/);
  return broken === -1 ? undefined : { end: start + broken };
}
