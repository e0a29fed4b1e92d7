// What sessions and waiting shells need of the tasks of a machine: a task table fits.

import type { Task, TaskEvents, TaskSpec } from "#core/machine/machine.ts";

export interface SessionTask extends Task {
  readonly ended: boolean;
  /** A control line, for a task with `control` (client/machine/task/SPEC.md, INBOX-4). Throws EINVAL where it is none. */
  line(text: string): void;
  /** The source of a cell, which the guest reads as /task/<id>/cells/<n>. */
  putCell(cell: number, source: string): void;
  removeCell(cell: number): void;
}

export interface SessionTasks {
  spawn(
    spec: TaskSpec,
    events: TaskEvents,
    options?: { readonly control?: boolean; readonly warm?: boolean },
  ): Promise<SessionTask>;
}
