// Accounts as the Worker sees them: where they are, who they are to others, and the projects that they may enter now.

import { sha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8, toHex } from "#core/base/bytes.ts";
import type { Role } from "#core/auth/role.ts";
import { accountPersonId, type Person } from "#core/room/person.ts";
import type { AccountRpc, VisitedProject } from "#worker/bindings/account-rpc.ts";
import type { Env } from "#worker/bindings/env.ts";
import type { SignIn } from "./sign-in-cookies.ts";

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

/** The verified person that rooms and people see. */
export function verifiedPerson({ account, name }: SignIn): Omit<Person, "color"> {
  return { id: accountPersonId(account), name, verified: true };
}

export interface AccountProject {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

/** [AUTH-13] What the account may enter now, as each project has it; latest first. */
export async function accountProjects(env: Env, session: SignIn): Promise<readonly AccountProject[]> {
  const { account, email } = session;
  const visits = new Map<string, VisitedProject>();
  if (email !== undefined)
    for (const visit of await mailboxOf(env, email).projects()) visits.set(visit.id, visit);
  for (const visit of await accountOf(env, account).projects()) visits.set(visit.id, visit);
  const found = await Promise.allSettled([...visits.values()].map((visit) => ask(env, session, visit)));
  return found
    .flatMap((result) => {
      if (result.status === "fulfilled") return result.value ?? [];
      // One project that cannot answer does not keep the others from the list.
      console.error("a project of an account does not answer:", result.reason);
      return [];
    })
    .sort((a, b) => b.openedAt - a.openedAt);
}

/** Undefined where the account may not enter. */
async function ask(
  env: Env,
  session: SignIn,
  { id, link, openedAt }: VisitedProject,
): Promise<AccountProject | undefined> {
  const { email } = session;
  const pass = {
    project: id,
    ...(link === undefined ? {} : { link }),
    ...(email === undefined ? {} : { email }),
  };
  const answer = await env.ROOMS.getByName(id).consider(pass, { ...verifiedPerson(session), color: "" });
  return answer.ok ? { id, name: answer.name, role: answer.role, openedAt } : undefined;
}
