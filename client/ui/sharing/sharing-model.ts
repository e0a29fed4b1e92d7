// Links and people of the project as the share dialog shows them. Asks the server; keeps what it answered last.

import { signal } from "@preact/signals";
import type { SharedLink, SharedPerson, Sharing, SharingRequest } from "#core/auth/sharing.ts";
import type { Role } from "#core/auth/role.ts";

export interface ShownLink extends SharedLink {
  readonly url: string;
}

export interface ShownSharing extends Sharing {
  readonly links: readonly ShownLink[];
  /** The link that was made or found. */
  readonly made?: string;
}

/** Somebody who is here, or whose role is set. */
export interface ShownPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string | undefined;
  readonly role: Role | "none";
  readonly here: boolean;
  readonly verified: boolean;
  readonly email: string | undefined;
  readonly record: SharedPerson | undefined;
}

/** Without a request it only asks. Rejects with a sentence. */
export type AskSharing = (request?: SharingRequest) => Promise<ShownSharing>;

export class SharingModel {
  readonly sharing = signal<ShownSharing | undefined>(undefined);
  readonly problem = signal<string | undefined>(undefined);
  /** A change is on its way. */
  readonly busy = signal(false);
  readonly #ask: AskSharing;

  constructor(ask: AskSharing) {
    this.#ask = ask;
  }

  async load(): Promise<void> {
    await this.#run();
  }

  /** Whether it was done; why not is in `problem`. */
  async change(request: SharingRequest): Promise<boolean> {
    return (await this.#run(request)) !== undefined;
  }

  /** The project's own link for a role. */
  async standardLink(role: Role): Promise<string | undefined> {
    const answer = await this.#run({ type: "make-link", role, standard: true });
    return answer?.links.find(({ id }) => id === answer.made)?.url;
  }

  async #run(request?: SharingRequest): Promise<ShownSharing | undefined> {
    this.busy.value = true;
    try {
      const answer = await this.#ask(request);
      this.sharing.value = answer;
      this.problem.value = undefined;
      return answer;
    } catch (error) {
      this.problem.value = error instanceof Error ? error.message : String(error);
      return undefined;
    } finally {
      this.busy.value = false;
    }
  }
}

/** Everybody who is here or has a record: who is here first, who was removed last, by name. */
export function shownPeople({ here, people }: Sharing): readonly ShownPerson[] {
  const records = new Map(people.map((record) => [record.id, record]));
  const shown = here.map(({ id, name, color, role, verified }): ShownPerson => {
    const record = records.get(id);
    records.delete(id);
    const email = record?.email;
    return { id, name, color, role, here: true, verified: verified === true, email, record };
  });
  for (const record of records.values()) {
    const { id, name, role, verified, email } = record;
    shown.push({ id, name, color: undefined, role, here: false, verified: verified === true, email, record });
  }
  const rank = ({ here: isHere, role }: ShownPerson): number => (role === "none" ? 2 : isHere ? 0 : 1);
  return shown.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
