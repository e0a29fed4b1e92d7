// Cookies of ours, read from a request and written for its answer.

import { generateCookie } from "hono/cookie";
import { parse } from "hono/utils/cookie";

export interface CookieScope {
  readonly path: string;
  /** Seconds; 0 takes the cookie away. */
  readonly maxAge: number;
}

/** [AUTH-12] `Lax`, because one comes back from the provider's site by a link; no script sees it. */
export function writeCookie(request: Request, name: string, value: string, scope: CookieScope): string {
  const secure = new URL(request.url).protocol === "https:";
  return generateCookie(name, value, { ...scope, httpOnly: true, sameSite: "Lax", secure });
}

/** Undefined where the request has none of this name, or an empty one. */
export function readCookie(request: Request, name: string): string | undefined {
  const value = parse(request.headers.get("Cookie") ?? "", name)[name];
  return value === "" ? undefined : value;
}
