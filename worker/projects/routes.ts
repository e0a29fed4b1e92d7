// The routes of projects: make one, look at it, exchange a link for access, enter its room.

import { Hono } from "hono";
import * as v from "valibot";
import { newProjectId } from "#core/auth/project-id.ts";
import { isProjectId } from "#core/auth/project-id.ts";
import type { SharedPerson } from "#core/auth/sharing.ts";
import { signAccess, type AccessPass, type Pass } from "#core/auth/token.ts";
import { accountPersonId, admitPerson, type Person } from "#core/room/person.ts";
import { accountOf } from "#worker/identity/accounts.ts";
import { bearer, checkAccess, checkPass } from "#worker/identity/project-access.ts";
import { admittedRequest } from "#worker/bindings/admission.ts";
import { readSession, type SignIn } from "#worker/identity/sign-in-cookies.ts";
import type { Env } from "#worker/bindings/env.ts";
import { exampleNames, seedFiles } from "./examples.ts";
import { readJson } from "#worker/http/read-json.ts";
import { isWebSocket, refuse, refuseSocket } from "#worker/http/refusal.ts";
import { accessMilliseconds, serverKeys } from "#worker/identity/server-keys.ts";
import { showLink } from "./sharing-routes.ts";
import { isOwnPage } from "#worker/identity/routes.ts";

const newProject = v.object({
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100))),
  example: v.optional(v.picklist(exampleNames)),
});
const wish = v.optional(v.pipe(v.string(), v.maxLength(300)));
const wishes = v.object({ person: wish, name: wish, color: wish });

const noStore = { "Cache-Control": "no-store" } as const;

/** [AUTH-12] A sign-in counts only where a page of ours asks. */
async function signedIn(env: Env, request: Request): Promise<SignIn | undefined> {
  return isOwnPage(request) ? await readSession(env, request) : undefined;
}

export const projects = new Hono<{ Bindings: Env }>();

projects.post("/api/projects", async (c) => {
  const body = await readJson(c.req.raw, newProject);
  if (body === undefined)
    return refuse({
      status: 400,
      sentence: `Send nothing, or JSON with "name" (at most 100 characters) and "example" (one of ${exampleNames.join(", ")}).`,
    });
  const id = newProjectId();
  const files = seedFiles(body.example);
  const link = { id: crypto.randomUUID(), role: "owner", label: "", by: "", at: Date.now() } as const;
  const name = body.name ?? "Untitled project";
  const session = await signedIn(c.env, c.req.raw);
  const people = session === undefined ? new Map<string, SharedPerson>() : ownerRecord(session);
  const room = c.env.ROOMS.getByName(id);
  if (!(await room.create(name, files, { links: new Map([[link.id, link]]), people })))
    throw new Error("invariant violation: a fresh project id was taken");
  if (session !== undefined)
    await accountOf(c.env, session.account).remember({ id, name, role: "owner", openedAt: Date.now() });
  return c.json({ id, ...(await showLink(c.env, c.req.raw, id, link)) }, 201, noStore);
});

projects.get("/api/projects/:id", async (c) => {
  const id = c.req.param("id");
  const access = await checkAccess(c.env, id, bearer(c.req.raw), "read");
  if (!access.ok) return refuse(access.refusal);
  return c.json({ id, name: access.name, role: access.role }, 200, noStore);
});

/** [AUTH-3] A link, for a token that says who one is and lasts some minutes. */
projects.post("/api/projects/:id/access", async (c) => {
  const id = c.req.param("id");
  const session = await signedIn(c.env, c.req.raw);
  let check = await checkPass(c.env, id, bearer(c.req.raw));
  // Who has an account may need no link.
  if (!check.ok && session !== undefined && isProjectId(id)) check = { ok: true, pass: { project: id } };
  if (!check.ok) return refuse(check.refusal);
  if (check.pass.until !== undefined)
    return refuse({ status: 403, sentence: "Send the link itself: this is what it was exchanged for." });
  const body = await readJson(c.req.raw, wishes);
  if (body === undefined)
    return refuse({ status: 400, sentence: 'Send nothing, or JSON with "person", "name" and "color".' });
  const email = session?.email;
  const pass = { ...check.pass, ...(email === undefined ? {} : { email }) };
  const said = admitPerson({
    key: body.person ?? null,
    name: body.name ?? null,
    color: body.color ?? null,
    fallbackKey: crypto.randomUUID(),
  });
  const person: Person = session === undefined ? said : { ...verifiedPerson(session), color: said.color };
  const answer = await c.env.ROOMS.getByName(id).authorize(pass, person);
  if (!answer.ok) return refuse(answer);
  const now = Date.now();
  const until = Math.min(now + accessMilliseconds(c.env), answer.until ?? Number.POSITIVE_INFINITY);
  const token = await signAccess(serverKeys(c.env), accessPass(pass, person, until), now);
  const { role, name } = answer;
  if (session !== undefined)
    await accountOf(c.env, session.account).remember({ id, name, role, openedAt: now });
  return c.json({ id, name, role, person, token, lasts: until - now }, 200, noStore);
});

function verifiedPerson({ account, name }: SignIn): Omit<Person, "color"> {
  return { id: accountPersonId(account), name, verified: true };
}

/** Who makes a project signed in is its owner wherever they sign in. */
function ownerRecord(session: SignIn): Map<string, SharedPerson> {
  const { id, name } = verifiedPerson(session);
  const { email } = session;
  const record: SharedPerson = {
    id,
    name,
    role: "owner",
    verified: true,
    by: name,
    at: Date.now(),
    ...(email === undefined ? {} : { email }),
  };
  return new Map([[id, record]]);
}

function accessPass({ project, link, email }: Pass, person: Person, until: number): AccessPass {
  return {
    project,
    person,
    until,
    ...(link === undefined ? {} : { link }),
    ...(email === undefined ? {} : { email }),
  };
}

projects.get("/parties/project/:id", async (c) => {
  const id = c.req.param("id");
  const { raw: request } = c.req;
  if (!isWebSocket(request)) return refuse({ status: 426, sentence: "This is the address of a WebSocket." });
  const access = await checkAccess(c.env, id, c.req.query("token") ?? null, "read");
  if (!access.ok) return refuseSocket(access.refusal);
  // The room looks again: this was only so that a refusal ends its line at once.
  return c.env.ROOMS.getByName(id).fetch(admittedRequest(request, access.pass));
});
