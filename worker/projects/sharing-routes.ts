// The routes of links and people: what there is, and changes. What may be changed is the room's to say.

import { Hono } from "hono";
import * as v from "valibot";
import { roles, type Role } from "#core/auth/role.ts";
import { parseSharingRequest, type SharingRequest } from "#core/auth/sharing.ts";
import { signLink } from "#core/auth/token.ts";
import type { SharingAnswer } from "#party/participant-access.ts";
import { mailboxOf } from "#worker/identity/accounts.ts";
import { bearer, checkPass, nobody } from "#worker/identity/project-access.ts";
import type { Env } from "#worker/bindings/env.ts";
import { readBody, readJson } from "#worker/http/read-json.ts";
import { refuse, type Refusal } from "#worker/http/refusal.ts";
import { serverKeys } from "#worker/identity/server-keys.ts";

export interface ShownLink {
  readonly url: string;
  readonly token: string;
}

/** [AUTH-2] After the #: a link never reaches a server's log. */
export async function showLink(
  env: Env,
  request: Request,
  project: string,
  { id, role }: { readonly id: string; readonly role: Role },
): Promise<ShownLink> {
  const token = await signLink(serverKeys(env), project, id, role);
  return { token, url: `${new URL(request.url).origin}/p/${project}#${token}` };
}

const noStore = { "Cache-Control": "no-store" } as const;

async function ask(
  env: Env,
  project: string,
  request: Request,
  wish: SharingRequest | undefined,
): Promise<Extract<SharingAnswer, { ok: true }> | { readonly ok: false; readonly refusal: Refusal }> {
  const check = await checkPass(env, project, bearer(request));
  if (!check.ok) return check;
  const { person = nobody, ...pass } = check.pass;
  const answer = await env.ROOMS.getByName(project).share(pass, person, wish);
  return answer.ok ? answer : { ok: false, refusal: answer };
}

export const sharing = new Hono<{ Bindings: Env }>();

sharing.get("/api/projects/:id/sharing", async (c) => {
  const answer = await ask(c.env, c.req.param("id"), c.req.raw, undefined);
  if (!answer.ok) return refuse(answer.refusal);
  return c.json(await shown(c.env, c.req.raw, c.req.param("id"), answer), 200, noStore);
});

sharing.post("/api/projects/:id/sharing", async (c) => {
  const wish = parseSharingRequest(await readBody(c.req.raw));
  if (wish === undefined)
    return refuse({ status: 400, sentence: "This is no change that can be made here." });
  const id = c.req.param("id");
  const answer = await ask(c.env, id, c.req.raw, wish);
  if (!answer.ok) return refuse(answer.refusal);
  if (wish.type === "invite") {
    const name = (await c.env.ROOMS.getByName(id).info())?.name ?? "";
    await mailboxOf(c.env, wish.email).remember({ id, name, role: wish.role, openedAt: Date.now() });
  } else if (wish.type === "withdraw") await mailboxOf(c.env, wish.email).forget(id);
  return c.json(await shown(c.env, c.req.raw, c.req.param("id"), answer), 200, noStore);
});

const newLink = v.object({ role: v.picklist(roles) });

/** The short form, for scripts: a link of a role. */
sharing.post("/api/projects/:id/links", async (c) => {
  const id = c.req.param("id");
  const token = bearer(c.req.raw);
  const check = await checkPass(c.env, id, token);
  if (!check.ok) return refuse(check.refusal);
  const body = await readJson(c.req.raw, newLink);
  if (body === undefined)
    return refuse({ status: 400, sentence: `Send JSON with "role": one of ${roles.join(", ")}.` });
  const answer = await ask(c.env, id, c.req.raw, { type: "make-link", role: body.role });
  if (!answer.ok) return refuse(answer.refusal);
  const link = answer.sharing.links.find((each) => each.id === answer.link);
  if (link === undefined) throw new Error("invariant violation: a link that was made is not listed");
  return c.json(await showLink(c.env, c.req.raw, id, link), 200, noStore);
});

/** Links with their addresses: whoever sees one listed may hand it on. */
async function shown(
  env: Env,
  request: Request,
  project: string,
  { sharing: listed, link }: Extract<SharingAnswer, { ok: true }>,
): Promise<unknown> {
  const links = await Promise.all(
    listed.links.map(async (each) => {
      const { url } = await showLink(env, request, project, each);
      return { ...each, url };
    }),
  );
  return { ...listed, links, ...(link === undefined ? {} : { made: link }) };
}
