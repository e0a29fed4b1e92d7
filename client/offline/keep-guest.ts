// Keeps the built Linux in this browser, so that machines start without the server: first what a start and a first
// session need, then all the rest. What is there already is not fetched again; what belongs to an older Linux goes when
// no machine uses it.

import { delay } from "#core/base/clock.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { guestCache, guestLock } from "./caches.ts";
import { allParts, indexPath, keepPart, keptPaths, planGuest, type GuestPlan } from "./guest-plan.ts";

/** Milliseconds between two files that nobody waits for: the line belongs to those who do. */
const pause = 100;

let keeping: Promise<void> | undefined;

/** `all`: also what a first session does not touch. Whatever cannot be had is left for the next time. */
export function keepGuest(all: boolean): Promise<void> {
  keeping ??= keep(all)
    .catch((error: unknown) => console.warn("Linux is not kept for when the server is away:", error))
    .finally(() => (keeping = undefined));
  return keeping;
}

async function keep(all: boolean): Promise<void> {
  const plan = await planGuest();
  // A server without Linux has nothing to keep.
  if (plan === undefined) return;
  await keepPlan(plan, {
    rest: all,
    onKept: () => undefined,
    pause: () => delay(systemClock, pause),
  });
}

export interface KeepOptions {
  /** Also what a first session does not touch. */
  readonly rest: boolean;
  readonly signal?: AbortSignal;
  readonly onKept: (bytes: number) => void;
  /** Between two files of the rest. */
  readonly pause?: () => Promise<void>;
}

/** Rejects at the first part that cannot be had or kept; those before it stay. */
export async function keepPlan(plan: GuestPlan, options: KeepOptions): Promise<void> {
  const { signal, onKept } = options;
  const cache = await caches.open(guestCache);
  const kept = await keptPaths();
  const keepAll = async (parts: GuestPlan["rest"], between?: () => Promise<void>): Promise<void> => {
    for (const part of parts) {
      signal?.throwIfAborted();
      if (!kept.has(part.path)) {
        await keepPart(cache, part, signal);
        await between?.();
      }
      onKept(part.bytes);
    }
  };
  await keepAll(plan.start);
  // After what it names: an index without its files is of no use.
  await cache.put(indexPath, plan.index.clone());
  await keepAll(plan.session);
  if (!options.rest) return;
  await keepAll(plan.rest, options.pause);
  await removeOlder(cache, plan);
}

/** A machine of an older Linux may be running in another tab, whose server no longer has its files. */
async function removeOlder(cache: Cache, plan: GuestPlan): Promise<void> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const ours = guestLock(plan.id);
  if (held.some(({ name }) => name?.startsWith(guestLock("")) === true && name !== ours)) return;
  const current = new Set([indexPath, ...allParts(plan).map(({ path }) => path)]);
  for (const { url } of await cache.keys()) if (!current.has(new URL(url).pathname)) await cache.delete(url);
}
