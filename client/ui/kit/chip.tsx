// A short state with a dot: what is so now, never a decoration.

import type { ComponentChildren } from "preact";
import "./chip.css";

type Tone = "neutral" | "good" | "busy" | "warning" | "danger";

/** What a chip says. */
export interface Status {
  readonly text: string;
  readonly tone: Tone;
  /** More, for the tooltip. */
  readonly detail?: string;
}

export interface ChipProps {
  readonly tone?: Tone;
  /** Accessible name, such as "Connection"; with it the chip is a status, read out when it is no longer busy. */
  readonly label?: string;
  readonly title?: string;
  readonly children: ComponentChildren;
}

export function Chip({ tone = "neutral", label, title, children }: ChipProps) {
  return (
    <span
      class={`kit-chip kit-chip-${tone}`}
      {...(label === undefined ? {} : { role: "status", "aria-label": label, "aria-busy": tone === "busy" })}
      data-tip={title}
    >
      <span class="kit-chip-dot" aria-hidden="true" />
      <span class="kit-chip-text">{children}</span>
    </span>
  );
}
