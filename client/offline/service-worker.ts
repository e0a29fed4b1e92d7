// The service worker: serves the app and the built Linux where the server cannot be reached. Knows no project: documents
// and blobs are kept by the page. Built after the client, of which it is given the list of files.

import { within } from "#core/base/clock.ts";
import { systemClock } from "#core/base/system-clock.ts";
import { keepGuest } from "./keep-guest.ts";
import { appCache, guestCache, isGuestIndex } from "./caches.ts";
import { hasItsContent, isGenuine } from "./genuine.ts";

declare const __CONCH_BUILD__: { readonly version: string; readonly files: readonly string[] };
const { version, files } = __CONCH_BUILD__;

const scope = self as unknown as ServiceWorkerGlobalScope;
const app = appCache(version);
/** The one page behind every address of the app. */
const shell = "/";

/** Milliseconds that a silent server is waited for before the kept page is shown. */
const patience = 4000;
/** A gateway speaks for a server that is away; and one that fails has no page to show. */
const leastFailure = 500;

scope.addEventListener("install", (event) => event.waitUntil(keepApp()));
scope.addEventListener("activate", (event) => event.waitUntil(takeOver()));
scope.addEventListener("message", (event) => {
  const message = event.data as { readonly keep?: unknown; readonly all?: unknown } | null;
  if (message?.keep === "guest") event.waitUntil(keepGuest(message.all === true));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  const { pathname } = url;
  if (request.mode === "navigate") {
    if (pathname === shell || pathname.startsWith("/p/")) event.respondWith(page(event));
  } else if (pathname.startsWith("/assets/")) event.respondWith(fromCache(app, request, false));
  else if (isGuestIndex(pathname)) event.respondWith(fromServer(request));
  // What the index names is named by its content.
  else if (pathname.startsWith("/guest/")) event.respondWith(fromCache(guestCache, request, true));
});

/** All of one build, or nothing: a page of one build and a part of another would not work. */
async function keepApp(): Promise<void> {
  const cache = await caches.open(app);
  for (const file of [shell, ...files]) {
    const known = file === shell ? undefined : await caches.match(file);
    const response = known ?? (await fetch(file, file === shell ? { cache: "no-cache" } : {}));
    const ours = file === shell ? isOurPage(response) : isGenuine(response);
    if (!ours) throw new Error(`${file} cannot be had: ${response.status}`);
    await cache.put(file, response);
  }
}

/** Older builds go when no page of theirs is open any more: only then is this one activated. */
async function takeOver(): Promise<void> {
  for (const name of await caches.keys())
    if (name !== app && name.startsWith(appCache(""))) await caches.delete(name);
  await scope.clients.claim();
}

/** Our pages are isolated from other origins'; a page that stands in the server's place knows nothing of that. */
function isOurPage({ ok, headers }: Response): boolean {
  return ok && headers.get("Cross-Origin-Embedder-Policy") === "require-corp";
}

/** Undefined where the server is silent, cannot be reached or fails. */
async function askServer(request: Request): Promise<Response | undefined> {
  const late = (): Error => new Error("The server does not answer.");
  const answer = await within(systemClock, patience, fetch(request), late).catch(() => undefined);
  return answer === undefined || answer.status >= leastFailure ? undefined : answer;
}

/** The server's page where there is one: so that a new build is seen at once. */
async function page({ request }: FetchEvent): Promise<Response> {
  const kept = await caches.match(shell, { cacheName: app });
  return kept === undefined ? await fetch(request) : ((await askServer(request)) ?? kept);
}

async function fromCache(name: string, request: Request, keep: boolean): Promise<Response> {
  const kept = await caches.match(request, { cacheName: name });
  // A machine that asks so has found what is kept of Linux damaged; but so does a browser whose page is reloaded.
  const distrusted = keep && request.cache === "reload";
  if (kept !== undefined && !distrusted) return kept;
  const response = await fetch(request).catch((thrown: unknown) => {
    if (kept === undefined) throw thrown;
    return kept;
  });
  if (response === kept) return kept;
  if (keep && isGenuine(response)) void put(name, request, response.clone());
  return response;
}

/** The kept index goes with the kept files: a newer one is kept when its files are (keep-guest.ts). */
async function fromServer(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: guestCache });
  if (kept === undefined) return await fetch(request);
  const answer = await askServer(request);
  return answer === undefined || (answer.ok && !isGenuine(answer)) ? kept : answer;
}

/** What has other content than its name says is not kept. Storage that is full costs no more than that this is not. */
async function put(name: string, request: Request, response: Response): Promise<void> {
  try {
    const copy = response.clone();
    const { pathname } = new URL(request.url);
    if (!(await hasItsContent(pathname, await copy.arrayBuffer()))) return;
    const cache = await caches.open(name);
    await cache.put(request, response);
  } catch (error) {
    console.warn(`${request.url} is not kept:`, error);
  }
}
