// The routes of projects: make one, look at it, exchange a link for access, enter its room.

import * as v from "valibot";
import { newProjectId } from "#core/auth/project-id.ts";
import type { SharedPerson } from "#core/auth/sharing.ts";
import { signAccess, type AccessPass, type Pass } from "#core/auth/token.ts";
import { accountPersonId, admitPerson, type Person } from "#core/room/person.ts";
import { admittedRequest } from "#worker/bindings/admission.ts";
import { readJson } from "#worker/http/read-json.ts";
import { refuse } from "#worker/http/refusal.ts";
import { route } from "#worker/http/router.ts";
import { accountOf } from "#worker/identity/accounts.ts";
import { entry, mayIn, mayOverSocket, visitor } from "#worker/identity/needs.ts";
import { accessMilliseconds, serverKeys } from "#worker/identity/server-keys.ts";
import type { SignIn } from "#worker/identity/sign-in-cookies.ts";
import { exampleNames, seedFiles } from "./examples.ts";
import { showLink } from "./sharing-routes.ts";

const newProject = v.object({
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100))),
  example: v.optional(v.picklist(exampleNames)),
});
const wish = v.optional(v.pipe(v.string(), v.maxLength(300)));
const wishes = v.object({ person: wish, name: wish, color: wish });

const noStore = { "Cache-Control": "no-store" } as const;

const create = route("POST", "/api/projects", visitor, async (c, session) => {
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
  const people = session === undefined ? new Map<string, SharedPerson>() : ownerRecord(session);
  const room = c.env.ROOMS.getByName(id);
  if (!(await room.create(name, files, { links: new Map([[link.id, link]]), people })))
    throw new Error("invariant violation: a fresh project id was taken");
  if (session !== undefined)
    await accountOf(c.env, session.account).remember({ id, name, role: "owner", openedAt: Date.now() });
  return c.json({ id, ...(await showLink(c.env, c.req.raw, id, link)) }, 201, noStore);
});

const look = route("GET", "/api/projects/:id", mayIn("read"), (c, { project: id, name, role }) =>
  c.json({ id, name, role }, 200, noStore),
);

/** [AUTH-3] A link, for a token that says who one is and lasts some minutes. */
const exchange = route("POST", "/api/projects/:id/access", entry, async (c, { pass: shown, session }) => {
  const id = c.req.param("id");
  const body = await readJson(c.req.raw, wishes);
  if (body === undefined)
    return refuse({ status: 400, sentence: 'Send nothing, or JSON with "person", "name" and "color".' });
  const email = session?.email;
  const pass = { ...shown, ...(email === undefined ? {} : { email }) };
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

const room = route("GET", "/parties/project/:id", mayOverSocket("read"), (c, { project, pass }) =>
  // The room looks again: this was only so that a refusal ends its line at once.
  c.env.ROOMS.getByName(project).fetch(admittedRequest(c.req.raw, pass)),
);

export const projectRoutes = [create, look, exchange, room];
