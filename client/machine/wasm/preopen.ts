// What a program is given at its start.

/** A directory that a program is given at its start, and the name under which it knows it. */
export interface Preopen {
  readonly name: string;
  /** For the System: absolute, or relative to the program's working directory. */
  readonly path: string;
  /** Sent along where threads share no memory (SPEC REPLICA-1): it should be small. */
  readonly portable?: boolean;
}
