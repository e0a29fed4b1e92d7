// What the Worker asks the Durable Object of an account, or of an e-mail address that invitations were sent to.

/** A project that somebody has been in. What it is called, and what they may do in it, its room says. */
export interface VisitedProject {
  readonly id: string;
  /** The link that it was opened with; left out where the account alone was enough. */
  readonly link?: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

export interface AccountRpc {
  /** Latest first. */
  projects(): Promise<readonly VisitedProject[]>;
  /** Adds a project, or replaces what was known of it. */
  remember(project: VisitedProject): Promise<void>;
  /** Nothing happens where the project is not listed. */
  forget(id: string): Promise<void>;
}
