// How the Worker tells a project's Durable Object whom it let in: a pass in a header that no visitor can set.

import type { Pass } from "#core/auth/token.ts";
import { visitOf } from "#party/visit.ts";
import type { Visit } from "#party/host.ts";

const passHeader = "conch-pass";

/** The visitor's request as the Durable Object gets it: the token stays outside. */
export function admittedRequest(request: Request, pass: Pass): Request {
  const url = new URL(request.url);
  url.searchParams.delete("token");
  const admitted = new Request(url, request);
  // Header values are bytes; names are not.
  admitted.headers.set(passHeader, encodeURIComponent(JSON.stringify(pass)));
  return admitted;
}

export function readVisit(request: Request, connection: string): Visit {
  const header = request.headers.get(passHeader);
  if (header === null) throw new Error("invariant violation: a request without a pass reached a room");
  return visitOf(JSON.parse(decodeURIComponent(header)) as Pass, request.url, connection);
}
