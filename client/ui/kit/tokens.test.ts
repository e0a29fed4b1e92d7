// The palette keeps its promise: contrast AA for text, AAA for prose, 3:1 for edges that mean something.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { palette } from "#core/room/palette.ts";
import { textOn } from "./color.ts";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

function tokensOf(selector: string): ReadonlyMap<string, string> {
  const start = css.indexOf("{", css.indexOf(selector));
  const block = css.slice(start, css.indexOf("}", start));
  return new Map(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name!, value!]),
  );
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

/** What the interface writes on: at rest, under the pointer, chosen, and where something is the matter. */
const grounds = [
  "paper",
  "surface",
  "sunken",
  "overlay",
  "hover",
  "active",
  "selected",
  "accent-soft",
  "editor-line",
  "warning-soft",
  "danger-soft",
];
/** What code is written on. */
const codeGrounds = ["surface", "sunken", "overlay", "editor-line", "editor-selection"];
const texts = ["ink", "ink-2", "ink-3", "accent-strong", "success", "warning", "danger"];
const syntax = ["comment", "keyword", "string", "number", "type", "function", "variable", "tag"];

describe.each([
  ["light", ':root[data-theme="light"]'],
  ["dark", ':root[data-theme="dark"]'],
])("%s", (_name, selector) => {
  const tokens = tokensOf(selector);
  const ratio = (text: string, ground: string): number => contrast(tokens.get(text)!, tokens.get(ground)!);

  it("has prose at AAA", () => {
    for (const ground of grounds) expect(ratio("ink", ground), ground).toBeGreaterThanOrEqual(7);
  });

  it("has every text at AA on every ground", () => {
    for (const text of texts)
      for (const ground of grounds)
        expect(ratio(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const name of syntax)
      for (const ground of codeGrounds)
        expect(ratio(`syntax-${name}`, ground), `syntax-${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const ground of ["accent-strong", "accent-hover"])
      expect(ratio("on-accent", ground), ground).toBeGreaterThanOrEqual(4.5);
    // Tooltips are the page the other way round.
    for (const text of ["paper", "line"])
      expect(ratio(text, "ink"), `${text} on ink`).toBeGreaterThanOrEqual(4.5);
  });

  it("has dim terminal text at AA, which is half its colour and half the quietest ink", () => {
    const half = (a: string, b: string): string =>
      `#${[1, 3, 5]
        .map(
          (at) => (Number.parseInt(a.slice(at, at + 2), 16) + Number.parseInt(b.slice(at, at + 2), 16)) / 2,
        )
        .map((value) => Math.round(value).toString(16).padStart(2, "0"))
        .join("")}`;
    for (let index = 1; index < 16; index++) {
      const dim = half(tokens.get(`ansi-${index}`)!, tokens.get("ink-3")!);
      expect(contrast(dim, tokens.get("sunken")!), `ansi-${index}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("has terminal colours at AA on the terminal's ground", () => {
    // 0 is the ground's own colour in a dark terminal: programs use it as a background.
    for (let index = 1; index < 16; index++)
      expect(ratio(`ansi-${index}`, "sunken"), `ansi-${index}`).toBeGreaterThanOrEqual(4.5);
  });

  it("has focus and accent edges at 3:1", () => {
    for (const ground of grounds) expect(ratio("accent", ground), ground).toBeGreaterThanOrEqual(3);
  });
});

it("writes legibly on every person's colour", () => {
  for (const color of palette) expect(contrast(color, textOn(color)), color).toBeGreaterThanOrEqual(4.5);
});
