// Cookies of a sign-in: signed or sealed with keys of the server, out of reach of scripts.

import { generateCookie } from "hono/cookie";
import { parse } from "hono/utils/cookie";
import { EncryptJWT, jwtDecrypt, jwtVerify, SignJWT, errors } from "jose";
import * as v from "valibot";
import type { Env } from "#worker/bindings/env.ts";
import { serverKeys } from "./server-keys.ts";

const issuer = "conch";
const algorithm = "HS256";

/** Seconds that a sign-in holds. */
const sessionSeconds = 30 * 24 * 3600;
/** Seconds that somebody may take at the provider's page. */
const flowSeconds = 600;

const sessionShape = v.object({
  /** Names the account: a hash of who it is to which provider. */
  account: v.string(),
  name: v.string(),
  /** Only where the provider has verified it. */
  email: v.exactOptional(v.string()),
});
export type SignIn = v.InferOutput<typeof sessionShape>;

const flowShape = v.object({ state: v.string(), nonce: v.string(), verifier: v.string(), to: v.string() });
/** What must come back from the provider's page unchanged. */
export type SignInFlow = v.InferOutput<typeof flowShape>;

const names = { session: "conch-session", flow: "conch-sign-in" } as const;

/** [AUTH-12] `Lax`, because one comes back from the provider's site by a link; no script sees it. */
function cookie(request: Request, name: string, value: string, path: string, maxAge: number): string {
  const secure = new URL(request.url).protocol === "https:";
  return generateCookie(name, value, { path, maxAge, httpOnly: true, sameSite: "Lax", secure });
}

function read(request: Request, name: string): string | undefined {
  const value = parse(request.headers.get("Cookie") ?? "", name)[name];
  return value === "" ? undefined : value;
}

export async function sessionCookie(env: Env, request: Request, signIn: SignIn): Promise<string> {
  const token = await new SignJWT({ ...signIn })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(`${sessionSeconds}s`)
    .sign(serverKeys(env).for("session"));
  return cookie(request, names.session, token, "/", sessionSeconds);
}

export function endSession(request: Request): string {
  return cookie(request, names.session, "", "/", 0);
}

/** Who is signed in; undefined where nobody is, or not any more. */
export async function readSession(env: Env, request: Request): Promise<SignIn | undefined> {
  const token = read(request, names.session);
  if (token === undefined) return undefined;
  const options = { issuer, algorithms: [algorithm], requiredClaims: ["exp"] };
  try {
    const { payload } = await jwtVerify(token, serverKeys(env).for("session"), options);
    const parsed = v.safeParse(sessionShape, payload);
    return parsed.success ? parsed.output : undefined;
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) return undefined;
    throw thrown;
  }
}

/** Sealed, not only signed: the verifier is a secret between us and the provider. */
export async function flowCookie(env: Env, request: Request, flow: SignInFlow): Promise<string> {
  const token = await new EncryptJWT({ ...flow })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .setIssuer(issuer)
    .setExpirationTime(`${flowSeconds}s`)
    .encrypt(serverKeys(env).for("sign-in"));
  return cookie(request, names.flow, token, "/auth/", flowSeconds);
}

export function endFlow(request: Request): string {
  return cookie(request, names.flow, "", "/auth/", 0);
}

export async function readFlow(env: Env, request: Request): Promise<SignInFlow | undefined> {
  const token = read(request, names.flow);
  if (token === undefined) return undefined;
  try {
    const { payload } = await jwtDecrypt(token, serverKeys(env).for("sign-in"), {
      issuer,
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    const parsed = v.safeParse(flowShape, payload);
    return parsed.success ? parsed.output : undefined;
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) return undefined;
    throw thrown;
  }
}
