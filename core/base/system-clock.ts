// The clock of every host of ours (page, worker, Node, Durable Object, PartyKit): the runtime's own time and timers.
// Nothing else outside the hosts asks the runtime for time (lint rule conch/clock).

import type { Clock } from "./clock.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
