// Whatever colours a program asks for, its text can be read in both themes.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { luminance } from "#ui/kit/color.ts";
import { coloursOf } from "./legible.ts";
import { applySgr, plainStyle } from "#core/notebook/output/style.ts";

const css = readFileSync(new URL("../kit/tokens.css", import.meta.url), "utf8");
type Theme = "light" | "dark";

function token(theme: Theme, name: string): string {
  const block = css.slice(css.indexOf(`:root[data-theme="${theme}"] {`));
  const found = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(block)?.[1];
  if (found === undefined) throw new Error(`no token ${name}`);
  return found;
}

/** The little of CSS that coloursOf writes. */
function resolve(theme: Theme, value: string): string {
  const pair = /^light-dark\((.*), (.*)\)$/.exec(value);
  if (pair !== null) return resolve(theme, pair[theme === "light" ? 1 : 2]!);
  const mix = /^color-mix\(in srgb, (.*), (var\(--ink-3\))\)$/.exec(value);
  if (mix !== null) {
    const [a, b] = [resolve(theme, mix[1]!), resolve(theme, mix[2]!)];
    return `#${[1, 3, 5]
      .map((at) => Number.parseInt(a.slice(at, at + 2), 16) + Number.parseInt(b.slice(at, at + 2), 16))
      .map((sum) =>
        Math.round(sum / 2)
          .toString(16)
          .padStart(2, "0"),
      )
      .join("")}`;
  }
  const name = /^var\(--(.*)\)$/.exec(value)?.[1];
  return name === undefined ? value : token(theme, name);
}

function contrast(a: string, b: string): number {
  const [one, other] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(one, other) / Math.min(one, other);
}

function worst(parameters: string): number {
  const { text, ground } = coloursOf(applySgr(plainStyle, parameters));
  return Math.min(
    ...(["light", "dark"] as const).map((theme) =>
      contrast(resolve(theme, text ?? "var(--ink)"), resolve(theme, ground ?? "var(--sunken)")),
    ),
  );
}

it("leaves plain text, and the palette's colours, as they are", () => {
  expect(coloursOf(plainStyle)).toEqual({ text: undefined, ground: undefined });
  expect(coloursOf(applySgr(plainStyle, "31"))).toEqual({ text: "var(--ansi-1)", ground: undefined });
  expect(coloursOf(applySgr(plainStyle, "7"))).toEqual({ text: "var(--sunken)", ground: "var(--ink)" });
});

it("writes every pair of colours at AA in both themes, dim, inverse or not", () => {
  const colour = (base: 30 | 40) =>
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: 0, max: 7 }).map((index) => `${base + index}`),
      fc.integer({ min: 0, max: 7 }).map((index) => `${base + 60 + index}`),
      fc.integer({ min: 0, max: 255 }).map((index) => `${base + 8};5;${index}`),
      fc
        .tuple(fc.nat(255), fc.nat(255), fc.nat(255))
        .map(([red, green, blue]) => `${base + 8};2;${red};${green};${blue}`),
    );
  fc.assert(
    fc.property(colour(30), colour(40), fc.constantFrom("", "2", "7", "1"), (text, ground, more) => {
      const parameters = [text, ground, more].filter((part) => part !== "").join(";");
      expect(worst(parameters === "" ? "0" : parameters)).toBeGreaterThanOrEqual(4.5);
    }),
    { numRuns: 5_000 },
  );
});
