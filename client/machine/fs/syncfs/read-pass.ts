// One descriptor's way through a file: what others change behind it does not tear what it reads (SPEC.md SY-18).

/** What a descriptor was given, and whether it belongs to the file as it is now. */
interface Piece {
  readonly data: Uint8Array;
  readonly current: boolean;
}

export class ReadPass {
  /** The content in which it reads; undefined before it begins and when it is through. */
  #begun: Uint8Array | undefined;
  #next = 0;
  #changes = 0;

  /**
   * `now` is the content as it is, `changes` counts this machine's own changes: those show at once, as everywhere. In
   * what others change it goes on only where that is behind it unchanged.
   */
  read(now: Uint8Array, changes: number, offset: number, count: number): Piece {
    const begun = changes === this.#changes && offset === this.#next && offset > 0 ? this.#begun : undefined;
    if (begun !== undefined && begun !== now && !startAlike(begun, now, offset)) {
      const data = begun.subarray(offset, offset + count);
      this.#next += data.length;
      if (data.length === 0) this.#begun = undefined;
      return { data, current: false };
    }
    const data = now.subarray(offset, offset + count);
    this.#begun = data.length === 0 ? undefined : now;
    this.#next = offset + data.length;
    this.#changes = changes;
    return { data, current: true };
  }

  /** It was given something that is not in the document yet. */
  leave(): void {
    this.#begun = undefined;
  }
}

function startAlike(a: Uint8Array, b: Uint8Array, length: number): boolean {
  if (length > b.length) return false;
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return false;
  return true;
}
