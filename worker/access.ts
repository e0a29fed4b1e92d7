// Who asks, and whether they may: the token of a request against a project that exists.

import { can, type Action } from "#core/auth/role.ts";
import { verifyToken, type TokenClaims } from "#core/auth/token.ts";
import { encodeUtf8 } from "#core/base/bytes.ts";
import type { Env } from "./env.ts";
import { tokenRefusal, unknownProject, type Refusal } from "./refusal.ts";
import { isProjectId } from "#core/auth/project-id.ts";

export type Access =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly refusal: Refusal };

export async function checkAccess(
  env: Env,
  project: string,
  token: string | null,
  action: Action,
): Promise<Access> {
  // What is no id wakes no Durable Object.
  if (!isProjectId(project)) return { ok: false, refusal: unknownProject };
  const check = await verifyToken(encodeUtf8(env.CONCH_SECRET), token, project);
  if (!check.ok) {
    // Ids cannot be guessed, so telling a wrong address from a missing link helps only its owner.
    const exists = (await env.ROOMS.getByName(project).info()) !== undefined;
    return { ok: false, refusal: exists ? tokenRefusal(check) : unknownProject };
  }
  if (!can(check.claims.role, action))
    return {
      ok: false,
      refusal: { status: 403, sentence: `With this link you may not ${action} here.` },
    };
  return { ok: true, claims: check.claims };
}

export function bearer(request: Request): string | null {
  const header = request.headers.get("Authorization");
  return header?.startsWith("Bearer ") === true ? header.slice("Bearer ".length).trim() : null;
}
