// The colours of a program's output as CSS.

const cubeLevels = [0, 95, 135, 175, 215, 255] as const;

/** The CSS colour of a palette entry: 0-15 are the theme's, the rest is xterm's cube and grey ramp. */
export function cssColour(colour: number | `#${string}`): string {
  if (typeof colour === "string") return colour;
  if (colour < 16) return `var(--ansi-${colour})`;
  if (colour >= 232) {
    const grey = 8 + (colour - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const index = colour - 16;
  const red = cubeLevels[Math.floor(index / 36)] ?? 0;
  const green = cubeLevels[Math.floor(index / 6) % 6] ?? 0;
  const blue = cubeLevels[index % 6] ?? 0;
  return `rgb(${red} ${green} ${blue})`;
}
