// Signing in with an OpenID Connect provider, and what an account may do, against real servers.

import { renameProject } from "#core/project/meta.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CookieJar, IdentityProvider } from "../harness/identity-provider.ts";
import { SocketClient } from "../harness/socket-client.ts";
import { TestServer, type TestProject } from "../harness/server.ts";
import { openSession } from "../harness/session.ts";
import { share, tryShare } from "../harness/sharing.ts";
import { until } from "../harness/until.ts";
import { freePort } from "../harness/free-port.ts";

let server: TestServer;
let identity: IdentityProvider;
const own = { Conch: "1" };

beforeAll(async () => {
  const port = await freePort();
  identity = await IdentityProvider.start(`http://127.0.0.1:${port}/auth/callback`, {
    ana: { name: "Ana Alvarez", email: "ana@example.org", verified: true },
    ben: { name: "Ben Brown", email: "Ben@example.org", verified: true },
    eve: { name: "Eve", email: "ben@example.org", verified: false },
  });
  server = await TestServer.start({
    port,
    env: {
      OIDC_ISSUER: identity.issuer,
      OIDC_CLIENT_ID: "conch",
      OIDC_CLIENT_SECRET: "a secret of the tests",
    },
  });
});
afterAll(async () => {
  await server.stop();
  await identity.stop();
});

async function signIn(who: string): Promise<CookieJar> {
  const jar = new CookieJar();
  identity.use(who);
  expect(await jar.follow(`${server.origin}/auth/sign-in?to=/p/abc`)).toBe(`${server.origin}/p/abc`);
  return jar;
}

interface Me {
  readonly signIn: boolean;
  readonly account?: { readonly name: string; readonly email?: string };
}

interface ListedProject {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

const me = async (jar: CookieJar, headers: Record<string, string> = own): Promise<Me> =>
  (await (await jar.fetch(`${server.origin}/api/me`, { headers })).json()) as Me;

async function listed(jar: CookieJar): Promise<readonly ListedProject[]> {
  const response = await jar.fetch(`${server.origin}/api/me/projects`, { headers: own });
  return ((await response.json()) as { projects: readonly ListedProject[] }).projects;
}

async function make(jar: CookieJar, headers: Record<string, string> = own): Promise<TestProject> {
  const response = await jar.fetch(`${server.origin}/api/projects`, { method: "POST", headers });
  return (await response.json()) as TestProject;
}

interface Granted {
  readonly token: string;
  readonly role: string;
  readonly person: { readonly id: string; readonly name: string; readonly verified?: true };
  readonly error?: string;
}

async function access(
  jar: CookieJar,
  project: string,
  { link, headers = own, body = {} }: { link?: string; headers?: Record<string, string>; body?: object } = {},
): Promise<{ status: number; answer: Granted }> {
  const response = await jar.fetch(`${server.origin}/api/projects/${project}/access`, {
    method: "POST",
    headers: { ...headers, ...(link === undefined ? {} : { Authorization: `Bearer ${link}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as Granted };
}

describe("[AUTH-11] signing in", () => {
  it("tells who one is by the provider's word, and ends with signing out", async () => {
    const ana = await signIn("ana");
    expect((await me(ana)).account).toMatchObject({ name: "Ana Alvarez", email: "ana@example.org" });
    // An address that nobody has verified is nobody's.
    expect((await me(await signIn("eve"))).account?.email).toBeUndefined();
    expect((await ana.fetch(`${server.origin}/auth/sign-out`, { method: "POST", headers: own })).status).toBe(
      204,
    );
    expect(await me(ana)).toEqual({ signIn: true });
  });

  it("takes no callback that it did not begin, nor one of another, nor one twice", async () => {
    const failed = `${server.origin}/?sign-in=failed`;
    const callback = `${server.origin}/auth/callback`;
    identity.use("ana");
    const victim = new CookieJar();
    const attacker = new CookieJar();
    const stolen = await attacker.follow(`${server.origin}/auth/sign-in`, callback);
    expect(await victim.follow(stolen)).toBe(failed);
    // With a flow of the victim's own, the state is another's.
    await victim.follow(`${server.origin}/auth/sign-in`, callback);
    expect(await victim.follow(stolen)).toBe(failed);
    expect(await me(victim)).toEqual({ signIn: true });
    const used = await attacker.follow(`${server.origin}/auth/sign-in`, callback);
    expect(await attacker.follow(used)).toBe(`${server.origin}/`);
    expect(await attacker.follow(used)).toBe(failed);
    expect(await new CookieJar().follow(`${callback}?code=x&state=y`)).toBe(failed);
  });

  it("sends nobody to another site afterwards", async () => {
    for (const to of ["//evil.example", "https://evil.example", "/p/../..//evil.example", "/auth/sign-in"]) {
      identity.use("ana");
      const at = `${server.origin}/auth/sign-in?to=${encodeURIComponent(to)}`;
      expect(await new CookieJar().follow(at)).toBe(`${server.origin}/`);
    }
  });

  it("[AUTH-12] counts for nothing where another site asks", async () => {
    const ana = await signIn("ana");
    const project = await make(ana);
    expect(await me(ana, {})).toEqual({ signIn: true });
    expect((await access(ana, project.id, { headers: {} })).status).toBe(401);
    expect((await ana.fetch(`${server.origin}/auth/sign-out`, { method: "POST" })).status).toBe(403);
    expect((await access(ana, project.id)).status).toBe(200);
    const cookie = await new CookieJar().fetch(`${server.origin}/auth/sign-in`);
    expect(cookie.headers.get("Set-Cookie")).toMatch(/HttpOnly; SameSite=Lax/);
  });
});

describe("an account", () => {
  it("owns what it makes, wherever it signs in, and is called as the provider says", async () => {
    const project = await make(await signIn("ana"));
    const elsewhere = await signIn("ana");
    expect((await listed(elsewhere))[0]).toMatchObject({ id: project.id, role: "owner" });
    const { answer } = await access(elsewhere, project.id, {
      body: { name: "Boss", person: "x".repeat(20) },
    });
    expect(answer).toMatchObject({ role: "owner", person: { name: "Ana Alvarez", verified: true } });
    const client = await SocketClient.open(server, project.id, { token: answer.token, conch: "1" });
    await client.close();
    // Nobody else, signed in or not.
    expect((await access(await signIn("ben"), project.id)).status).toBe(401);
    expect((await access(new CookieJar(), project.id)).status).toBe(401);
  });

  it("is given a role by its address, and loses it", async () => {
    const project = await make(await signIn("ana"));
    const asOwner = { ...project, token: (await access(await signIn("ana"), project.id)).answer.token };
    await share(server, asOwner, { type: "invite", email: "BEN@example.org", role: "runner" });
    // Somebody who only says that this is their address gets nothing.
    expect((await access(await signIn("eve"), project.id)).status).toBe(401);
    const ben = await signIn("ben");
    expect((await listed(ben))[0]).toMatchObject({ id: project.id, role: "runner" });
    const { answer } = await access(ben, project.id);
    expect(answer.role).toBe("runner");
    const line = await SocketClient.open(server, project.id, { token: answer.token, conch: "1" });
    const { people, invitations } = await share(server, asOwner);
    expect(invitations).toEqual([]);
    expect(people.find(({ name }) => name === "Ben Brown")).toMatchObject({
      role: "runner",
      verified: true,
      email: "ben@example.org",
    });
    await share(server, asOwner, { type: "set-person", person: answer.person.id, role: "none" });
    // The room's close has arrived; workerd may take seconds to end the connection beneath.
    await until("he is out", () => line.isEnding);
    expect(await access(ben, project.id)).toMatchObject({ status: 403 });
    expect((await access(ben, project.id, { link: project.token })).status).toBe(403);
    expect((await listed(ben)).map(({ id }) => id)).not.toContain(project.id);
  });

  it("[AUTH-13] lists what it may enter, as it is called now, and takes no invitation by looking", async () => {
    const jar = await signIn("ana");
    const project = await make(jar);
    const asOwner = { ...project, token: (await access(jar, project.id)).answer.token };
    await share(server, asOwner, { type: "invite", email: "ben@example.org", role: "viewer" });
    const viewer = await server.createLink(project, "viewer");
    // Her address is not verified: she has the link alone.
    const eve = await signIn("eve");
    await access(eve, project.id, { link: viewer.token });
    const session = openSession(server, project, "a-painter");
    await session.synced;
    renameProject(session.doc, "Renamed meanwhile");
    await until("the name is stored", () => session.unsaved === 0);
    session.destroy();
    const now = { id: project.id, name: "Renamed meanwhile" };
    expect((await listed(jar)).find(({ id }) => id === project.id)).toMatchObject({ ...now, role: "owner" });
    for (const other of [await signIn("ben"), eve])
      expect((await listed(other)).find(({ id }) => id === project.id)).toMatchObject({
        ...now,
        role: "viewer",
      });
    const { invitations, links } = await share(server, asOwner);
    expect(invitations).toHaveLength(1);
    const { id } = links.find(({ role }) => role === "viewer") ?? { id: "" };
    await share(server, asOwner, { type: "revoke-link", link: id });
    expect((await listed(eve)).map((each) => each.id)).not.toContain(project.id);
  });

  it("[AUTH-9] that is the last owner stays one", async () => {
    const jar = await signIn("ana");
    const project = await make(jar);
    const { answer } = await access(jar, project.id);
    const asOwner = { ...project, token: answer.token };
    const link = (await share(server, asOwner)).links[0];
    // The account is enough: the link may go. Then the account has to stay.
    await share(server, asOwner, { type: "revoke-link", link: link?.id ?? "" });
    for (const role of ["none", "editor"]) {
      const wish = { type: "set-person", person: answer.person.id, role };
      expect((await tryShare(server, asOwner, wish)).status).toBe(409);
    }
    const forget = { type: "forget-person", person: answer.person.id };
    expect((await tryShare(server, asOwner, forget)).status).toBe(409);
  });
});

it("without a provider there is nothing of it", async () => {
  const plain = await TestServer.start();
  expect(await (await fetch(`${plain.origin}/api/me`, { headers: own })).json()).toEqual({ signIn: false });
  expect((await fetch(`${plain.origin}/auth/sign-in`, { redirect: "manual" })).status).toBe(404);
  await plain.stop();
});
