// Participants as people: one member for each person, however many tabs they have open. Pure.

import { readWhere } from "./whereabouts.ts";
import type { Where } from "./whereabouts.ts";

export interface MemberPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  /** Has signed in. */
  readonly verified?: true;
}

/** What a session tells of one connection. */
export interface Presence {
  readonly clientId: number;
  readonly self: boolean;
  readonly person: MemberPerson;
  readonly state: unknown;
}

export interface Member {
  readonly person: MemberPerson;
  readonly self: boolean;
  readonly where: Where;
  readonly state: unknown;
}

/** Oneself first, the others by name. Of several tabs of one person, the one that says where it is. */
export function members(presences: readonly Presence[]): Member[] {
  const byPerson = new Map<string, Member>();
  for (const { person, self, state } of presences) {
    const where = readWhere(state);
    const known = byPerson.get(person.id);
    const better =
      known === undefined || (self && !known.self) || (!known.self && known.where.file === undefined);
    if (better) byPerson.set(person.id, { person, self: self || (known?.self ?? false), where, state });
  }
  return [...byPerson.values()].sort(
    (a, b) => Number(b.self) - Number(a.self) || a.person.name.localeCompare(b.person.name),
  );
}

/** Who has come and who has gone between two lists, oneself aside. */
export function changesOf(
  before: readonly Member[],
  after: readonly Member[],
): { readonly joined: readonly MemberPerson[]; readonly left: readonly MemberPerson[] } {
  const missingIn = (list: readonly Member[]) => (member: Member) =>
    !member.self && !list.some((other) => other.person.id === member.person.id);
  return {
    joined: after.filter(missingIn(before)).map((member) => member.person),
    left: before.filter(missingIn(after)).map((member) => member.person),
  };
}
