// What can be read on what: luminance, and the text that stands out on a colour; initials for people.

/** WCAG relative luminance of "#rrggbb". */
export function luminance(color: string): number {
  const channel = (start: number): number => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** Black or white, whichever stands out more on `color` ("#rrggbb"; anything else counts as dark). */
export function textOn(color: string): "#000000" | "#ffffff" {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return "#ffffff";
  const light = luminance(color);
  // Contrast with black is (L + 0.05) / 0.05, with white 1.05 / (L + 0.05).
  return (light + 0.05) ** 2 > 0.05 * 1.05 ? "#000000" : "#ffffff";
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Two letters that stand for a name: "Amber Otter" is "AO", "Zoë" is "ZO". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = (word: string): string[] => Array.from(graphemes.segment(word), (part) => part.segment);
  const first = letters(words[0] ?? "?");
  const second = words.length > 1 ? letters(words.at(-1) ?? "")[0] : first[1];
  return ((first[0] ?? "?") + (second ?? "")).toUpperCase();
}
