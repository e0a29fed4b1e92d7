// What somebody may change about a project's links and people, as a pure decision: the change, or why not.

import { can, grantable, roles, type Role } from "#core/auth/role.ts";
import type { SharedLink, SharedPerson, Sharing, SharingRequest } from "#core/auth/sharing.ts";
import type { Pass } from "#core/auth/token.ts";
import type { Person } from "#core/room/person.ts";
import type { Registry, RegistryChange } from "./registry.ts";

/** Records of one kind that a project may have: they are all read when the room opens. */
export const maxSharingRecords = 500;

/** Who asks. */
export interface Actor {
  readonly pass: Pass;
  readonly person: { readonly id: string; readonly name: string };
  readonly role: Role;
}

export type SharingDecision =
  | { readonly ok: true; readonly change: RegistryChange; readonly link?: string }
  | { readonly ok: false; readonly status: 403 | 404 | 409; readonly sentence: string };

interface Circumstances {
  readonly now: number;
  readonly newId: () => string;
  /** A person who is connected. */
  readonly here: (id: string) => Person | undefined;
}

export function decideSharing(
  registry: Registry,
  actor: Actor,
  request: SharingRequest,
  circumstances: Circumstances,
): SharingDecision {
  if (!can(actor.role, request.type === "make-link" ? "share" : "manage"))
    return refusal(403, "Only an owner changes who may do what here.");
  const decision = decide(registry, actor, request, circumstances);
  return decision.ok ? kept(registry, actor, decision, circumstances) : decision;
}

type Of<T extends SharingRequest["type"]> = Extract<SharingRequest, { readonly type: T }>;

function decide(
  registry: Registry,
  actor: Actor,
  request: SharingRequest,
  circumstances: Circumstances,
): SharingDecision {
  const { now } = circumstances;
  const by = actor.person.name;
  switch (request.type) {
    case "make-link":
      return makeLink(registry, actor, request, circumstances);
    case "change-link":
      return changeLink(registry, request);
    case "revoke-link": {
      const old = openLink(registry, request.link);
      if (old === undefined) return refusal(404, "There is no such link.");
      return { ok: true, change: { links: new Map([[old.id, { ...old, revoked: now }]]) } };
    }
    case "set-person":
      return setPerson(registry, by, request, circumstances);
    case "forget-person":
      if (!registry.people.has(request.person)) return refusal(404, "There is nobody like that in the list.");
      return { ok: true, change: { people: new Map([[request.person, undefined]]) } };
    case "invite": {
      const { email, role } = request;
      if (registry.invitations.size >= maxSharingRecords) return full("invitations");
      return { ok: true, change: { invitations: new Map([[email, { email, role, by, at: now }]]) } };
    }
    case "withdraw":
      if (!registry.invitations.has(request.email)) return refusal(404, "There is no such invitation.");
      return { ok: true, change: { invitations: new Map([[request.email, undefined]]) } };
    default:
      return request satisfies never;
  }
}

function makeLink(
  registry: Registry,
  actor: Actor,
  { role, label = "", expires, standard }: Of<"make-link">,
  { now, newId }: Circumstances,
): SharingDecision {
  // [AUTH-8]
  if (!grantable(actor.role).includes(role))
    return refusal(403, `As ${actor.role} you cannot make a link for an ${role}.`);
  if (expires !== undefined && expires <= now)
    return refusal(409, "That time has passed: the link would never open.");
  const found = standard === true ? standardLink(registry, role) : undefined;
  if (found !== undefined) return { ok: true, change: {}, link: found.id };
  const links = roomForLink(registry);
  if (links === undefined) return full("links");
  const id = newId();
  const link: SharedLink = {
    id,
    role,
    label,
    by: actor.person.name,
    at: now,
    ...(expires === undefined ? {} : { expires }),
    ...(standard === undefined ? {} : { standard }),
  };
  return { ok: true, change: { links: links.set(id, link) }, link: id };
}

function openLink(registry: Registry, id: string): SharedLink | undefined {
  const link = registry.links.get(id);
  return link?.revoked === undefined ? link : undefined;
}

function changeLink(registry: Registry, request: Of<"change-link">): SharingDecision {
  const old = openLink(registry, request.link);
  if (old === undefined) return refusal(404, "There is no such link.");
  const { role = old.role, label = old.label } = request;
  const { expires: _, ...rest } = old;
  const expires = request.expires === undefined ? old.expires : (request.expires ?? undefined);
  const link = { ...rest, role, label, ...(expires === undefined ? {} : { expires }) };
  return { ok: true, change: { links: new Map([[old.id, link]]) } };
}

function setPerson(
  registry: Registry,
  by: string,
  { person: id, role }: Of<"set-person">,
  { now, here }: Circumstances,
): SharingDecision {
  const old = registry.people.get(id);
  if (old === undefined && registry.people.size >= maxSharingRecords) return full("people");
  const known = old ?? here(id);
  if (known === undefined) return refusal(404, "There is nobody like that here.");
  const { name, verified } = known;
  const person: SharedPerson = {
    id,
    name,
    role,
    fixed: true,
    by,
    at: now,
    ...(verified === undefined ? {} : { verified }),
    ...(old?.email === undefined ? {} : { email: old.email }),
  };
  return { ok: true, change: { people: new Map([[id, person]]) } };
}

/** [AUTH-9] Whoever changes something is an owner afterwards, too, and so a project always has one who does not run out. */
function kept(
  registry: Registry,
  { pass, person, role }: Actor,
  decision: Extract<SharingDecision, { ok: true }>,
  { now }: Circumstances,
): SharingDecision {
  if (role !== "owner") return decision;
  const next = registry.with(decision.change);
  const self = next.grant(pass, person.id, now);
  if (!self.ok || self.role !== "owner")
    return refusal(409, "You would no longer be an owner yourself: another owner can do that.");
  const lasting =
    [...next.links.values()].some(
      (link) => link.role === "owner" && link.revoked === undefined && link.expires === undefined,
    ) || [...next.people.values()].some((each) => each.role === "owner" && each.verified === true);
  if (!lasting)
    return refusal(409, "A project always has an owner: make somebody else an owner first, without an end.");
  return decision;
}

/** What is listed for someone: no more than they could hand on; people and invitations for owners. */
export function listSharing(registry: Registry, role: Role): Omit<Sharing, "here"> {
  const mine = grantable(role);
  const manages = can(role, "manage");
  const byRole = <R extends { readonly role: Role | "none"; readonly at: number }>(a: R, b: R): number =>
    rank(a.role) - rank(b.role) || a.at - b.at;
  return {
    role,
    links: [...registry.links.values()]
      .filter((link) => link.revoked === undefined && mine.includes(link.role))
      .sort(byRole),
    people: manages ? [...registry.people.values()].sort(byRole) : [],
    invitations: manages ? [...registry.invitations.values()].sort(byRole) : [],
  };
}

function rank(role: Role | "none"): number {
  return role === "none" ? roles.length : roles.indexOf(role);
}

function standardLink(registry: Registry, role: Role): SharedLink | undefined {
  return [...registry.links.values()].find(
    (link) =>
      link.standard === true &&
      link.role === role &&
      link.revoked === undefined &&
      link.expires === undefined,
  );
}

/** A change with room for one more link; the oldest revoked ones make room where the registry knows all links. */
function roomForLink(registry: Registry): Map<string, SharedLink | undefined> | undefined {
  const change = new Map<string, SharedLink | undefined>();
  if (registry.links.size < maxSharingRecords) return change;
  if (!registry.complete) return undefined;
  const gone = [...registry.links.values()].find(({ revoked }) => revoked !== undefined);
  return gone === undefined ? undefined : change.set(gone.id, undefined);
}

function full(what: string): SharingDecision {
  return refusal(409, `This project has ${maxSharingRecords} ${what} already: take some away first.`);
}

function refusal(status: 403 | 404 | 409, sentence: string): SharingDecision {
  return { ok: false, status, sentence };
}
