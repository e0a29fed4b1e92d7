// Time as code outside a host sees it: passed in, so that a test decides when time passes.

import type { Disposer } from "./disposable.ts";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once, after so many milliseconds; the disposer cancels the call. */
  after(milliseconds: number, run: () => void): Disposer;
}
