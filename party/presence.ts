// Who is here: one awareness state per connection, bound to the verified person. Decides; sends nothing.

import type { AwarenessEntry } from "#core/room/awareness.ts";
import { parseState } from "#core/room/awareness-state.ts";
import type { Person } from "#core/room/person.ts";

interface Presence {
  readonly connection: string;
  readonly person: Person;
  /** JSON object. */
  state: string;
  clock: number;
}

export class PresenceTable {
  readonly #present = new Map<number, Presence>();
  readonly #now: () => number;
  #clock = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes what a connection says; returns its client id and whether anything changed for the others. */
  receive(
    connection: string,
    person: Person,
    bound: number | undefined,
    entries: readonly AwarenessEntry[],
  ): { readonly client: number | undefined; readonly changed: number[] } {
    let client = bound;
    const changed: number[] = [];
    for (const entry of entries) {
      if (client === undefined && entry.state !== "null" && this.#free(entry.client, person))
        client = entry.client;
      if (entry.client !== client) continue;
      if (entry.state === "null") {
        // The last word of an old connection does not silence the new one that took its id over.
        if (this.leave(connection, client) !== undefined) changed.push(client);
        continue;
      }
      const state = JSON.stringify({ ...parseState(entry.state), user: person });
      this.#present.set(client, { connection, person, state, clock: this.#tick() });
      changed.push(client);
    }
    return { client, changed };
  }

  /** [ROOM-11] Somebody goes by another name now; returns the client whose state says so. */
  rename(connection: string, client: number | undefined, person: Person): number | undefined {
    const presence = client === undefined ? undefined : this.#present.get(client);
    if (client === undefined || presence?.connection !== connection) return undefined;
    const state = JSON.stringify({ ...parseState(presence.state), user: person });
    this.#present.set(client, { connection, person, state, clock: this.#tick() });
    return client;
  }

  /** Forgets a connection; returns the client that is gone, if it was its. */
  leave(connection: string, client: number | undefined): number | undefined {
    if (client === undefined || this.#present.get(client)?.connection !== connection) return undefined;
    this.#present.delete(client);
    return client;
  }

  /** The present truth about some clients: their state, or null for who is gone. */
  entries(clients: Iterable<number>): AwarenessEntry[] {
    const entries: AwarenessEntry[] = [];
    for (const client of clients) {
      const presence = this.#present.get(client);
      entries.push(
        presence === undefined
          ? { client, clock: this.#tick(), state: "null" }
          : { client, clock: presence.clock, state: presence.state },
      );
    }
    return entries;
  }

  /** Everybody but one, as if they had just spoken: a client that returns still remembers old clocks. */
  everybody(except: number | undefined): AwarenessEntry[] {
    const entries: AwarenessEntry[] = [];
    for (const [client, presence] of this.#present) {
      if (client === except) continue;
      presence.clock = this.#tick();
      entries.push({ client, clock: presence.clock, state: presence.state });
    }
    return entries;
  }

  #free(client: number, person: Person): boolean {
    const holder = this.#present.get(client);
    return holder === undefined || holder.person.id === person.id;
  }

  /** Grows always, also across a sleep, because it follows the time. */
  #tick(): number {
    this.#clock = Math.max(this.#clock + 1, this.#now());
    return this.#clock;
  }
}
