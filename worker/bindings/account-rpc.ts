// What the Worker asks the Durable Object of an account, or of an e-mail address that invitations were sent to.

import type { Role } from "#core/auth/role.ts";

export interface AccountProject {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

export interface AccountRpc {
  /** Latest first. */
  projects(): Promise<readonly AccountProject[]>;
  /** Adds a project, or replaces what was known of it. */
  remember(project: AccountProject): Promise<void>;
  /** Nothing happens where the project is not listed. */
  forget(id: string): Promise<void>;
}
