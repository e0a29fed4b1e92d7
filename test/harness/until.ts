// Waits for what must become true. Not for what must happen within a time: the limit only ends a failed test.

import { setTimeout as sleep } from "node:timers/promises";

const limitMilliseconds = 15_000;
const pollMilliseconds = 5;

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limit: number = limitMilliseconds,
): Promise<void> {
  const end = Date.now() + limit;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(pollMilliseconds);
  }
}
