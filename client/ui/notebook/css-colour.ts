// The colours of a program's output in hexadecimal.

const cubeLevels = [0, 95, 135, 175, 215, 255] as const;

/** "#rrggbb" of a true colour, and of xterm's cube and grey ramp; undefined for the 16 that are the theme's. */
export function hexOf(colour: number | `#${string}`): string | undefined {
  if (typeof colour === "string") return colour;
  if (colour < 16) return undefined;
  const index = colour - 16;
  const grey = 8 + (colour - 232) * 10;
  const channels =
    colour >= 232
      ? [grey, grey, grey]
      : [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((level) => cubeLevels[level] ?? 0);
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
