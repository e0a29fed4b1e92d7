// The clock of both hosts of a room, the Durable Object and PartyKit: the runtime's own time and timers.

import type { Clock } from "#core/base/clock.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
