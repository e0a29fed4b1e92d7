// How many columns of a terminal a text takes. A character is what Unicode calls an extended grapheme cluster, as in
// the terminals; each has one or two columns.

import { eastAsianWidth } from "get-east-asian-width";

/** A character and its columns. */
export interface Character {
  readonly text: string;
  readonly width: 1 | 2;
}

/** Texts of which every code unit is one character of one column: nearly all there are. */
const plain = /^[\x20-\x7e\u00a0-\u02ff\u0370-\u0482\u2010-\u2027\u2190-\u2199\u2500-\u25fc]*$/;

/** The same and what is wide: kana, ideographs, syllables. Those of one text never join. */
const apart =
  /^[\x20-\x7e\u00a0-\u02ff\u0370-\u0482\u2010-\u2027\u2190-\u2199\u2500-\u25fc\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]*$/;
const wide = /[\u3041-\ud7a3]/g;

/** Draws the character before it as a picture, which is wide. */
const pictureSelector = 0xfe0f;

/** Code units that are segmented in one go: the time that it takes grows with the square of the length. */
const pieceLength = 256;

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

export function isPlain(text: string): boolean {
  return plain.test(text);
}

export function columnsOf(text: string): number {
  if (isPlain(text)) return text.length;
  if (apart.test(text)) return text.length + (text.match(wide)?.length ?? 0);
  return charactersOf(text).reduce((sum, { width }) => sum + width, 0);
}

export function charactersOf(text: string): Character[] {
  if (apart.test(text))
    return Array.from(text, (letter) => ({ text: letter, width: letter < "\u3041" ? 1 : 2 }));
  const characters: Character[] = [];
  let start = 0;
  while (start < text.length) {
    const piece = text.slice(start, start + pieceLength);
    const segments = Array.from(segmenter.segment(piece), ({ segment }) => segment);
    // The last one may go on in the next piece.
    if (start + piece.length < text.length && segments.length > 1) segments.pop();
    for (const segment of segments) {
      characters.push({ text: segment, width: widthOf(segment) });
      start += segment.length;
    }
  }
  return characters;
}

function widthOf(character: string): 1 | 2 {
  let flags = 0;
  for (const letter of character) {
    const code = letter.codePointAt(0) ?? 0;
    if (code === pictureSelector || eastAsianWidth(code) === 2) return 2;
    if (code >= 0x1f1e6 && code <= 0x1f1ff) flags += 1;
  }
  return flags > 1 ? 2 : 1;
}
