// How the Worker tells a project's Durable Object whom it let in: claims in a header that no visitor can set.

import type { TokenClaims } from "#core/auth/token.ts";
import { admissionOf } from "#party/admission.ts";
import type { Admission } from "#party/host.ts";

const claimsHeader = "conch-claims";

/** The visitor's request as the Durable Object gets it: the token stays outside. */
export function admittedRequest(request: Request, claims: TokenClaims): Request {
  const url = new URL(request.url);
  url.searchParams.delete("token");
  const admitted = new Request(url, request);
  // Header values are bytes; names are not.
  admitted.headers.set(claimsHeader, encodeURIComponent(JSON.stringify(claims)));
  return admitted;
}

export function readAdmission(request: Request, connection: string): Admission {
  const header = request.headers.get(claimsHeader);
  if (header === null) throw new Error("invariant violation: a request without claims reached a room");
  const claims = JSON.parse(decodeURIComponent(header)) as TokenClaims;
  return admissionOf(claims, request.url, connection);
}
