// Signed tokens: what a link is, and what a link is exchanged for. Knows no HTTP, no sockets and no registry of links.
// The rules are in SPEC.md.

import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import type { JWTPayload } from "jose";
import { keyPeriod, type ServerKeys } from "./keys.ts";
import { isRole, type Role } from "./role.ts";

/** A person as a token names them. */
interface TokenPerson {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  /** Name and identity come from a sign-in. */
  readonly verified?: true;
}

/** What a token proves, once it was verified. Small JSON: a room keeps it with its connection. */
export interface Pass {
  readonly project: string;
  /** The link that it hangs on; a person with an account may need none. */
  readonly link?: string;
  /** The role that a link was signed with: it counts where the link is older than the registry of links. */
  readonly signedRole?: Role;
  /** Access tokens only: who holds it. */
  readonly person?: TokenPerson;
  /** Verified by the person's sign-in. */
  readonly email?: string;
  /** Milliseconds since 1970 at which the token ends. */
  readonly until?: number;
}

export type TokenCheck =
  | { readonly ok: true; readonly pass: Pass }
  /** `wrong-project`: genuine, but for another project. */
  | { readonly ok: false; readonly reason: TokenRefusal };

export type TokenRefusal = "missing" | "invalid" | "expired" | "wrong-project";

const issuer = "conch";
const algorithm = "HS256";
const accessKid = /^a([0-9]{1,9})$/;
/** A token is a few hundred characters; what is far longer is not ours and is not worth decoding. */
const maximumTokenLength = 4096;
/** Milliseconds that the clocks of two servers may differ. */
const skew = 30_000;

/** The token of a link: it ends when the registry says so. */
export async function signLink(keys: ServerKeys, project: string, link: string, role: Role): Promise<string> {
  return await new SignJWT({ project, role })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setSubject(link)
    .setIssuedAt()
    .sign(keys.links);
}

export type AccessPass = Pass & { readonly person: TokenPerson; readonly until: number };

export async function signAccess(keys: ServerKeys, pass: AccessPass, now: number): Promise<string> {
  const { project, link, person, email, until } = pass;
  const period = Math.floor(now / keyPeriod);
  return await new SignJWT({
    project,
    person,
    ...(link === undefined ? {} : { link }),
    ...(email === undefined ? {} : { email }),
  })
    .setProtectedHeader({ alg: algorithm, kid: `a${period}` })
    .setIssuer(issuer)
    .setSubject(person.id)
    // With their fractions (RFC 7519 section 2, NumericDate): cut to a second, it would end before its link does.
    .setIssuedAt(now / 1000)
    .setExpirationTime(until / 1000)
    .sign(keys.access(period));
}

/** Checks a token of either kind against a project. `longest` is how long an access token may last. */
export async function verifyToken(
  keys: ServerKeys,
  token: string | null | undefined,
  project: string,
  { now, longest }: { readonly now: number; readonly longest: number },
): Promise<TokenCheck> {
  if (token === null || token === undefined || token === "") return { ok: false, reason: "missing" };
  if (token.length > maximumTokenLength) return { ok: false, reason: "invalid" };
  try {
    const { kid } = decodeProtectedHeader(token);
    const options = { issuer, algorithms: [algorithm], currentDate: new Date(now) };
    let pass: Pass | undefined;
    if (kid === undefined) pass = linkPass((await jwtVerify(token, keys.links, options)).payload);
    else {
      const period = Number(accessKid.exec(kid)?.[1] ?? Number.NaN);
      const from = period * keyPeriod;
      // [AUTH-4] A key that came to light late, or early, opens nothing.
      if (!(from <= now + skew)) return { ok: false, reason: "invalid" };
      if (now > from + keyPeriod + longest + skew) return { ok: false, reason: "expired" };
      const { payload } = await jwtVerify(token, keys.access(period), {
        ...options,
        requiredClaims: ["exp", "iat"],
      });
      pass = accessPass(payload);
      const { iat = 0, exp = 0 } = payload;
      const issued = milliseconds(iat);
      if (Math.floor(issued / keyPeriod) !== period || milliseconds(exp) - issued > longest) pass = undefined;
    }
    if (pass === undefined) return { ok: false, reason: "invalid" };
    // jose looks at whole seconds.
    if (pass.until !== undefined && pass.until <= now) return { ok: false, reason: "expired" };
    return pass.project === project ? { ok: true, pass } : { ok: false, reason: "wrong-project" };
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired) return { ok: false, reason: "expired" };
    // decodeProtectedHeader throws a TypeError at what is no token at all.
    if (thrown instanceof errors.JOSEError || thrown instanceof TypeError)
      return { ok: false, reason: "invalid" };
    throw thrown;
  }
}

/** Of a NumericDate, whose fraction is not exact in binary. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

function linkPass({ project, role, sub }: JWTPayload): Pass | undefined {
  if (typeof project !== "string" || !isRole(role) || typeof sub !== "string") return undefined;
  return { project, link: sub, signedRole: role };
}

function accessPass({ project, link, person, email, exp = 0 }: JWTPayload): Pass | undefined {
  if (typeof project !== "string" || typeof person !== "object" || person === null) return undefined;
  return {
    project,
    // Signed by us, and by nobody else: it has the shape that signAccess gave it.
    person: person as TokenPerson,
    until: milliseconds(exp),
    ...(typeof link === "string" ? { link } : {}),
    ...(typeof email === "string" ? { email } : {}),
  };
}

/** What to tell someone whose token was refused. */
export const refusalSentences: Readonly<Record<TokenRefusal, string>> = {
  missing: "This project opens only with its link: ask whoever shared it for the whole address.",
  invalid: "This link is damaged or was not made here: ask for a fresh one.",
  expired: "This access has ended: open the project's link again.",
  "wrong-project": "This link belongs to another project.",
};
