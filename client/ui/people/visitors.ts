// The others by the place that they are in. Pure.

import type { AvatarPerson } from "#ui/kit/avatar.tsx";
import type { Member } from "./members.ts";
import type { Where } from "./whereabouts.ts";

/** `placeOf` names a place; who is in none of its kind is left out. */
export function visitors(
  members: readonly Member[],
  placeOf: (where: Where) => string | undefined,
): ReadonlyMap<string, readonly AvatarPerson[]> {
  const found = new Map<string, AvatarPerson[]>();
  for (const member of members) {
    const place = member.self ? undefined : placeOf(member.where);
    if (place === undefined) continue;
    const list = found.get(place);
    if (list === undefined) found.set(place, [member.person]);
    else list.push(member.person);
  }
  return found;
}
