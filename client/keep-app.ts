// Sees to it that the page opens without the server: a service worker keeps the app, and with `guest` the built Linux.

import { type Disposer, DisposerStack } from "#core/base/disposable.ts";
import { systemClock } from "#core/base/system-clock.ts";

/** Milliseconds after which the page itself has what it needs, and the line is free … */
const quietTime = 4000;
/** … and after which somebody is here to stay, who may want all of Linux and not only what everybody uses. */
const stayTime = 60_000;

/** Where the browser has no service workers (a private window, say), the page needs the server to open: no more. */
export function keepApp({ guest }: { readonly guest: boolean }): Disposer {
  if (!("serviceWorker" in navigator)) return () => undefined;
  const timers = new DisposerStack();
  timers.add(systemClock.after(quietTime, () => void keep(guest, false)));
  if (guest && !savesData()) timers.add(systemClock.after(stayTime, () => void keep(true, true)));
  return () => timers.dispose();
}

/** The app is kept when it settles; rejects where this browser keeps none. */
export async function keepAppNow(): Promise<ServiceWorker | null> {
  await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  return (await navigator.serviceWorker.ready).active;
}

async function keep(guest: boolean, all: boolean): Promise<void> {
  try {
    const active = await keepAppNow();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a service worker has no other origin
    if (guest) active?.postMessage({ keep: "guest", all });
  } catch (error) {
    console.warn("This browser does not keep the app for when the server is away:", error);
  }
}

/** The person has asked for little traffic. */
function savesData(): boolean {
  const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}
