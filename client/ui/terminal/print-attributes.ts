// A character's attributes as the escape sequences that set them, whatever was set before.

import type { Attributes } from "./xterm-state.ts";

const flagsOfFg = { inverse: 0x4000000, bold: 0x8000000, underline: 0x10000000, blink: 0x20000000 } as const;
const invisible = 0x40000000;
const strikethrough = 0x80000000;
const italic = 0x4000000;
const dim = 0x8000000;
const extended = 0x10000000;
const protectedFlag = 0x20000000;
const overline = 0x40000000;

const modeMask = 0x3000000;
const palette16 = 0x1000000;
const palette256 = 0x2000000;
const rgb = 0x3000000;
const colourMask = 0x3ffffff;
const underlineStyleShift = 26;

type Link = { readonly id?: string; readonly uri: string } | undefined;

export function printAttributes(attributes: Attributes, link: (id: number) => Link): string {
  const { fg, bg } = attributes;
  const sgr = ["0"];
  const flag = (value: number, mask: number, code: string): void => {
    if ((value & mask) !== 0) sgr.push(code);
  };
  flag(fg, flagsOfFg.bold, "1");
  flag(bg, dim, "2");
  flag(bg, italic, "3");
  flag(fg, flagsOfFg.blink, "5");
  flag(fg, flagsOfFg.inverse, "7");
  flag(fg, invisible, "8");
  flag(fg, strikethrough, "9");
  flag(bg, overline, "53");
  sgr.push(...colour(fg, "3", "9"), ...colour(bg, "4", "10"));
  const { _ext: ext, urlId } = attributes.extended;
  if ((fg & flagsOfFg.underline) !== 0) {
    // A restored cursor brings the flag along, and no style: then nothing is drawn.
    const style = (bg & extended) === 0 ? 1 : (ext >> underlineStyleShift) & 7;
    if (style !== 0) sgr.push(style === 1 ? "4" : `4:${style}`);
  }
  sgr.push(...underlineColour(ext & colourMask));
  let script = `\x1b[${sgr.join(";")}m`;
  if ((bg & protectedFlag) !== 0) script += '\x1b[1"q';
  const target = urlId === 0 || (bg & extended) === 0 ? undefined : link(urlId);
  // Cells of one link stay one link, however many lines it has.
  return `${script}\x1b]8;${target === undefined ? ";" : `id=${target.id ?? `link-${urlId}`};${target.uri}`}\x07`;
}

/** Of underlines and links a terminal saves that there are some, not which: any will do. */
export function printSavedAttributes({ fg, bg }: Attributes): string {
  const linked = (bg & extended) !== 0 && (fg & flagsOfFg.underline) === 0;
  const some = { _ext: 1 << underlineStyleShift, urlId: linked ? 1 : 0 };
  return printAttributes({ fg, bg, extended: some }, () => ({ uri: "about:blank" }));
}

function colour(value: number, normal: "3" | "4", bright: "9" | "10"): string[] {
  const index = value & 0xff;
  switch (value & modeMask) {
    case palette16:
      return [index < 8 ? `${normal}${index}` : `${bright}${index - 8}`];
    case palette256:
      return [`${normal}8;5;${index}`];
    case rgb:
      return [`${normal}8;2;${(value >> 16) & 0xff};${(value >> 8) & 0xff};${index}`];
    default:
      return [];
  }
}

function underlineColour(value: number): string[] {
  if (value === colourMask) return ["59"];
  switch (value & modeMask) {
    case palette16:
    case palette256:
      return [`58;5;${value & 0xff}`];
    case rgb:
      return [`58;2;${(value >> 16) & 0xff};${(value >> 8) & 0xff};${value & 0xff}`];
    default:
      return [];
  }
}
