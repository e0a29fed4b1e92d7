// What this browser remembers: the projects one has been in with their links, and who one is. Nothing here is on the server.

import { isRole, roles } from "#core/auth/role.ts";
import type { Role } from "#core/auth/role.ts";

export interface KnownProject {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** The strongest link that this browser has seen. */
  readonly token: string;
  readonly role: Role;
}

/** Who one is: the key is a secret of this browser, the others see a hash of it. */
export interface OwnIdentity {
  readonly key: string;
  readonly name: string;
  readonly color: string;
}

const projectsKey = "conch.projects";
const identityKey = "conch.person";
const offlineKey = "conch.offline";
/** Projects that are remembered; the longest unvisited ones go first. */
const mostProjects = 50;

export type OfflineChoice = "everything" | "usual" | "nothing";

export class BrowserStore {
  readonly #storage: Storage | undefined;

  constructor(storage: () => Storage) {
    try {
      this.#storage = storage();
    } catch {
      this.#storage = undefined; // forbidden by the browser: nothing is remembered
    }
  }

  /** Latest first. */
  projects(): readonly KnownProject[] {
    const stored = this.#read(projectsKey);
    if (!Array.isArray(stored)) return [];
    return stored
      .flatMap((value: unknown) => readProject(value) ?? [])
      .sort((a, b) => b.openedAt - a.openedAt);
  }

  project(id: string): KnownProject | undefined {
    return this.projects().find((project) => project.id === id);
  }

  remember(project: KnownProject): void {
    const others = this.projects().filter(({ id }) => id !== project.id);
    this.#write(projectsKey, [project, ...others].slice(0, mostProjects));
  }

  forget(id: string): void {
    this.#write(
      projectsKey,
      this.projects().filter((project) => project.id !== id),
    );
  }

  identity(): OwnIdentity | undefined {
    const { key, name, color } = (this.#read(identityKey) ?? {}) as Partial<
      Record<keyof OwnIdentity, unknown>
    >;
    if (typeof key !== "string" || typeof name !== "string" || typeof color !== "string") return undefined;
    return { key, name, color };
  }

  setIdentity(identity: OwnIdentity): void {
    this.#write(identityKey, identity);
  }

  /** "everything" and "nothing" are what the person has chosen to keep for offline. */
  get offlineChoice(): OfflineChoice {
    const choice = this.#read(offlineKey);
    return choice === "everything" || choice === "nothing" ? choice : "usual";
  }

  set offlineChoice(choice: OfflineChoice) {
    this.#write(offlineKey, choice);
  }

  /** For others who keep something small: behaves as Storage does, and as nothing where that is forbidden. */
  getItem(key: string): string | null {
    try {
      return this.#storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  setItem(key: string, value: string): void {
    try {
      this.#storage?.setItem(key, value);
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }

  #read(key: string): unknown {
    const json = this.getItem(key);
    try {
      return json === null ? undefined : JSON.parse(json);
    } catch {
      return undefined;
    }
  }

  #write(key: string, value: unknown): void {
    this.setItem(key, JSON.stringify(value));
  }
}

function readProject(value: unknown): KnownProject | undefined {
  const { id, name, openedAt, token, role } = (value ?? {}) as Partial<Record<keyof KnownProject, unknown>>;
  if (typeof id !== "string" || typeof name !== "string" || typeof openedAt !== "number") return undefined;
  if (typeof token !== "string" || !isRole(role)) return undefined;
  return { id, name, openedAt, token, role };
}

/**
 * The role that a token claims, unverified: only to choose which of two tokens to try first.
 *
 * @internal
 */
export function claimedRole(token: string): Role | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const { role } = claims as { readonly role?: unknown };
    return isRole(role) ? role : undefined;
  } catch {
    return undefined;
  }
}

/** The given tokens, the one that claims most first. */
export function strongestFirst(tokens: readonly string[]): readonly string[] {
  const rank = (token: string): number => {
    const role = claimedRole(token);
    return role === undefined ? roles.length : roles.indexOf(role);
  };
  return [...new Set(tokens)].filter((token) => token !== "").sort((a, b) => rank(a) - rank(b));
}
