// What is known of an account, or waits for an e-mail address: the projects it has been in. One Durable Object for each.
// What it may do in them is each project's own business.

import { DurableObject } from "cloudflare:workers";
import { isRole } from "#core/auth/role.ts";
import type { AccountProject, AccountRpc } from "#worker/bindings/account-rpc.ts";
import type { Env } from "#worker/bindings/env.ts";

/** Projects that are remembered; the longest unvisited ones go first. */
const mostProjects = 200;

export class Account extends DurableObject<Env> implements AccountRpc {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, opened INTEGER NOT NULL)",
    );
  }

  async projects(): Promise<readonly AccountProject[]> {
    const rows = this.ctx.storage.sql.exec<{ id: string; name: string; role: string; opened: number }>(
      "SELECT id, name, role, opened FROM projects ORDER BY opened DESC",
    );
    return [...rows].flatMap(({ id, name, role, opened }) =>
      isRole(role) ? [{ id, name, role, openedAt: opened }] : [],
    );
  }

  async remember({ id, name, role, openedAt }: AccountProject): Promise<void> {
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

  async forget(id: string): Promise<void> {
    this.ctx.storage.sql.exec("DELETE FROM projects WHERE id = ?", id);
  }
}
