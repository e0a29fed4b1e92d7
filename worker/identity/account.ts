// What is known of an account, or waits for an e-mail address: the projects it has been in. One Durable Object for each.
// What it may do in them is each project's own business.

import { DurableObject } from "cloudflare:workers";
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8, toHex } from "#core/base/bytes.ts";
import type { Env } from "#worker/bindings/env.ts";

export interface AccountProject {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

/** Projects that are remembered; the longest unvisited ones go first. */
const mostProjects = 200;

export class Account extends DurableObject<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, opened INTEGER NOT NULL)",
    );
  }

  /** Latest first. */
  projects(): readonly AccountProject[] {
    const rows = this.ctx.storage.sql.exec<{ id: string; name: string; role: string; opened: number }>(
      "SELECT id, name, role, opened FROM projects ORDER BY opened DESC",
    );
    return [...rows].map(({ id, name, role, opened }) => ({ id, name, role, openedAt: opened }));
  }

  remember({ id, name, role, openedAt }: AccountProject): void {
    const { sql } = this.ctx.storage;
    sql.exec(
      "INSERT OR REPLACE INTO projects (id, name, role, opened) VALUES (?, ?, ?, ?)",
      id,
      name,
      role,
      openedAt,
    );
    sql.exec(
      "DELETE FROM projects WHERE id NOT IN (SELECT id FROM projects ORDER BY opened DESC LIMIT ?)",
      mostProjects,
    );
  }

  forget(id: string): void {
    this.ctx.storage.sql.exec("DELETE FROM projects WHERE id = ?", id);
  }
}

/** The name of an account: two providers never share one. */
export function accountName(issuer: string, subject: string): string {
  return toHex(sha256(encodeUtf8(JSON.stringify([issuer, subject])))).slice(0, 40);
}

export function accountOf(env: Env, account: string): DurableObjectStub<Account> {
  return env.ACCOUNTS.getByName(`account:${account}`);
}

/** Where invitations to an address wait to be seen. */
export function mailboxOf(env: Env, email: string): DurableObjectStub<Account> {
  return env.ACCOUNTS.getByName(`email:${email.toLowerCase()}`);
}
