// Who asks for what happens now, and how long what the guest's kernel was told is true. Knows no files.

import type { Caller } from "../caller.ts";

export class Acting {
  /** A call of the guest is under way: what it changes, its kernel knows. */
  guestActs = false;
  /** On whose behalf. */
  caller: Caller | undefined;
  #lease = 1;

  /** Another number after each end of what was told (P9-28). */
  get lease(): number {
    return this.#lease;
  }

  endLease(): void {
    this.#lease = (this.#lease % 2 ** 31) + 1;
  }

  asGuest<T>(work: () => T, caller: Caller | undefined): T {
    const before = this.guestActs;
    this.guestActs = true;
    try {
      return this.onBehalfOf(caller, work);
    } finally {
      this.guestActs = before;
    }
  }

  onBehalfOf<T>(caller: Caller | undefined, work: () => T): T {
    const before = this.caller;
    this.caller = caller;
    try {
      return work();
    } finally {
      this.caller = before;
    }
  }
}
