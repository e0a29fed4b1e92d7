// Sees to it that the page opens without the server: a service worker keeps the app, and with `guest` the built Linux.

/** Milliseconds after which the page itself has what it needs, and the line is free. */
const quietTime = 4000;

/** Where the browser has no service workers (a private window, say), the page needs the server to open: no more. */
export function keepApp({ guest }: { readonly guest: boolean }): void {
  if (!("serviceWorker" in navigator)) return;
  setTimeout(() => void register(guest), quietTime);
}

async function register(guest: boolean): Promise<void> {
  try {
    await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a service worker has no other origin
    if (guest) active?.postMessage({ keep: "guest", all: !savesData() });
  } catch (error) {
    console.warn("This browser does not keep the app for when the server is away:", error);
  }
}

/** The person has asked for little traffic. */
function savesData(): boolean {
  const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean } };
  return connection?.saveData === true;
}
