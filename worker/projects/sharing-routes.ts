// The routes of links and people: what there is, and changes. What may be changed is the room's to say.

import * as v from "valibot";
import { roles, type Role } from "#core/auth/role.ts";
import { parseSharingRequest, type SharingRequest } from "#core/auth/sharing.ts";
import { signLink } from "#core/auth/token.ts";
import type { SharingAnswer } from "#party/participant-access.ts";
import { mailboxOf } from "#worker/identity/accounts.ts";
import { mayIn, type ProjectAccess } from "#worker/identity/needs.ts";
import type { Env } from "#worker/bindings/env.ts";
import { readBody, readJson } from "#worker/http/read-json.ts";
import { refuse } from "#worker/http/refusal.ts";
import { route } from "#worker/http/router.ts";
import { serverKeys } from "#worker/identity/server-keys.ts";

interface ShownLink {
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

type Shared = Extract<SharingAnswer, { ok: true }>;

/** The room decides what of it each role may see and change. */
function ask(
  env: Env,
  { project, pass, person }: ProjectAccess,
  wish: SharingRequest | undefined,
): Promise<SharingAnswer> {
  return env.ROOMS.getByName(project).share(pass, person, wish);
}

const path = "/api/projects/:id/sharing";

const list = route("GET", path, mayIn("read"), async (c, access) => {
  const answer = await ask(c.env, access, undefined);
  if (!answer.ok) return refuse(answer);
  return c.json(await shown(c.env, c.req.raw, access.project, answer), 200, noStore);
});

const change = route("POST", path, mayIn("share"), async (c, access) => {
  const wish = parseSharingRequest(await readBody(c.req.raw));
  if (wish === undefined)
    return refuse({ status: 400, sentence: "This is no change that can be made here." });
  const answer = await ask(c.env, access, wish);
  if (!answer.ok) return refuse(answer);
  const { project: id, name } = access;
  if (wish.type === "invite")
    await mailboxOf(c.env, wish.email).remember({ id, name, role: wish.role, openedAt: Date.now() });
  else if (wish.type === "withdraw") await mailboxOf(c.env, wish.email).forget(id);
  return c.json(await shown(c.env, c.req.raw, id, answer), 200, noStore);
});

const newLink = v.object({ role: v.picklist(roles) });

/** The short form, for scripts: a link of a role. */
const makeLink = route("POST", "/api/projects/:id/links", mayIn("share"), async (c, access) => {
  const body = await readJson(c.req.raw, newLink);
  if (body === undefined)
    return refuse({ status: 400, sentence: `Send JSON with "role": one of ${roles.join(", ")}.` });
  const answer = await ask(c.env, access, { type: "make-link", role: body.role });
  if (!answer.ok) return refuse(answer);
  const link = answer.sharing.links.find((each) => each.id === answer.link);
  if (link === undefined) throw new Error("invariant violation: a link that was made is not listed");
  return c.json(await showLink(c.env, c.req.raw, access.project, link), 200, noStore);
});

export const sharingRoutes = [list, change, makeLink];

/** Links with their addresses: whoever sees one listed may hand it on. */
async function shown(
  env: Env,
  request: Request,
  project: string,
  { sharing: listed, link }: Shared,
): Promise<unknown> {
  const links = await Promise.all(
    listed.links.map(async (each) => {
      const { url } = await showLink(env, request, project, each);
      return { ...each, url };
    }),
  );
  return { ...listed, links, ...(link === undefined ? {} : { made: link }) };
}
