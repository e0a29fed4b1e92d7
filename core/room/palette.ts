// The twelve colours of people: told apart by the colour-blind, legible under white text
// (contrast with #fff is at least 4.5). Given by identity, never chosen by a stranger.

export const palette = [
  "#c2410c",
  "#b45309",
  "#4d7c0f",
  "#15803d",
  "#0f766e",
  "#0e7490",
  "#0369a1",
  "#1d4ed8",
  "#6d28d9",
  "#a21caf",
  "#be185d",
  "#9f1239",
] as const;

export function isPaletteColor(value: unknown): value is (typeof palette)[number] {
  return (palette as readonly unknown[]).includes(value);
}
