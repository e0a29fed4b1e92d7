// Who asks, and whether they may: the token of a request, and what it is worth in the project now.

import { isProjectId } from "#core/auth/project-id.ts";
import { can, type Action, type Role } from "#core/auth/role.ts";
import type { Pass } from "#core/auth/token.ts";
import type { Person } from "#core/room/person.ts";
import type { Env } from "#worker/bindings/env.ts";
import { tokenRefusal, unknownProject, type Refusal } from "#worker/http/refusal.ts";
import { checkToken } from "./server-keys.ts";

export type Access =
  | {
      readonly ok: true;
      readonly pass: Pass;
      readonly person: Person;
      readonly role: Role;
      /** The project's name when it was made. */
      readonly name: string;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** Whoever holds a bare link over HTTP: nobody in particular. */
export const nobody: Person = { id: "", name: "", color: "" };

/** The token's own worth, before the room is asked. */
export async function checkPass(
  env: Env,
  project: string,
  token: string | null,
): Promise<{ readonly ok: true; readonly pass: Pass } | { readonly ok: false; readonly refusal: Refusal }> {
  // What is no id wakes no Durable Object.
  if (!isProjectId(project)) return { ok: false, refusal: unknownProject };
  const check = await checkToken(env, token, project);
  if (check.ok) return check;
  // Ids cannot be guessed, so telling a wrong address from a missing link helps only its owner.
  const exists = (await env.ROOMS.getByName(project).info()) !== undefined;
  return { ok: false, refusal: exists ? tokenRefusal(check) : unknownProject };
}

/** [AUTH-5] The room knows what a genuine token is worth: a link may have been revoked a second ago. */
export async function checkAccess(
  env: Env,
  project: string,
  token: string | null,
  action: Action,
): Promise<Access> {
  const check = await checkPass(env, project, token);
  if (!check.ok) return check;
  const { pass } = check;
  const { person = nobody } = pass;
  const answer = await env.ROOMS.getByName(project).authorize(pass, person);
  if (!answer.ok) return { ok: false, refusal: answer };
  const { role, name } = answer;
  if (!can(role, action))
    return { ok: false, refusal: { status: 403, sentence: `With this link you may not ${action} here.` } };
  return { ok: true, pass, person, role, name };
}

export function bearer(request: Request): string | null {
  const header = request.headers.get("Authorization");
  return header?.startsWith("Bearer ") === true ? header.slice("Bearer ".length).trim() : null;
}
