// Signing in and out with the identity provider, and who is signed in. Without a provider none of this is there.

import * as oauth from "oauth4webapi";
import { cleanName } from "#core/room/person.ts";
import type { AccountProject } from "#worker/bindings/account-rpc.ts";
import { accountName, accountOf, mailboxOf } from "./accounts.ts";
import { endFlow, endSession, flowCookie, readFlow, sessionCookie } from "./sign-in-cookies.ts";
import { authorizationAddress, isConfigured, provider, redeem } from "./provider.ts";
import { refuse } from "#worker/http/refusal.ts";
import { route } from "#worker/http/router.ts";
import { account, nothing, ownPage, visitor } from "./needs.ts";

const noStore = { "Cache-Control": "no-store" } as const;
const callbackPath = "/auth/callback";
const missing = { status: 404, sentence: "Nobody can sign in here." } as const;

/** A place of ours, whatever was asked for. */
function placeOfOurs(to: string | undefined): string {
  return to !== undefined && /^\/(?:p\/[a-z0-9]{1,40})?$/.test(to) ? to : "/";
}

function redirect(to: string, cookies: readonly string[]): Response {
  const headers = new Headers({ Location: to, ...noStore });
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  return new Response(null, { status: 302, headers });
}

const me = route("GET", "/api/me", visitor, async (c, session) => {
  if (!isConfigured(c.env)) return c.json({ signIn: false }, 200, noStore);
  if (session === undefined) return c.json({ signIn: true }, 200, noStore);
  const { name, email } = session;
  const projects = new Map<string, AccountProject>();
  if (email !== undefined)
    for (const project of await mailboxOf(c.env, email).projects()) projects.set(project.id, project);
  for (const project of await accountOf(c.env, session.account).projects()) projects.set(project.id, project);
  const latest = [...projects.values()].sort((a, b) => b.openedAt - a.openedAt);
  return c.json({ signIn: true, account: { name, email, projects: latest } }, 200, noStore);
});

const beginSignIn = route("GET", "/auth/sign-in", nothing, async (c) => {
  if (!isConfigured(c.env)) return refuse(missing);
  const flow = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    to: placeOfOurs(c.req.query("to")),
  };
  const back = new URL(callbackPath, c.req.url).href;
  const address = await authorizationAddress(await provider(c.env), back, flow);
  return redirect(address, [await flowCookie(c.env, c.req.raw, flow)]);
});

const endSignIn = route("GET", callbackPath, nothing, async (c) => {
  if (!isConfigured(c.env)) return refuse(missing);
  const flow = await readFlow(c.env, c.req.raw);
  const end = endFlow(c.req.raw);
  // Somebody else's callback, an old one, or one that was used: back to the beginning, and nothing has happened.
  if (flow === undefined) return redirect("/?sign-in=failed", [end]);
  try {
    const address = new URL(c.req.url);
    const person = await redeem(await provider(c.env), address, new URL(callbackPath, address).href, flow);
    const email = person.email?.toLowerCase();
    const name = cleanName(person.name ?? email?.split("@")[0] ?? "");
    const session = {
      account: accountName(person.issuer, person.subject),
      name: name === "" ? "Somebody" : name,
      ...(email === undefined ? {} : { email }),
    };
    return redirect(flow.to, [await sessionCookie(c.env, c.req.raw, session), end]);
  } catch (thrown) {
    console.error("A sign-in failed.", thrown instanceof Error ? thrown.message : thrown);
    return redirect("/?sign-in=failed", [end]);
  }
});

const signOut = route("POST", "/auth/sign-out", ownPage, (c) =>
  c.body(null, 204, { ...noStore, "Set-Cookie": endSession(c.req.raw) }),
);

const forget = route("DELETE", "/api/me/projects/:id", account, async (c, session) => {
  const id = c.req.param("id");
  await accountOf(c.env, session.account).forget(id);
  if (session.email !== undefined) await mailboxOf(c.env, session.email).forget(id);
  return c.body(null, 204, noStore);
});

export const identityRoutes = [me, beginSignIn, endSignIn, signOut, forget];
