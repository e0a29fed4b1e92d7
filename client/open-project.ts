// Opening a project's address: which of the links that this browser knows opens it, and what to keep of them.

import { delay } from "#core/base/clock.ts";
import { systemClock } from "#core/base/system-clock.ts";
import type { Role } from "#core/auth/role.ts";
import { AccessRefusal, exchange, type GrantedAccess } from "#sync/access.ts";
import type { BrowserStore } from "./browser-store.ts";
import { strongestFirst } from "./browser-store.ts";
import { ServerError, askSharing } from "./http.ts";
import { identityOf } from "./own-identity.ts";

export interface OpenedProject {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Of the link that opened it. */
  readonly token: string;
  /** What it was exchanged for; undefined where the server could not be reached. */
  readonly access?: GrantedAccess;
}

/** Why it does not open; the page says so. */
export type OpeningProblem =
  | { readonly kind: "unknown" }
  | { readonly kind: "no-link" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unreachable" };

export type Opening =
  | { readonly ok: true; readonly project: OpenedProject }
  | { readonly ok: false; readonly problem: OpeningProblem };

/** Milliseconds that a silent server is waited for where the project can be opened without it. */
const patience = 4000;

/**
 * Tries the links that this browser has for the project, the strongest first, and remembers the one that opens it.
 * `kept`: this browser has a copy of the project, to open where the server cannot be reached.
 */
export async function openProject(
  id: string,
  fragment: string,
  store: BrowserStore,
  kept: Promise<boolean>,
): Promise<Opening> {
  const known = store.project(id);
  // Last, what a sign-in is worth without any link.
  const tokens = [...strongestFirst([fragment, known?.token ?? ""]), ""];
  let problem: OpeningProblem = { kind: "no-link" };
  for (const token of tokens) {
    try {
      const address = { server: location.origin, projectId: id, link: token };
      const asking = exchange(address, identityOf(store), systemClock);
      const access = await Promise.race([asking, silence(kept)]);
      const { name, role } = access;
      store.remember({ id, name, role, token, openedAt: systemClock.now() });
      return { ok: true, project: { id, name, role, token, access } };
    } catch (error) {
      const found = problemOf(error);
      // Without any link, that there is none says more than that it was refused.
      if (token !== "" || found.kind !== "refused") problem = found;
      // Another link does not help against these.
      if (problem.kind === "unknown" || problem.kind === "unreachable") break;
    }
  }
  if (problem.kind === "unreachable" && known !== undefined && (await kept)) {
    store.remember({ ...known, openedAt: systemClock.now() });
    return { ok: true, project: { id, name: known.name, role: known.role, token: known.token } };
  }
  return { ok: false, problem };
}

/** Rejects when the server has been silent for too long, where the project can be opened without it. */
async function silence(kept: Promise<boolean>): Promise<never> {
  await delay(systemClock, patience);
  if (!(await kept)) await new Promise(() => undefined); // waits for the server as long as it takes
  throw new ServerError(0, "The server does not answer.");
}

function problemOf(error: unknown): OpeningProblem {
  if (!(error instanceof AccessRefusal)) return { kind: "unreachable" };
  return error.status === 404 ? { kind: "unknown" } : { kind: "refused", reason: error.message };
}

/**
 * What the address bar shows may be passed around: never an owner's link. Returns when it is so;
 * where no editor's link can be had now, the fragment is taken away (this browser keeps the owner's).
 */
export async function showSafeAddress(project: OpenedProject): Promise<void> {
  const show = (path: string): void => history.replaceState(history.state, "", path);
  if (project.role !== "owner") {
    if (location.hash === "" && project.token !== "") show(`/p/${project.id}#${project.token}`);
    return;
  }
  show(`/p/${project.id}`);
  try {
    const wish = { type: "make-link", role: "editor", standard: true } as const;
    const { links, made } = await askSharing(project.id, project.access?.token ?? project.token, wish);
    const link = links.find(({ id }) => id === made);
    if (link !== undefined) show(`/p/${project.id}${new URL(link.url).hash}`);
  } catch {
    // Offline: the address stays without a fragment, and opens in this browser alone.
  }
}
