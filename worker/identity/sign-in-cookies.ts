// Cookies of a sign-in: signed or sealed with keys of the server, out of reach of scripts.

import { EncryptJWT, jwtDecrypt, jwtVerify, SignJWT, errors } from "jose";
import * as v from "valibot";
import type { Env } from "#worker/bindings/env.ts";
import { readCookie, writeCookie } from "#worker/http/cookies.ts";
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

export async function sessionCookie(env: Env, request: Request, signIn: SignIn): Promise<string> {
  const token = await new SignJWT({ ...signIn })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(`${sessionSeconds}s`)
    .sign(serverKeys(env).for("session"));
  return writeCookie(request, names.session, token, { path: "/", maxAge: sessionSeconds });
}

export function endSession(request: Request): string {
  return writeCookie(request, names.session, "", { path: "/", maxAge: 0 });
}

/** Who is signed in; undefined where nobody is, or not any more. */
export async function readSession(env: Env, request: Request): Promise<SignIn | undefined> {
  const token = readCookie(request, names.session);
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
  return writeCookie(request, names.flow, token, { path: "/auth/", maxAge: flowSeconds });
}

export function endFlow(request: Request): string {
  return writeCookie(request, names.flow, "", { path: "/auth/", maxAge: 0 });
}

export async function readFlow(env: Env, request: Request): Promise<SignInFlow | undefined> {
  const token = readCookie(request, names.flow);
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
