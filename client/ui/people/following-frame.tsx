// The colour of whom one follows, around all that one sees.

import { textOn } from "#ui/kit/color.ts";
import type { Following } from "./following.ts";

export function FollowingFrame({ following }: { readonly following: Following }) {
  const member = following.who.value;
  if (member === undefined) return null;
  const { name, color } = member.person;
  return (
    <div
      class="following"
      role="status"
      aria-label="Following"
      style={{ "--who": color, "--on-who": textOn(color) }}
    >
      <span>Following {name}</span>
    </div>
  );
}
