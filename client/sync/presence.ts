// Who is here, as a list to show: from the awareness states of everybody, which come from strangers.

import { readState, type AwarenessState } from "#core/room/awareness-state.ts";
import type { Person } from "#core/room/person.ts";

export type { AwarenessState };

export interface Participant {
  readonly clientId: number;
  readonly self: boolean;
  readonly person: Person;
  readonly state: AwarenessState;
}

/** Oneself first, then by name; at the same name by client, so that nobody swaps places. */
export function listParticipants(states: ReadonlyMap<number, unknown>, own: number): readonly Participant[] {
  const participants: Participant[] = [];
  for (const [clientId, raw] of states) {
    const state = readState(raw);
    if (state !== undefined)
      participants.push({ clientId, self: clientId === own, person: state.user, state });
  }
  return participants.sort(
    (a, b) =>
      Number(b.self) - Number(a.self) ||
      (a.person.name < b.person.name ? -1 : a.person.name > b.person.name ? 1 : 0) ||
      a.clientId - b.clientId,
  );
}
