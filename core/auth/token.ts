// Signed tokens: which project someone may enter, and as what. Knows no HTTP and no sockets.

import { errors, jwtVerify, SignJWT } from "jose";
import { isRole, type Role } from "./role.ts";

/** What a token says. `sub` names the link that it belongs to, so that a link can be told from another. */
export interface TokenClaims {
  readonly project: string;
  readonly role: Role;
  readonly sub: string;
  /** A fixed name for whoever holds it; most links leave the choice to the person. */
  readonly name?: string;
}

export type TokenCheck =
  | { readonly ok: true; readonly claims: TokenClaims }
  /** `wrong-project`: genuine, but for another project. */
  | { readonly ok: false; readonly reason: "missing" | "invalid" | "expired" | "wrong-project" };

const issuer = "conch";
const algorithm = "HS256";
/** HS256 wants a key of at least the length of its hash. */
export const minimumKeyBytes = 32;
/** A token is a few hundred characters; what is far longer is not ours and is not worth decoding. */
const maximumTokenLength = 4096;

export async function signToken(key: Uint8Array, claims: TokenClaims): Promise<string> {
  if (key.length < minimumKeyBytes)
    throw new Error(`the signing key has ${key.length} bytes, it needs ${minimumKeyBytes}`);
  const { project, role, sub, name } = claims;
  return await new SignJWT({ project, role, ...(name === undefined ? {} : { name }) })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setSubject(sub)
    .setIssuedAt()
    .sign(key);
}

export async function verifyToken(
  key: Uint8Array,
  token: string | null | undefined,
  project: string,
): Promise<TokenCheck> {
  if (token === null || token === undefined || token === "") return { ok: false, reason: "missing" };
  if (token.length > maximumTokenLength) return { ok: false, reason: "invalid" };
  try {
    const { payload } = await jwtVerify(token, key, { issuer, algorithms: [algorithm] });
    const { sub, name, role, project: owner } = payload;
    if (typeof owner !== "string" || !isRole(role) || typeof sub !== "string")
      return { ok: false, reason: "invalid" };
    if (owner !== project) return { ok: false, reason: "wrong-project" };
    return {
      ok: true,
      claims: { project, role, sub, ...(typeof name === "string" ? { name } : {}) },
    };
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired) return { ok: false, reason: "expired" };
    if (thrown instanceof errors.JOSEError) return { ok: false, reason: "invalid" };
    throw thrown;
  }
}

export type TokenRefusal = Extract<TokenCheck, { ok: false }>["reason"];

/** What to tell someone whose token was refused. */
export const refusalSentences: Readonly<Record<TokenRefusal, string>> = {
  missing: "This project opens only with its link: ask whoever shared it for the whole address.",
  invalid: "This link is damaged or was not made here: ask for a fresh one.",
  expired: "This link has expired: ask for a fresh one.",
  "wrong-project": "This link belongs to another project.",
};
