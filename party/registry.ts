// Who may enter a project, and as what: its links, the people whose role was set, and invitations, each a named value
// in the room's storage. Answers what a pass is worth; what may change is decided in sharing.ts.

import { isRole, stronger, type Role } from "#core/auth/role.ts";
import type { Invitation, SharedLink, SharedPerson } from "#core/auth/sharing.ts";
import { refusalSentences, type Pass } from "#core/auth/token.ts";
import { closeCode, type CloseCode } from "#core/room/close.ts";
import type { RoomStorage } from "./storage.ts";

/** New or changed records; undefined takes one away. */
export interface RegistryChange {
  readonly links?: ReadonlyMap<string, SharedLink | undefined>;
  readonly people?: ReadonlyMap<string, SharedPerson | undefined>;
  readonly invitations?: ReadonlyMap<string, Invitation | undefined>;
}

export type Grant =
  /** `until`: milliseconds since 1970 at which it ends. */
  | { readonly ok: true; readonly role: Role; readonly until?: number }
  | { readonly ok: false; readonly code: CloseCode; readonly reason: string };

/** Its presence says that the project was made with a registry: links that are not in it were never made. */
const markKey = "registry";
const kinds = { links: "link/", people: "person/", invitations: "invite/" } as const;

const revokedSentence = "This link was withdrawn: ask whoever shared it for a fresh one.";
const linkExpiredSentence = "This link has expired: ask for a fresh one.";
const removedSentence = "You were removed from this project.";

export class Registry {
  readonly links: Map<string, SharedLink>;
  readonly people: Map<string, SharedPerson>;
  readonly invitations: Map<string, Invitation>;
  /** False for a project from before there were registries: links that were signed for it count as they were signed. */
  readonly complete: boolean;

  constructor(meta: ReadonlyMap<string, string>) {
    this.complete = meta.has(markKey);
    this.links = readRecords(meta, kinds.links);
    this.people = readRecords(meta, kinds.people);
    this.invitations = readRecords(meta, kinds.invitations);
  }

  /** [AUTH-6] What a pass is worth now to this person. */
  grant(pass: Pass, person: string, now: number): Grant {
    const record = this.people.get(person);
    if (record?.role === "none") return { ok: false, code: closeCode.forbidden, reason: removedSentence };
    const link = this.#linkGrant(pass, now);
    // A record of somebody without an account is as good as the secret of their browser: it needs a link beside it.
    const own = record !== undefined && (record.verified === true || link.ok) ? record.role : undefined;
    const invited = pass.email === undefined ? undefined : this.invitations.get(pass.email)?.role;
    if (own !== undefined && record?.fixed === true)
      return record.verified === true ? { ok: true, role: own } : { ...link, ok: true, role: own };
    const given = [own, invited].filter((role) => role !== undefined);
    if (given.length === 0) return link;
    const role = given.reduce(stronger);
    if (!link.ok || stronger(role, link.role) === role) return { ok: true, role };
    return link;
  }

  #linkGrant({ link: id, signedRole }: Pass, now: number): Grant {
    const unauthorized = (reason: string): Grant => ({ ok: false, code: closeCode.unauthorized, reason });
    if (id === undefined) return unauthorized(refusalSentences.missing);
    const link = this.links.get(id);
    if (link === undefined) {
      if (this.complete || signedRole === undefined) return unauthorized(revokedSentence);
      return { ok: true, role: signedRole };
    }
    if (link.revoked !== undefined) return unauthorized(revokedSentence);
    if (link.expires === undefined) return { ok: true, role: link.role };
    if (link.expires <= now) return unauthorized(linkExpiredSentence);
    return { ok: true, role: link.role, until: link.expires };
  }

  /** The record of a link that is older than the registry, to be kept. */
  unlisted({ link: id, signedRole: role }: Pass, now: number): RegistryChange | undefined {
    if (this.complete || id === undefined || role === undefined || this.links.has(id)) return undefined;
    return { links: new Map([[id, { id, role, label: "", by: "", at: now }]]) };
  }

  /** The registry as it would be. */
  with(change: RegistryChange): Registry {
    const next = new Registry(new Map(this.complete ? [[markKey, "1"]] : []));
    for (const kind of ["links", "people", "invitations"] as const) {
      for (const [id, record] of this[kind]) next[kind].set(id, record as never);
      next.#apply(kind, change);
    }
    return next;
  }

  /** Stored first; rejects where that fails, and nothing has changed. */
  async change(storage: RoomStorage, change: RegistryChange): Promise<void> {
    await storage.writeMeta(writeChange(change));
    for (const kind of ["links", "people", "invitations"] as const) this.#apply(kind, change);
  }

  #apply(kind: keyof typeof kinds, change: RegistryChange): void {
    for (const [id, record] of change[kind] ?? [])
      if (record === undefined) this[kind].delete(id);
      else this[kind].set(id, record as never);
  }
}

/** What a new project's storage begins with. */
export function firstMeta(change: RegistryChange): Record<string, string> {
  const meta: Record<string, string> = { [markKey]: "1" };
  for (const [key, value] of Object.entries(writeChange(change))) if (value !== undefined) meta[key] = value;
  return meta;
}

function readRecords<R extends { readonly role: Role | "none" }>(
  meta: ReadonlyMap<string, string>,
  prefix: string,
): Map<string, R> {
  const records = new Map<string, R>();
  for (const [key, json] of meta) {
    if (!key.startsWith(prefix)) continue;
    // Written by writeChange, and by nobody else.
    const record = JSON.parse(json) as R;
    if (record.role === "none" || isRole(record.role)) records.set(key.slice(prefix.length), record);
  }
  return records;
}

function writeChange(change: RegistryChange): Record<string, string | undefined> {
  const meta: Record<string, string | undefined> = {};
  for (const kind of ["links", "people", "invitations"] as const)
    for (const [id, record] of change[kind] ?? [])
      meta[kinds[kind] + id] = record === undefined ? undefined : JSON.stringify(record);
  return meta;
}
