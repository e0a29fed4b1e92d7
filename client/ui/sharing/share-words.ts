// What the share dialog says of links. Pure.

import type { SharedLink } from "#core/auth/sharing.ts";
import { roleWords } from "./role-words.ts";

/** When a link may end. */
export const ends: readonly { readonly label: string; readonly days?: number }[] = [
  { label: "Never ends" },
  { label: "Ends in a day", days: 1 },
  { label: "Ends in a week", days: 7 },
  { label: "Ends in 30 days", days: 30 },
];

export function linkName({ label, role, standard }: SharedLink): string {
  if (label !== "") return label;
  return standard === true || role !== "owner"
    ? `Anyone: ${roleWords[role].label.toLowerCase()}`
    : "Owner’s link";
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "Can edit · by Ana, yesterday · ends in 3 days" */
export function linkFacts({ role, by, at, expires }: SharedLink, now: number): string {
  const made = `${by === "" ? "made" : `by ${by},`} ${distance(at - now)}`;
  const end = expires === undefined ? [] : [endWords({ expires }, now).toLowerCase()];
  return [roleWords[role].label, made, ...end].join(" · ");
}

export function endWords({ expires }: Pick<SharedLink, "expires">, now: number): string {
  if (expires === undefined) return "Never ends";
  return expires <= now ? "Has ended" : `Ends ${distance(expires - now)}`;
}

function distance(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (Math.abs(minutes) < 60) return minutes === 0 ? "just now" : relative.format(minutes, "minute");
  if (Math.abs(minutes) < 60 * 24) return relative.format(Math.round(minutes / 60), "hour");
  return relative.format(Math.round(minutes / 60 / 24), "day");
}
