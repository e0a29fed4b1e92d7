// How a piece of output looks: what the SGR escape sequences of a terminal say, as an immutable value. Knows no DOM.

/** A colour of the palette (0-255) or a true colour "#rrggbb"; undefined is the page's own. */
export type Colour = number | `#${string}` | undefined;

export interface Style {
  readonly foreground: Colour;
  readonly background: Colour;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  readonly inverse: boolean;
  readonly hidden: boolean;
  /** Where a hyperlink (OSC 8) leads. */
  readonly link: string | undefined;
}

export const plainStyle: Style = {
  foreground: undefined,
  background: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
  hidden: false,
  link: undefined,
};

export function sameStyle(a: Style, b: Style): boolean {
  return (
    a === b ||
    (a.foreground === b.foreground &&
      a.background === b.background &&
      a.bold === b.bold &&
      a.dim === b.dim &&
      a.italic === b.italic &&
      a.underline === b.underline &&
      a.strike === b.strike &&
      a.inverse === b.inverse &&
      a.hidden === b.hidden &&
      a.link === b.link)
  );
}

function byte(value: number | undefined): number {
  return Math.max(0, Math.min(255, value ?? 0));
}

function trueColour(red: number | undefined, green: number | undefined, blue: number | undefined): Colour {
  const hex = [red, green, blue].map((part) => byte(part).toString(16).padStart(2, "0")).join("");
  return `#${hex}`;
}

/** The colour after a 38 or 48 in `values` at `index`, and how many values it took. */
function extendedColour(values: readonly number[], index: number): { colour: Colour; taken: number } {
  if (values[index] === 5) return { colour: byte(values[index + 1]), taken: 2 };
  if (values[index] === 2)
    return { colour: trueColour(values[index + 1], values[index + 2], values[index + 3]), taken: 4 };
  return { colour: undefined, taken: 1 };
}

/** "38:2::r:g:b", "38:2:r:g:b" or "38:5:n": the colon form carries an optional colour space before the values. */
function colonColour(parts: readonly number[]): Colour {
  if (parts[1] === 5) return byte(parts[2]);
  const rgb = parts.length >= 6 ? parts.slice(3) : parts.slice(2);
  return trueColour(rgb[0], rgb[1], rgb[2]);
}

/** The style after `ESC [ parameters m`. What is unknown changes nothing. */
export function applySgr(style: Style, parameters: string): Style {
  const next: { -readonly [Key in keyof Style]: Style[Key] } = { ...style };
  const groups = parameters.split(";");
  const values = groups.map((group) => Number.parseInt(group, 10) || 0);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    const group = groups[index] ?? "";
    if (group.includes(":")) {
      const parts = group.split(":").map((part) => Number.parseInt(part, 10) || 0);
      if (value === 38) next.foreground = colonColour(parts);
      else if (value === 48) next.background = colonColour(parts);
      else if (value === 4) next.underline = parts[1] !== 0;
      continue;
    }
    // A link ends where it is closed, whatever the colours do.
    if (value === 0) Object.assign(next, plainStyle, { link: style.link });
    else if (value === 1) next.bold = true;
    else if (value === 2) next.dim = true;
    else if (value === 3) next.italic = true;
    else if (value === 4 || value === 21) next.underline = true;
    else if (value === 7) next.inverse = true;
    else if (value === 8) next.hidden = true;
    else if (value === 9) next.strike = true;
    else if (value === 22) {
      next.bold = false;
      next.dim = false;
    } else if (value === 23) next.italic = false;
    else if (value === 24) next.underline = false;
    else if (value === 27) next.inverse = false;
    else if (value === 28) next.hidden = false;
    else if (value === 29) next.strike = false;
    else if (value >= 30 && value <= 37) next.foreground = value - 30;
    else if (value === 39) next.foreground = undefined;
    else if (value >= 40 && value <= 47) next.background = value - 40;
    else if (value === 49) next.background = undefined;
    else if (value >= 90 && value <= 97) next.foreground = value - 90 + 8;
    else if (value >= 100 && value <= 107) next.background = value - 100 + 8;
    else if (value === 38 || value === 48) {
      const { colour, taken } = extendedColour(values, index + 1);
      if (value === 38) next.foreground = colour;
      else next.background = colour;
      index += taken;
    }
  }
  return sameStyle(next, plainStyle) ? plainStyle : next;
}

/** The style with a link, or without one. */
export function withLink(style: Style, link: string | undefined): Style {
  const next = { ...style, link };
  return sameStyle(next, plainStyle) ? plainStyle : next;
}

/** The escape sequences that make the style, whatever it was before. */
export function printStyle(style: Style, before: Style): string {
  if (sameStyle(style, before)) return "";
  const link = style.link === before.link ? "" : `\x1b]8;;${style.link ?? ""}\x1b\\`;
  if (sameStyle({ ...style, link: undefined }, { ...before, link: undefined })) return link;
  const codes = [
    "0",
    ...(style.bold ? ["1"] : []),
    ...(style.dim ? ["2"] : []),
    ...(style.italic ? ["3"] : []),
    ...(style.underline ? ["4"] : []),
    ...(style.inverse ? ["7"] : []),
    ...(style.hidden ? ["8"] : []),
    ...(style.strike ? ["9"] : []),
    ...printColour(style.foreground, 30),
    ...printColour(style.background, 40),
  ];
  return `${link}\x1b[${codes.length === 1 ? "" : codes.slice(sameStyle(before, plainStyle) ? 1 : 0).join(";")}m`;
}

function printColour(colour: Colour, base: 30 | 40): string[] {
  if (colour === undefined) return [];
  if (typeof colour === "string") {
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    return [`${base + 8};2;${red};${green};${blue}`];
  }
  if (colour < 8) return [`${base + colour}`];
  return [colour < 16 ? `${base + 60 + colour - 8}` : `${base + 8};5;${colour}`];
}
