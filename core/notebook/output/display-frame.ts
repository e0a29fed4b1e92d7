// What the page and the frame in which an HTML display is drawn say to each other (SPEC NB-64). The frame's document is
// the Worker's: worker/site/display-frame.ts.

/** The document is kept for ever: another document is another address. */
export const displayFramePath = "/display/2";

/** To the frame, once, with a port for its answers. */
export interface FrameContent {
  readonly html: string;
  readonly scheme: "light" | "dark";
  /** Colours for a page that brings none. */
  readonly ink: string;
  readonly accent: string;
  readonly line: string;
}

/** Pixels. */
const highest = 100_000;

/** From the frame: how high the page is. Whatever else a page sends is nothing. */
export function isFrameHeight(data: unknown): data is number {
  return typeof data === "number" && data >= 0 && data <= highest;
}
