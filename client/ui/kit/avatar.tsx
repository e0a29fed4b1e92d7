// A person as a warm spot of colour with their initials, which are drawn and no text: whoever hears the page hears the name.

import { initials, textOn } from "./color.ts";
import "./avatar.css";

export interface AvatarPerson {
  readonly name: string;
  /** "#rrggbb" */
  readonly color: string;
}

export interface AvatarProps {
  readonly person: AvatarPerson;
  /** Pixels; 24 by default. */
  readonly size?: number;
  /** Tooltip; their name by default, "" for none. */
  readonly title?: string;
  /** Where the avatar stands beside the name anyway. */
  readonly decorative?: boolean;
}

export function Avatar({ person, size = 24, title, decorative }: AvatarProps) {
  return (
    <span
      class="kit-avatar"
      style={{
        width: `${size}px`,
        height: `${size}px`,
        fontSize: `${Math.round(size * 0.42)}px`,
        background: person.color,
        color: textOn(person.color),
      }}
      {...(decorative === true ? { "aria-hidden": true } : { role: "img", "aria-label": person.name })}
      data-initials={initials(person.name)}
      data-tip={title ?? (decorative === true ? undefined : person.name)}
    />
  );
}
