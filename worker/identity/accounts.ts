// Where the Worker reaches accounts: by the person at a provider, or by an e-mail address.

import { sha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8, toHex } from "#core/base/bytes.ts";
import type { AccountRpc } from "#worker/bindings/account-rpc.ts";
import type { Env } from "#worker/bindings/env.ts";

/** The name of an account: two providers never share one. */
export function accountName(issuer: string, subject: string): string {
  return toHex(sha256(encodeUtf8(JSON.stringify([issuer, subject])))).slice(0, 40);
}

export function accountOf(env: Env, account: string): AccountRpc {
  return env.ACCOUNTS.getByName(`account:${account}`);
}

/** Where invitations to an address wait to be seen. */
export function mailboxOf(env: Env, email: string): AccountRpc {
  return env.ACCOUNTS.getByName(`email:${email.toLowerCase()}`);
}
