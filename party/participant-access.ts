// What each participant may do in the room, while connected: admits, renews, changes and ends their access. The registry
// says which role a pass gives; this file makes the open connections agree with it.

import type { Role } from "#core/auth/role.ts";
import type { PresentPerson, Sharing, SharingRequest } from "#core/auth/sharing.ts";
import { refusalSentences, type Pass } from "#core/auth/token.ts";
import { closeCode, type CloseCode } from "#core/room/close.ts";
import { freeColor, personColor, type Person } from "#core/room/person.ts";
import type { Connection } from "./connection.ts";
import type { Admission, RoomHost, Visit } from "./host.ts";
import { Registry, type Grant, type RegistryChange } from "./registry.ts";
import { decideSharing, listSharing } from "./sharing-rules.ts";
import type { RoomStorage } from "./storage.ts";

export type SharingAnswer =
  | { readonly ok: true; readonly sharing: Sharing; readonly link?: string }
  | { readonly ok: false; readonly status: 401 | 403 | 404 | 409; readonly sentence: string };

export interface ParticipantAccessOptions {
  readonly host: RoomHost;
  readonly storage: RoomStorage;
  readonly connections: () => Iterable<Connection>;
  /** A connected participant has another role or another name now. */
  readonly onChange: (connection: Connection, before: Admission) => void | Promise<void>;
}

export class ParticipantAccess {
  readonly #options: ParticipantAccessOptions;
  #registry: Registry | undefined;
  #alarm = Number.POSITIVE_INFINITY;

  constructor(options: ParticipantAccessOptions) {
    this.#options = options;
  }

  /** The role that a pass gives to a person. A link that is older than the registry is entered there. */
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

  /** The same, without any change. */
  async consider(pass: Pass, person: Person): Promise<Grant> {
    return (await this.#open()).grant(pass, person.id, this.#options.host.clock.now());
  }

  /** [ROOM-29] Admits a visit, or says why not. */
  async enter(visit: Visit): Promise<Admission | Extract<Grant, { ok: false }>> {
    const grant = await this.grant(visit.pass, visit.person);
    if (!grant.ok) return grant;
    const person = this.#distinct(visit.person);
    const admission = { ...visit, person, role: grant.role, ...until(grant, visit.pass) };
    this.#expect(admission.until);
    return admission;
  }

  /** [ROOM-30] Takes a fresh token on an open connection. */
  async renew(connection: Connection, token: string): Promise<void> {
    const { admission } = connection;
    const check = await this.#options.host.verify(token, admission.pass.project);
    if (!check.ok) return this.#end(connection, closeCode.unauthorized, refusalSentences[check.reason]);
    const { person = admission.person, ...pass } = check.pass;
    const grant = await this.grant(pass, person);
    if (!grant.ok) return this.#end(connection, grant.code, grant.reason);
    return await this.#set(connection, this.#distinct(person), pass, grant);
  }

  /** [ROOM-37] People who have chosen no colour get different ones. */
  #distinct(person: Person): Person {
    const own = personColor(person.id);
    if (person.color !== own) return person;
    const taken = new Set<string>();
    let worn: string | undefined;
    for (const { isOpen, admission } of this.#options.connections()) {
      if (!isOpen) continue;
      if (admission.person.id === person.id) worn = admission.person.color;
      else taken.add(admission.person.color);
    }
    if (!taken.has(own)) return person;
    const color = worn !== undefined && !taken.has(worn) ? worn : freeColor(person.id, taken);
    return { ...person, color };
  }

  /** [ROOM-31] Makes every connection agree with the registry, and ends those whose time is over. */
  async reconsider(): Promise<void> {
    const registry = await this.#open();
    const now = this.#options.host.clock.now();
    this.#alarm = Number.POSITIVE_INFINITY;
    for (const connection of this.#options.connections()) {
      if (!connection.isOpen) continue;
      const { pass, person } = connection.admission;
      const grant = registry.grant(pass, person.id, now);
      if (!grant.ok) this.#end(connection, grant.code, grant.reason);
      else if (!this.ended(connection)) await this.#set(connection, person, pass, grant);
    }
  }

  /** Closes a connection whose time is over, and returns whether it was. */
  ended(connection: Connection): boolean {
    const { until: end = Number.POSITIVE_INFINITY } = connection.admission;
    if (this.#options.host.clock.now() < end) return false;
    this.#end(connection, closeCode.unauthorized, refusalSentences.expired);
    return true;
  }

  /** Sends a frame first: workerd delivers a close at once, but may keep the socket open for seconds. */
  #end(connection: Connection, code: CloseCode, reason: string): void {
    connection.sendFrame({ type: "ended", code, reason });
    connection.close(code, reason);
  }

  /** Lists links and people, after a change where one is requested. */
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
    for (const { isOpen, admission } of this.#options.connections()) {
      const { id, name, color, verified } = admission.person;
      const { link } = admission.pass;
      if (isOpen)
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

  /** [AUTH-10] An invitation becomes a record of the person who came with the address that it was sent to. */
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

/** What the Worker is told about a person who asks for access. */
export type Authorization =
  | { readonly ok: true; readonly role: Role; readonly name: string; readonly until?: number }
  | { readonly ok: false; readonly status: 401 | 403 | 404; readonly sentence: string };
