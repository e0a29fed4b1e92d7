// On whose behalf a guest asks: its process, that one's group and session. Knows no ports and no files.

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
