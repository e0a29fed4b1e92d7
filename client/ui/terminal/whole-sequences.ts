// Cuts a program's output only between escape sequences and between characters, as VT500 parsers see them
// (https://vt100.net/emu/dec_ansi_parser). Whatever begins to watch at such a cut misses half of nothing.

import { concatBytes, emptyBytes } from "#core/base/bytes.ts";

/** A control sequence or device control string before its final byte. */
type Head = "entry" | "parameters" | "intermediates" | "ignored";
type ParserState =
  | "ground"
  | "escape"
  | "escape-rest"
  | `csi-${Head}`
  | `dcs-${Head}`
  | "dcs-data"
  | "osc"
  | "string";

/** Bytes. A sequence that is longer is no sequence that a terminal understands: it is passed on as it comes. */
const longestSequence = 1024 * 1024;

/** What stands for bytes that are no UTF-8: a terminal draws nothing for them. */
const noCharacter = -1;

export class WholeSequences {
  #state: ParserState = "ground";
  #held: Uint8Array[] = [];
  #heldLength = 0;
  /** Bytes of a character that are still to come, and its code point so far. */
  #missing = 0;
  #code = 0;

  /** The bytes up to the last cut, which may be none; the rest comes with a later piece. */
  push(piece: Uint8Array): Uint8Array {
    let cut = -1;
    for (let index = 0; index < piece.length; index++) {
      this.#take(piece[index] ?? 0);
      if (this.#state === "ground" && this.#missing === 0) cut = index + 1;
    }
    if (cut === -1) {
      this.#hold(piece);
      return this.#heldLength > longestSequence ? this.flush() : emptyBytes;
    }
    const whole = concatBytes([...this.#held, piece.subarray(0, cut)]);
    this.#held = [];
    this.#heldLength = 0;
    this.#hold(piece.subarray(cut));
    return whole;
  }

  /** What was held, however it ends. */
  flush(): Uint8Array {
    const held = concatBytes(this.#held);
    this.#held = [];
    this.#heldLength = 0;
    return held;
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#held.push(bytes.slice());
    this.#heldLength += bytes.length;
  }

  #take(byte: number): void {
    if (this.#missing > 0 && (byte & 0xc0) === 0x80) {
      this.#code = (this.#code << 6) | (byte & 0x3f);
      this.#missing -= 1;
      if (this.#missing === 0) this.#state = nextState(this.#state, this.#code);
      return;
    }
    this.#missing = 0;
    if (byte < 0x80) this.#state = nextState(this.#state, byte);
    else if (byte >= 0xf0 && byte <= 0xf7) this.#begin(3, byte & 0x07);
    else if (byte >= 0xe0) this.#begin(byte > 0xf7 ? 0 : 2, byte & 0x0f);
    else if (byte >= 0xc2) this.#begin(1, byte & 0x1f);
  }

  #begin(missing: number, code: number): void {
    this.#missing = missing;
    this.#code = missing === 0 ? noCharacter : code;
  }
}

function nextState(state: ParserState, code: number): ParserState {
  // These are taken in every state.
  if (code === 0x1b) return "escape";
  if (code === 0x18 || code === 0x1a || code === 0x9c) return "ground";
  if (code >= 0x80 && code <= 0x9f) return afterC1(code);
  switch (state) {
    case "ground":
      return "ground";
    case "escape":
      return afterEscape(code);
    case "escape-rest":
      return code < 0x30 || code === 0x7f ? state : "ground";
    case "csi-entry":
    case "csi-parameters":
    case "csi-intermediates":
    case "csi-ignored":
      return isFinal(code) ? "ground" : nextHead(state, code);
    case "dcs-entry":
    case "dcs-parameters":
    case "dcs-intermediates":
      return isFinal(code) ? "dcs-data" : nextHead(state, code);
    case "dcs-ignored":
    case "dcs-data":
      return state;
    case "osc":
      return code === 0x07 ? "ground" : "osc";
    case "string":
      return code >= 0xa0 ? "ground" : "string";
    default:
      return state satisfies never;
  }
}

function isFinal(code: number): boolean {
  return code >= 0x40 && code <= 0x7e;
}

/** What a byte that is not the final one makes of the head of a sequence. */
function nextHead(state: `${"csi" | "dcs"}-${Head}`, code: number): ParserState {
  const kind = state.startsWith("csi") ? "csi" : "dcs";
  if (state.endsWith("ignored") || code < 0x20 || code === 0x7f) return state;
  if (code >= 0xa0) return "ground";
  if (code < 0x30) return `${kind}-intermediates`;
  if (state.endsWith("intermediates") || (state.endsWith("parameters") && code >= 0x3c))
    return `${kind}-ignored`;
  return `${kind}-parameters`;
}

function afterC1(code: number): ParserState {
  switch (code) {
    case 0x90:
      return "dcs-entry";
    case 0x98:
    case 0x9e:
    case 0x9f:
      return "string";
    case 0x9b:
      return "csi-entry";
    case 0x9d:
      return "osc";
    default:
      return "ground";
  }
}

function afterEscape(code: number): ParserState {
  if (code < 0x20 || code === 0x7f) return "escape";
  if (code < 0x30) return "escape-rest";
  switch (code) {
    case 0x5b: // [
      return "csi-entry";
    case 0x5d: // ]
      return "osc";
    case 0x50: // P
      return "dcs-entry";
    case 0x58: // X
    case 0x5e: // ^
    case 0x5f: // _
      return "string";
    default:
      return "ground";
  }
}
