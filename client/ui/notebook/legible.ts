// The colours of a piece of output on the page, so that it can be read in both themes whatever the program asked for:
// terminals do the same. Knows the tokens by name and their grounds by luminance.

import type { Colour, Style } from "#core/notebook/output/style.ts";
import { luminance, textOn } from "#ui/kit/color.ts";
import { hexOf } from "./css-colour.ts";

/**
 * Relative luminance that text may have at most on outputs of the light theme for 4.5:1, and at least on the dark
 * one's. The second leaves room for dim text, which is mixed with the quietest ink channel by channel.
 */
const darkEnough = 0.15;
const lightEnough = 0.28;
/** WCAG AA. */
const leastContrast = 4.5;
/** Steps from a colour to black or white: fine enough that it keeps most of its hue. */
const steps = 40;

export interface Colours {
  /** CSS colours; undefined is the page's own. */
  readonly text: string | undefined;
  readonly ground: string | undefined;
}

export function coloursOf(style: Style): Colours {
  const { foreground, background, inverse } = style;
  if (inverse) {
    const ground = foreground === undefined ? "var(--ink)" : groundOf(foreground);
    if (foreground !== undefined) return { text: textOver(foreground, background), ground };
    return { text: "var(--sunken)", ground };
  }
  if (background !== undefined)
    return { text: textOver(background, foreground), ground: groundOf(background) };
  const text = foreground === undefined ? undefined : textOnPage(foreground);
  if (!style.dim) return { text, ground: undefined };
  return { text: `color-mix(in srgb, ${text ?? "var(--ink)"}, var(--ink-3))`, ground: undefined };
}

function groundOf(colour: Exclude<Colour, undefined>): string {
  return hexOf(colour) ?? `var(--ansi-${colour})`;
}

/** Text on the page's own ground. */
function textOnPage(colour: Exclude<Colour, undefined>): string {
  const hex = hexOf(colour);
  if (hex !== undefined) {
    const dark = towards(hex, 0, (candidate) => luminance(candidate) <= darkEnough);
    const light = towards(hex, 255, (candidate) => luminance(candidate) >= lightEnough);
    return `light-dark(${dark}, ${light})`;
  }
  // Black is the ground's own colour in a dark terminal.
  return colour === 0 ? "light-dark(var(--ansi-0), var(--ink-3))" : `var(--ansi-${colour})`;
}

/** Text on a ground that the program chose. The palette's colours are all about equally far from the page's ground. */
function textOver(ground: Exclude<Colour, undefined>, text: Colour): string {
  const groundHex = hexOf(ground);
  if (groundHex === undefined)
    return ground === 0 ? "light-dark(var(--sunken), var(--ink))" : "var(--sunken)";
  const best = textOn(groundHex);
  const textHex = text === undefined ? undefined : hexOf(text);
  if (textHex === undefined) return best;
  const end = best === "#000000" ? 0 : 255;
  return towards(textHex, end, (candidate) => contrast(candidate, groundHex) >= leastContrast);
}

function contrast(a: string, b: string): number {
  const [one, other] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(one, other) / Math.min(one, other);
}

/** The colour, or the first on the way to black (0) or white (255) that is enough. */
function towards(hex: string, end: 0 | 255, enough: (candidate: string) => boolean): string {
  let candidate = hex;
  for (let step = 1; step <= steps && !enough(candidate); step++)
    candidate = `#${[1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
      .map((value) => Math.round(value + ((end - value) * step) / steps))
      .map((value) => value.toString(16).padStart(2, "0"))
      .join("")}`;
  return candidate;
}
