// Every address of the server, asked by everybody: who is answered, and who is refused how. A new route fails here until
// it has a row.

import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "#worker/routes.ts";
import { freePort } from "../harness/free-port.ts";
import { CookieJar, IdentityProvider } from "../harness/identity-provider.ts";
import { SocketClient } from "../harness/socket-client.ts";
import { TestServer, type TestProject } from "../harness/server.ts";
import { until } from "../harness/until.ts";

const visitors = ["nobody", "viewer", "runner", "editor", "owner", "account", "stranger"] as const;
type Visitor = (typeof visitors)[number];

/** "yes" where the route answers, else the status, or the close code of a socket. */
type Outcome = "yes" | number;

const hash = (bytes: string): string => createHash("sha256").update(bytes).digest("hex");
const blob = hash("a blob");
const parted = hash("a blob in one part");

interface Row {
  readonly need: string;
  /** Below the origin; `:id` is the project. Without it this is the address of a WebSocket. */
  readonly path?: string;
  /** GET where it is left out. */
  readonly method?: string;
  readonly body?: string;
  /** In the order of `visitors`. */
  readonly outcomes: readonly Outcome[];
}

const everybody = visitors.map(() => "yes" as const);
const nobodyAt = (status: number): readonly Outcome[] => visitors.map(() => status);
/** An account alone opens no project: it is exchanged first. */
const readers = [401, "yes", "yes", "yes", "yes", 401, 403] as const;
const editors = [401, 403, 403, "yes", "yes", 401, 403] as const;

/** By method and path, as they are in `routes`. */
const table: Readonly<Record<string, Row>> = {
  "POST /api/projects": {
    need: "visitor",
    path: "/api/projects",
    method: "POST",
    body: '{"example":"empty"}',
    outcomes: everybody,
  },
  "GET /api/projects/:id": { need: "may read", path: "/api/projects/:id", outcomes: readers },
  "POST /api/projects/:id/access": {
    need: "link or account",
    path: "/api/projects/:id/access",
    method: "POST",
    outcomes: [401, "yes", "yes", "yes", "yes", "yes", 403],
  },
  "GET /parties/project/:id": {
    need: "may read, over a WebSocket",
    outcomes: [4401, "yes", "yes", "yes", "yes", 4401, 4403],
  },
  "GET /api/projects/:id/sharing": {
    need: "may read",
    path: "/api/projects/:id/sharing",
    outcomes: readers,
  },
  "POST /api/projects/:id/sharing": {
    need: "may share",
    path: "/api/projects/:id/sharing",
    method: "POST",
    body: '{"type":"make-link","role":"viewer"}',
    outcomes: editors,
  },
  "POST /api/projects/:id/links": {
    need: "may share",
    path: "/api/projects/:id/links",
    method: "POST",
    body: '{"role":"viewer"}',
    outcomes: editors,
  },
  "GET /api/me": { need: "visitor", path: "/api/me", outcomes: everybody },
  "GET /api/me/projects": {
    need: "account",
    path: "/api/me/projects",
    outcomes: [401, 401, 401, 401, 401, "yes", 401],
  },
  "GET /auth/sign-in": { need: "nothing", path: "/auth/sign-in", outcomes: everybody },
  "GET /auth/callback": { need: "nothing", path: "/auth/callback", outcomes: everybody },
  "POST /auth/sign-out": {
    need: "own page",
    path: "/auth/sign-out",
    method: "POST",
    outcomes: [403, 403, 403, 403, 403, "yes", 403],
  },
  "DELETE /api/me/projects/:id": {
    need: "account",
    path: "/api/me/projects/:id",
    method: "DELETE",
    outcomes: [401, 401, 401, 401, 401, "yes", 401],
  },
  "PUT /api/projects/:id/blobs/:hash{[0-9a-f]{64}}": {
    need: "may edit",
    path: `/api/projects/:id/blobs/${blob}`,
    method: "PUT",
    body: "a blob",
    outcomes: editors,
  },
  "GET /api/projects/:id/blobs/:hash{[0-9a-f]{64}}/parts": {
    need: "may edit",
    path: `/api/projects/:id/blobs/${parted}/parts`,
    outcomes: editors,
  },
  "PUT /api/projects/:id/blobs/:hash{[0-9a-f]{64}}/parts/:number{[0-9]{1,4}}": {
    need: "may edit",
    path: `/api/projects/:id/blobs/${parted}/parts/0`,
    method: "PUT",
    body: "a blob in one part",
    outcomes: editors,
  },
  "POST /api/projects/:id/blobs/:hash{[0-9a-f]{64}}/parts": {
    need: "may edit",
    path: `/api/projects/:id/blobs/${parted}/parts`,
    method: "POST",
    body: JSON.stringify({ size: "a blob in one part".length }),
    // The owner comes after the editor, who has used up the part.
    outcomes: [401, 403, 403, "yes", 409, 401, 403],
  },
  "POST /api/projects/:id/blobs/missing": {
    need: "may edit",
    path: "/api/projects/:id/blobs/missing",
    method: "POST",
    body: JSON.stringify({ hashes: [blob] }),
    outcomes: editors,
  },
  "GET /api/projects/:id/blobs/:hash{[0-9a-f]{64}}": {
    need: "may read",
    path: `/api/projects/:id/blobs/${blob}`,
    outcomes: readers,
  },
  "ALL /api/*": { need: "nothing", path: "/api/anything", method: "PATCH", outcomes: nobodyAt(404) },
  "ALL /parties/*": { need: "nothing", path: "/parties/other/:id", outcomes: nobodyAt(404) },
  "GET /display/2": { need: "nothing", path: "/display/2", outcomes: everybody },
  "GET *": { need: "nothing", path: "/p/:id", outcomes: everybody },
  "ALL *": { need: "nothing", path: "/p/:id", method: "POST", outcomes: nobodyAt(405) },
};

let server: TestServer;
let identity: IdentityProvider;
let site: string;
let project: TestProject;
let tokens: Partial<Record<Visitor, string>>;
let jar: CookieJar;

beforeAll(async () => {
  const port = await freePort();
  identity = await IdentityProvider.start(`http://127.0.0.1:${port}/auth/callback`, {
    ana: { name: "Ana", email: "ana@example.org", verified: true },
  });
  site = await mkdtemp(join(tmpdir(), "conch-routes-"));
  await writeFile(join(site, "index.html"), "<!doctype html><title>Conch</title>");
  server = await TestServer.start({
    port,
    client: site,
    env: {
      OIDC_ISSUER: identity.issuer,
      OIDC_CLIENT_ID: "conch",
      OIDC_CLIENT_SECRET: "a secret of the tests",
    },
  });
  jar = new CookieJar();
  identity.use("ana");
  await jar.follow(`${server.origin}/auth/sign-in`);
  const made = await jar.fetch(`${server.origin}/api/projects`, { method: "POST", headers: { Conch: "1" } });
  project = (await made.json()) as TestProject;
  const link = async (role: string): Promise<string> => (await server.createLink(project, role)).token;
  tokens = {
    viewer: await link("viewer"),
    runner: await link("runner"),
    editor: await link("editor"),
    owner: project.token,
    // Of a project of their own.
    stranger: (await server.createProject()).token,
  };
});
afterAll(async () => {
  await server.stop();
  await identity.stop();
  await rm(site, { recursive: true });
});

async function outcome(row: Row, visitor: Visitor): Promise<Outcome> {
  const token = tokens[visitor];
  if (row.path === undefined) return await socketOutcome(token);
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(visitor === "account" ? { Conch: "1" } : {}),
  };
  const asking = visitor === "account" ? jar : new CookieJar();
  const response = await asking.fetch(server.origin + row.path.replace(":id", project.id), {
    method: row.method ?? "GET",
    headers,
    ...(row.body === undefined ? {} : { body: row.body }),
  });
  await response.body?.cancel();
  return response.status < 400 ? "yes" : response.status;
}

async function socketOutcome(token: string | undefined): Promise<Outcome> {
  const query = { conch: "1", ...(token === undefined ? {} : { token }) };
  const client = await SocketClient.open(server, project.id, query);
  await until("it is welcome or closed", () => client.heard.length > 0 || client.closed !== undefined);
  if (client.closed !== undefined) return client.closed.code;
  await client.close();
  return "yes";
}

describe("[AUTH-14] the table of routes", () => {
  it("has every route with its need, and no other", () => {
    const found = routes.map(({ method, path, need }) => [`${method} ${path}`, need]);
    const expected = Object.entries(table).map(([name, { need }]) => [name, need]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(routes).toHaveLength(expected.length);
  });

  // Signing out takes the account's cookie from the jar: it comes last.
  const rows = Object.entries(table);
  const last = "POST /auth/sign-out";
  for (const [name, row] of [
    ...rows.filter(([each]) => each !== last),
    ...rows.filter(([each]) => each === last),
  ])
    it(name, async () => {
      const outcomes: [Visitor, Outcome][] = [];
      for (const visitor of visitors) outcomes.push([visitor, await outcome(row, visitor)]);
      expect(outcomes).toEqual(visitors.map((visitor, index) => [visitor, row.outcomes[index]]));
    });
});
