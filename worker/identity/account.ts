// What is known of an account, or waits for an e-mail address: the projects it has been in. One Durable Object for each.
// What they are called, and what it may do in them, is each project's own business.

import { DurableObject } from "cloudflare:workers";
import type { AccountRpc, VisitedProject } from "#worker/bindings/account-rpc.ts";
import type { Env } from "#worker/bindings/env.ts";

/** Projects that are remembered; the longest unvisited ones go first. */
const mostProjects = 200;

export class Account extends DurableObject<Env> implements AccountRpc {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const { sql } = state.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS visits (id TEXT PRIMARY KEY, link TEXT, opened INTEGER NOT NULL)");
    // Before projects were asked for their names, a table had them as they were at the last visit.
    const older = sql
      .exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'projects'")
      .toArray();
    if (older.length === 0) return;
    state.storage.transactionSync(() => {
      sql.exec("INSERT OR IGNORE INTO visits (id, opened) SELECT id, opened FROM projects");
      sql.exec("DROP TABLE projects");
    });
  }

  async projects(): Promise<readonly VisitedProject[]> {
    const rows = this.ctx.storage.sql.exec<{ id: string; link: string | null; opened: number }>(
      "SELECT id, link, opened FROM visits ORDER BY opened DESC",
    );
    return [...rows].map(({ id, link, opened }) => ({
      id,
      openedAt: opened,
      ...(link === null ? {} : { link }),
    }));
  }

  async remember({ id, link, openedAt }: VisitedProject): Promise<void> {
    const { sql } = this.ctx.storage;
    sql.exec("INSERT OR REPLACE INTO visits (id, link, opened) VALUES (?, ?, ?)", id, link ?? null, openedAt);
    sql.exec(
      "DELETE FROM visits WHERE id NOT IN (SELECT id FROM visits ORDER BY opened DESC LIMIT ?)",
      mostProjects,
    );
  }

  async forget(id: string): Promise<void> {
    this.ctx.storage.sql.exec("DELETE FROM visits WHERE id = ?", id);
  }
}
