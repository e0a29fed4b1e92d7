// Opening a project's address: which of the links that this browser knows opens it, and what to keep of them.

import type { Role } from "#core/auth/role.ts";
import type { BrowserStore } from "./browser-store.ts";
import { strongestFirst } from "./browser-store.ts";
import { ServerError, createLink, readProject } from "./http.ts";

export interface OpenedProject {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly token: string;
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
  const tokens = strongestFirst([fragment, known?.token ?? ""]);
  let problem: OpeningProblem = { kind: "no-link" };
  for (const token of tokens) {
    try {
      const info = await Promise.race([readProject(id, token), silence(kept)]);
      store.remember({
        id,
        name: info.name,
        role: info.role,
        token,
        openedAt: Date.now(),
        links: known?.links ?? {},
      });
      return { ok: true, project: { ...info, token } };
    } catch (error) {
      problem = problemOf(error);
      // Another link does not help against these.
      if (problem.kind === "unknown" || problem.kind === "unreachable") break;
    }
  }
  if (problem.kind === "unreachable" && known !== undefined && (await kept)) {
    store.remember({ ...known, openedAt: Date.now() });
    return { ok: true, project: { id, name: known.name, role: known.role, token: known.token } };
  }
  return { ok: false, problem };
}

/** Rejects when the server has been silent for too long, where the project can be opened without it. */
async function silence(kept: Promise<boolean>): Promise<never> {
  await new Promise((resolve) => {
    setTimeout(resolve, patience);
  });
  if (!(await kept)) await new Promise(() => undefined); // waits for the server as long as it takes
  throw new ServerError(0, "The server does not answer.");
}

function problemOf(error: unknown): OpeningProblem {
  if (!(error instanceof ServerError)) throw error;
  if (error.status === 404) return { kind: "unknown" };
  if (error.status === 401 || error.status === 403) return { kind: "refused", reason: error.message };
  return { kind: "unreachable" };
}

/** A link for a role: made once and then kept, so that one project does not breed links. */
export async function linkFor(project: OpenedProject, role: Role, store: BrowserStore): Promise<string> {
  const known = store.project(project.id);
  const kept = known?.links[role];
  if (kept !== undefined) return new URL(kept, location.origin).href;
  const { url } = await createLink(project.id, project.token, role);
  const parsed = new URL(url);
  const path = parsed.pathname + parsed.hash;
  const now = store.project(project.id);
  if (now !== undefined) store.remember({ ...now, links: { ...now.links, [role]: path } });
  return new URL(path, location.origin).href;
}

/**
 * What the address bar shows may be passed around: never an owner's link. Returns when it is so;
 * where no editor's link can be had now, the fragment is taken away (this browser keeps the owner's).
 */
export async function showSafeAddress(project: OpenedProject, store: BrowserStore): Promise<void> {
  const show = (path: string): void => history.replaceState(history.state, "", path);
  if (project.role !== "owner") {
    if (location.hash === "") show(`/p/${project.id}#${project.token}`);
    return;
  }
  show(`/p/${project.id}`);
  try {
    const url = new URL(await linkFor(project, "editor", store));
    show(url.pathname + url.hash);
  } catch {
    // Offline: the address stays without a fragment, and opens in this browser alone.
  }
}
