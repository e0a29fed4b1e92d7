// The identity provider that is configured, where one is: its addresses, what to ask it, and what it answers, verified.

import * as oauth from "oauth4webapi";
import type { Env } from "#worker/bindings/env.ts";

export interface Provider {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly authentication: oauth.ClientAuth;
  readonly options: { readonly [oauth.allowInsecureRequests]?: true };
}

/** A person as the provider knows them. */
export interface ProvenPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | undefined;
  /** Only where it is verified. */
  readonly email: string | undefined;
}

/** Milliseconds after which the provider's description is read again. */
const discoveryLife = 3_600_000;
let known: { readonly key: string; readonly at: number; readonly provider: Promise<Provider> } | undefined;

export function isConfigured(env: Env): boolean {
  return (env.OIDC_ISSUER ?? "") !== "" && (env.OIDC_CLIENT_ID ?? "") !== "";
}

export function provider(env: Env): Promise<Provider> {
  const { OIDC_ISSUER: issuer = "", OIDC_CLIENT_ID: id = "", OIDC_CLIENT_SECRET: secret = "" } = env;
  const key = `${issuer} ${id} ${secret}`;
  if (known?.key === key && Date.now() - known.at < discoveryLife) return known.provider;
  const found = discover(issuer, id, secret);
  known = { key, at: Date.now(), provider: found };
  // Asked again at the next attempt.
  found.catch(() => (known = undefined));
  return found;
}

async function discover(issuer: string, id: string, secret: string): Promise<Provider> {
  const address = new URL(issuer);
  const loopback = ["127.0.0.1", "[::1]", "localhost"].includes(address.hostname);
  // Anything else must be HTTPS.
  const options =
    loopback && address.protocol === "http:" ? { [oauth.allowInsecureRequests]: true as const } : {};
  const response = await oauth.discoveryRequest(address, options);
  const server = await oauth.processDiscoveryResponse(address, response);
  // Without a secret it is a public client: then the proof key alone protects the code.
  const authentication = secret === "" ? oauth.None() : oauth.ClientSecretPost(secret);
  return { server, client: { client_id: id }, authentication, options };
}

export async function authorizationAddress(
  { server, client }: Provider,
  back: string,
  { state, nonce, verifier }: { readonly state: string; readonly nonce: string; readonly verifier: string },
): Promise<string> {
  if (server.authorization_endpoint === undefined)
    throw new Error("the provider has no authorization endpoint");
  const address = new URL(server.authorization_endpoint);
  const query = {
    client_id: client.client_id,
    response_type: "code",
    redirect_uri: back,
    scope: "openid profile email",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address.href;
}

/** [AUTH-11] Exchanges the code; rejects where state, nonce, signature, issuer, audience or time are not right. */
export async function redeem(
  { server, client, authentication, options }: Provider,
  address: URL,
  back: string,
  { state, nonce, verifier }: { readonly state: string; readonly nonce: string; readonly verifier: string },
): Promise<ProvenPerson> {
  const parameters = oauth.validateAuthResponse(server, client, address, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    back,
    verifier,
    options,
  );
  const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  // Also where the line to the provider would be proof enough.
  await oauth.validateApplicationLevelSignature(server, response, options);
  const claims = oauth.getValidatedIdTokenClaims(answer);
  if (claims === undefined) throw new Error("the provider sent no ID token");
  const about = await userInfo({ server, client, authentication, options }, answer.access_token, claims);
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    name: text(about["name"]) ?? text(about["preferred_username"]),
    email: about["email_verified"] === true ? text(about["email"]) : undefined,
  };
}

/** Many providers tell name and address only when asked. The answer counts for the subject of the ID token alone. */
async function userInfo(
  { server, client, options }: Provider,
  token: string,
  claims: oauth.IDToken,
): Promise<Readonly<Record<string, unknown>>> {
  if (
    server.userinfo_endpoint === undefined ||
    (claims["name"] !== undefined && claims["email"] !== undefined)
  )
    return claims;
  const response = await oauth.userInfoRequest(server, client, token, options);
  return { ...claims, ...(await oauth.processUserInfoResponse(server, client, claims.sub, response)) };
}
