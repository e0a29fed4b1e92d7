// The keys and times of this server's tokens, from its configuration.

import { ServerKeys } from "#core/auth/keys.ts";
import { verifyToken, type TokenCheck } from "#core/auth/token.ts";
import type { Env } from "#worker/bindings/env.ts";

/** Seconds that an access token lasts where nothing else is configured: short, as it is renewed on the open line. */
const defaultAccessSeconds = 600;

const known = new Map<string, ServerKeys>();

export function serverKeys({ CONCH_SECRET: secret }: Env): ServerKeys {
  let keys = known.get(secret);
  if (keys === undefined) known.set(secret, (keys = new ServerKeys(secret)));
  return keys;
}

/** Milliseconds that an access token lasts. */
export function accessMilliseconds({ CONCH_ACCESS_SECONDS: seconds }: Env): number {
  const configured = Number(seconds ?? defaultAccessSeconds);
  return 1000 * (Number.isSafeInteger(configured) && configured > 0 ? configured : defaultAccessSeconds);
}

export function checkToken(env: Env, token: string | null, project: string): Promise<TokenCheck> {
  return verifyToken(serverKeys(env), token, project, { now: Date.now(), longest: accessMilliseconds(env) });
}
