// On whose behalf files are asked for: a process of the guest, its group and session, or a program beside the guest.
// Knows no ports and no files.

/** Something that has one of Linux' numbers, for as long as it lives; the next of that number is another. */
export interface Actor {
  ended: boolean;
  /** Counts what it is asked to do, one after the other: the cells of a session. */
  run: number;
}

export interface Caller {
  readonly process: Actor;
  readonly group: Actor;
  readonly session: Actor;
}

/** A program that is no process of any system: it is a group and a session by itself. */
export function loneCaller(): Caller {
  const actor: Actor = { ended: false, run: 0 };
  return { process: actor, group: actor, session: actor };
}
