// The routes of projects: make one, look at it, make links to it, enter its room.

import { Hono } from "hono";
import * as v from "valibot";
import { grantable, roles } from "#core/auth/role.ts";
import { signToken, type TokenClaims } from "#core/auth/token.ts";
import { encodeUtf8 } from "#core/base/bytes.ts";
import { bearer, checkAccess } from "./access.ts";
import { admittedRequest } from "./admission.ts";
import type { Env } from "./env.ts";
import { exampleNames, seedFiles } from "./examples.ts";
import { newProjectId } from "#core/auth/project-id.ts";
import { isWebSocket, refuse, refuseSocket, unknownProject } from "./refusal.ts";

const newProject = v.object({
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100))),
  example: v.optional(v.picklist(exampleNames)),
});
const newLink = v.object({ role: v.picklist(roles) });

/** The parsed body, or undefined where it is not what was asked for; no body counts as {}. */
async function readJson<S extends v.GenericSchema>(
  request: Request,
  schema: S,
): Promise<v.InferOutput<S> | undefined> {
  const text = await request.text();
  let body: unknown;
  try {
    body = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(schema, body);
  return result.success ? result.output : undefined;
}

async function link(
  env: Env,
  request: Request,
  claims: TokenClaims,
): Promise<{ url: string; token: string }> {
  const token = await signToken(encodeUtf8(env.CONCH_SECRET), claims);
  // After the #: a token never reaches a server's log.
  return { token, url: `${new URL(request.url).origin}/p/${claims.project}#${token}` };
}

export const projects = new Hono<{ Bindings: Env }>();

projects.post("/api/projects", async (c) => {
  const body = await readJson(c.req.raw, newProject);
  if (body === undefined)
    return refuse({
      status: 400,
      sentence: `Send nothing, or JSON with "name" (at most 100 characters) and "example" (one of ${exampleNames.join(", ")}).`,
    });
  const project = newProjectId();
  const files = seedFiles(body.example);
  if (!(await c.env.ROOMS.getByName(project).create(body.name ?? "Untitled project", files)))
    throw new Error("invariant violation: a fresh project id was taken");
  const { url, token } = await link(c.env, c.req.raw, { project, role: "owner", sub: "owner" });
  return c.json({ id: project, url, token }, 201, { "Cache-Control": "no-store" });
});

projects.get("/api/projects/:id", async (c) => {
  const id = c.req.param("id");
  const access = await checkAccess(c.env, id, bearer(c.req.raw), "read");
  if (!access.ok) return refuse(access.refusal);
  const info = await c.env.ROOMS.getByName(id).info();
  if (info === undefined) return refuse(unknownProject);
  return c.json({ id, name: info.name, role: access.claims.role }, 200, {
    "Cache-Control": "no-store",
  });
});

projects.post("/api/projects/:id/links", async (c) => {
  const id = c.req.param("id");
  const access = await checkAccess(c.env, id, bearer(c.req.raw), "share");
  if (!access.ok) return refuse(access.refusal);
  const body = await readJson(c.req.raw, newLink);
  if (body === undefined)
    return refuse({ status: 400, sentence: `Send JSON with "role": one of ${roles.join(", ")}.` });
  if (!grantable(access.claims.role).includes(body.role))
    return refuse({
      status: 403,
      sentence: `As ${access.claims.role} you cannot make a link for an ${body.role}.`,
    });
  const sub = crypto.randomUUID();
  return c.json(await link(c.env, c.req.raw, { project: id, role: body.role, sub }), 200, {
    "Cache-Control": "no-store",
  });
});

projects.get("/parties/project/:id", async (c) => {
  const id = c.req.param("id");
  const { raw: request } = c.req;
  if (!isWebSocket(request)) return refuse({ status: 426, sentence: "This is the address of a WebSocket." });
  const access = await checkAccess(c.env, id, c.req.query("token") ?? null, "read");
  if (!access.ok) return refuseSocket(access.refusal);
  return c.env.ROOMS.getByName(id).fetch(admittedRequest(request, access.claims));
});
