// What a route may need of whoever asks: nothing, a page of ours, a sign-in, or a role in the project that its path
// names. The only place where credentials are looked at.

import { isProjectId } from "#core/auth/project-id.ts";
import { can, type Action, type Role } from "#core/auth/role.ts";
import type { Pass } from "#core/auth/token.ts";
import type { Person } from "#core/room/person.ts";
import type { Env } from "#worker/bindings/env.ts";
import {
  isWebSocket,
  refuse,
  refuseSocket,
  tokenRefusal,
  unknownProject,
  type Refusal,
} from "#worker/http/refusal.ts";
import type { Asked, Need } from "#worker/http/router.ts";
import { checkToken } from "./server-keys.ts";
import { readSession, type SignIn } from "./sign-in-cookies.ts";

/** Anybody at all: no credentials are looked at. */
export const nothing: Need<undefined> = {
  name: "nothing",
  check: () => ({ ok: true, grant: undefined }),
};

/** [AUTH-12] A page of this server: another site cannot send the header. */
export const ownPage: Need<undefined> = {
  name: "own page",
  check: ({ req }) =>
    isOwnPage(req.raw)
      ? { ok: true, grant: undefined }
      : { ok: false, refusal: refuse({ status: 403, sentence: "Only a page of this server may do that." }) },
};

/** Anybody; the route is told who is signed in, if anybody is. */
export const visitor: Need<SignIn | undefined> = {
  name: "visitor",
  check: async ({ env, req }) => ({ ok: true, grant: await signedIn(env, req.raw) }),
};

/** Somebody who is signed in. */
export const account: Need<SignIn> = {
  name: "account",
  check: async ({ env, req }) => {
    const session = await signedIn(env, req.raw);
    return session === undefined
      ? { ok: false, refusal: refuse({ status: 401, sentence: "You are not signed in." }) }
      : { ok: true, grant: session };
  },
};

export interface Entry {
  readonly pass: Pass;
  /** Who is signed in, if anybody is. */
  readonly session: SignIn | undefined;
}

/**
 * [AUTH-3] A link of the project, or a sign-in: what may be exchanged for access. What it is worth is the room's answer
 * to the exchange itself, which also depends on whom the body names.
 */
export const entry: Need<Entry> = {
  name: "link or account",
  check: async (asked) => {
    const { env, req } = asked;
    const project = projectOf(asked);
    const session = await signedIn(env, req.raw);
    let check = await checkPass(env, project, bearer(req.raw));
    // Who has an account may need no link.
    if (!check.ok && session !== undefined && isProjectId(project)) check = { ok: true, pass: { project } };
    if (!check.ok) return { ok: false, refusal: refuse(check.refusal) };
    if (check.pass.until !== undefined) {
      const sentence = "Send the link itself: this is what it was exchanged for.";
      return { ok: false, refusal: refuse({ status: 403, sentence }) };
    }
    return { ok: true, grant: { pass: check.pass, session } };
  },
};

/** Who asks, and what they may do in the project now. */
export interface ProjectAccess {
  readonly project: string;
  readonly pass: Pass;
  readonly person: Person;
  readonly role: Role;
  readonly name: string;
}

/** A token in `Authorization: Bearer` of somebody who may do this in the project. */
export function mayIn(action: Action): Need<ProjectAccess> {
  return {
    name: `may ${action}`,
    check: async (asked) => {
      const access = await checkAccess(asked.env, projectOf(asked), bearer(asked.req.raw), action);
      return access.ok ? access : { ok: false, refusal: refuse(access.refusal) };
    },
  };
}

/** A WebSocket of somebody who may do this in the project: browsers can send a token only in its address. */
export function mayOverSocket(action: Action): Need<ProjectAccess> {
  return {
    name: `may ${action}, over a WebSocket`,
    check: async (asked) => {
      const { env, req } = asked;
      if (!isWebSocket(req.raw)) {
        const sentence = "This is the address of a WebSocket.";
        return { ok: false, refusal: refuse({ status: 426, sentence }) };
      }
      const access = await checkAccess(env, projectOf(asked), req.query("token") ?? null, action);
      return access.ok ? access : { ok: false, refusal: refuseSocket(access.refusal) };
    },
  };
}

/** Routes of a project have its id as `:id`. */
function projectOf({ req }: Asked): string {
  const id = req.param("id");
  if (id === undefined) throw new Error("invariant violation: the path of this route names no project");
  return id;
}

function isOwnPage(request: Request): boolean {
  return request.headers.get("Conch") === "1";
}

/** [AUTH-12] A sign-in counts only where a page of ours asks. */
async function signedIn(env: Env, request: Request): Promise<SignIn | undefined> {
  return isOwnPage(request) ? await readSession(env, request) : undefined;
}

/** Who holds a bare link over HTTP: nobody in particular. */
const nobody: Person = { id: "", name: "", color: "" };

type Refused = { readonly ok: false; readonly refusal: Refusal };

/** The token's own worth, before the room is asked. */
async function checkPass(
  env: Env,
  project: string,
  token: string | null,
): Promise<{ readonly ok: true; readonly pass: Pass } | Refused> {
  // What is no id wakes no Durable Object.
  if (!isProjectId(project)) return { ok: false, refusal: unknownProject };
  const check = await checkToken(env, token, project);
  if (check.ok) return check;
  // Ids cannot be guessed, so telling a wrong address from a missing link helps only its owner.
  const exists = (await env.ROOMS.getByName(project).info()) !== undefined;
  return { ok: false, refusal: exists ? tokenRefusal(check) : unknownProject };
}

/** [AUTH-5] The room knows what a genuine token is worth: a link may have been revoked a second ago. */
async function checkAccess(
  env: Env,
  project: string,
  token: string | null,
  action: Action,
): Promise<{ readonly ok: true; readonly grant: ProjectAccess } | Refused> {
  const check = await checkPass(env, project, token);
  if (!check.ok) return check;
  const { person = nobody, ...pass } = check.pass;
  const answer = await env.ROOMS.getByName(project).authorize(pass, person);
  if (!answer.ok) return { ok: false, refusal: answer };
  const { role, name } = answer;
  if (!can(role, action))
    return { ok: false, refusal: { status: 403, sentence: `With this link you may not ${action} here.` } };
  return { ok: true, grant: { project, pass: check.pass, person, role, name } };
}

function bearer(request: Request): string | null {
  const header = request.headers.get("Authorization");
  return header?.startsWith("Bearer ") === true ? header.slice("Bearer ".length).trim() : null;
}
