// Who is in the room by what right, for as long as they are: admits, renews, changes and ends it. The registry says
// what a pass is worth; this file makes the open connections agree with it.

import type { Role } from "#core/auth/role.ts";
import type { PresentPerson, Sharing, SharingRequest } from "#core/auth/sharing.ts";
import { refusalSentences, type Pass } from "#core/auth/token.ts";
import { closeCode, type CloseCode } from "#core/room/close.ts";
import { freeColor, personColor, type Person } from "#core/room/person.ts";
import type { Connection } from "./connection.ts";
import type { Admission, RoomHost, Visit } from "./host.ts";
import { Registry, type Grant, type RegistryChange } from "./registry.ts";
import { decideSharing, listSharing } from "./sharing.ts";
import type { RoomStorage } from "./storage.ts";

export type SharingAnswer =
  | { readonly ok: true; readonly sharing: Sharing; readonly link?: string }
  | { readonly ok: false; readonly status: 401 | 403 | 404 | 409; readonly sentence: string };

export interface RoomAccessOptions {
  readonly host: RoomHost;
  readonly storage: RoomStorage;
  readonly connections: () => Iterable<Connection>;
  /** Somebody who is here may do something else now, or has another name. */
  readonly onChange: (connection: Connection, before: Admission) => void | Promise<void>;
}

export class RoomAccess {
  readonly #options: RoomAccessOptions;
  #registry: Registry | undefined;
  #alarm = Number.POSITIVE_INFINITY;

  constructor(options: RoomAccessOptions) {
    this.#options = options;
  }

  /** What a pass is worth to a person; a link from before the registry is entered there. */
  async grant(pass: Pass, person: Person): Promise<Grant> {
    const { host, storage } = this.#options;
    const registry = await this.#open();
    const now = host.clock.now();
    const unlisted = registry.unlisted(pass, now);
    if (unlisted !== undefined) await registry.change(storage, unlisted);
    const grant = registry.grant(pass, person.id, now);
    if (grant.ok) await this.#takeInvitation(registry, pass, person, now);
    return grant;
  }

  /** [ROOM-29] The visit as an admission, or why not. */
  async enter(visit: Visit): Promise<Admission | Extract<Grant, { ok: false }>> {
    const grant = await this.grant(visit.pass, visit.person);
    if (!grant.ok) return grant;
    const person = this.#distinct(visit.person);
    const admission = { ...visit, person, role: grant.role, ...until(grant, visit.pass) };
    this.#expect(admission.until);
    return admission;
  }

  /** [ROOM-30] A fresh token on an open line. */
  async renew(connection: Connection, token: string): Promise<void> {
    const { admission } = connection;
    const check = await this.#options.host.verify(token, admission.pass.project);
    if (!check.ok) return this.#end(connection, closeCode.unauthorized, refusalSentences[check.reason]);
    const { person = admission.person, ...pass } = check.pass;
    const grant = await this.grant(pass, person);
    if (!grant.ok) return this.#end(connection, grant.code, grant.reason);
    return await this.#set(connection, this.#distinct(person), pass, grant);
  }

  /** [ROOM-37] People who have chosen no colour are told apart by it all the same. */
  #distinct(person: Person): Person {
    const own = personColor(person.id);
    if (person.color !== own) return person;
    const taken = new Set<string>();
    let worn: string | undefined;
    for (const { closed, admission } of this.#options.connections()) {
      if (closed) continue;
      if (admission.person.id === person.id) worn = admission.person.color;
      else taken.add(admission.person.color);
    }
    if (!taken.has(own)) return person;
    const color = worn !== undefined && !taken.has(worn) ? worn : freeColor(person.id, taken);
    return { ...person, color };
  }

  /** [ROOM-31] Makes everybody's connection what the registry says now, and ends those whose time is over. */
  async reconsider(): Promise<void> {
    const registry = await this.#open();
    const now = this.#options.host.clock.now();
    this.#alarm = Number.POSITIVE_INFINITY;
    for (const connection of this.#options.connections()) {
      if (connection.closed) continue;
      const { pass, person } = connection.admission;
      const grant = registry.grant(pass, person.id, now);
      if (!grant.ok) this.#end(connection, grant.code, grant.reason);
      else if (!this.ended(connection)) await this.#set(connection, person, pass, grant);
    }
  }

  /** Closes a connection whose time is over; whether it was. */
  ended(connection: Connection): boolean {
    const { until: end = Number.POSITIVE_INFINITY } = connection.admission;
    if (this.#options.host.clock.now() < end) return false;
    this.#end(connection, closeCode.unauthorized, refusalSentences.expired);
    return true;
  }

  /** Says so first: workerd delivers a close at once, but may keep the line itself open for seconds. */
  #end(connection: Connection, code: CloseCode, reason: string): void {
    connection.sendFrame({ type: "ended", code, reason });
    connection.close(code, reason);
  }

  /** Lists, after making a change where one is asked for. */
  async share(pass: Pass, person: Person, request: SharingRequest | undefined): Promise<SharingAnswer> {
    const { host, storage, connections } = this.#options;
    const grant = await this.grant(pass, person);
    if (!grant.ok)
      return {
        ok: false,
        status: grant.code === closeCode.forbidden ? 403 : 401,
        sentence: grant.reason,
      };
    const registry = await this.#open();
    let link: string | undefined;
    if (request !== undefined) {
      const here = (id: string): Person | undefined =>
        [...connections()].find(({ admission }) => admission.person.id === id)?.admission.person;
      const actor = { pass, person, role: grant.role };
      const decision = decideSharing(registry, actor, request, {
        now: host.clock.now(),
        newId: () => host.newId(),
        here,
      });
      if (!decision.ok) return decision;
      ({ link } = decision);
      await registry.change(storage, decision.change);
      await this.reconsider();
    }
    const sharing = { ...listSharing(registry, grant.role), here: this.#here() };
    return { ok: true, sharing, ...(link === undefined ? {} : { link }) };
  }

  #here(): readonly PresentPerson[] {
    const people = new Map<string, PresentPerson>();
    for (const { closed, admission } of this.#options.connections()) {
      const { id, name, color, verified } = admission.person;
      const { link } = admission.pass;
      if (!closed)
        people.set(id, {
          id,
          name,
          color,
          role: admission.role,
          ...(verified === undefined ? {} : { verified }),
          ...(link === undefined ? {} : { link }),
        });
    }
    return [...people.values()];
  }

  async #open(): Promise<Registry> {
    this.#registry ??= new Registry(await this.#options.storage.readMeta());
    return this.#registry;
  }

  async #set(
    connection: Connection,
    person: Person,
    pass: Pass,
    grant: Extract<Grant, { ok: true }>,
  ): Promise<void> {
    const before = connection.admission;
    const { until: _, ...kept } = before;
    connection.admit({ ...kept, person, pass, role: grant.role, ...until(grant, pass) });
    this.#expect(connection.admission.until);
    if (before.role !== grant.role || !samePerson(before.person, person))
      await this.#options.onChange(connection, before);
  }

  #expect(time: number | undefined): void {
    if (time === undefined || time >= this.#alarm) return;
    this.#alarm = time;
    this.#options.host.wakeAt(time);
  }

  /** [AUTH-10] An invitation becomes a record of the person who came with the address it was sent to. */
  async #takeInvitation(registry: Registry, pass: Pass, person: Person, now: number): Promise<void> {
    const { email } = pass;
    const invitation = email === undefined ? undefined : registry.invitations.get(email);
    if (email === undefined || invitation === undefined || person.verified !== true) return;
    const { id, name } = person;
    const { role, by } = invitation;
    const change: RegistryChange = {
      invitations: new Map([[email, undefined]]),
      people: registry.people.has(id)
        ? new Map()
        : new Map([[id, { id, name, role, verified: true, email, by, at: now }]]),
    };
    await registry.change(this.#options.storage, change);
  }
}

function until(grant: Extract<Grant, { ok: true }>, pass: Pass): { until?: number } {
  const end = Math.min(grant.until ?? Number.POSITIVE_INFINITY, pass.until ?? Number.POSITIVE_INFINITY);
  return end === Number.POSITIVE_INFINITY ? {} : { until: end };
}

function samePerson(a: Person, b: Person): boolean {
  return a.id === b.id && a.name === b.name && a.color === b.color && a.verified === b.verified;
}

/** What the Worker is told about whoever asks. */
export type Authorization =
  | { readonly ok: true; readonly role: Role; readonly name: string; readonly until?: number }
  | { readonly ok: false; readonly status: 401 | 403 | 404; readonly sentence: string };
