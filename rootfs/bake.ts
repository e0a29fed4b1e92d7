// (being written)
export interface Bake {
  /** Blocks in order of first touch: a first session's, then the boot's. */
  readonly traces: readonly (readonly number[])[];
  /** zstd of v86's state. */
  readonly state: Uint8Array;
  /** What the restoring machine needs beside it, as JSON. */
  readonly host: string;
}
