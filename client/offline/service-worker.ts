// The service worker: serves the app and the built Linux where the server cannot be reached. Knows no project: documents
// and blobs are kept by the page. Built after the client, of which it is given the list of files.

import { keepGuest } from "./keep-guest.ts";
import { appCache, guestCache, isGuestIndex } from "./caches.ts";

declare const __CONCH_BUILD__: { readonly version: string; readonly files: readonly string[] };
const { version, files } = __CONCH_BUILD__;

const scope = self as unknown as ServiceWorkerGlobalScope;
const app = appCache(version);
/** The one page behind every address of the app. */
const shell = "/";

/** Milliseconds that a silent server is waited for before the kept page is shown. */
const patience = 4000;
/** A gateway speaks for a server that is away. */
const awayStatuses = [502, 503, 504];

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
    if (!response.ok) throw new Error(`${file} cannot be had: ${response.status}`);
    await cache.put(file, response);
  }
}

/** Older builds go when no page of theirs is open any more: only then is this one activated. */
async function takeOver(): Promise<void> {
  for (const name of await caches.keys())
    if (name !== app && name.startsWith(appCache(""))) await caches.delete(name);
  await scope.clients.claim();
}

/** The server's page where there is one: so that a new build is seen at once. */
async function page({ request }: FetchEvent): Promise<Response> {
  const kept = await caches.match(shell, { cacheName: app });
  if (kept === undefined) return await fetch(request);
  const silence = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), patience);
  });
  const answer = await Promise.race([fetch(request), silence]).catch(() => undefined);
  return answer === undefined || awayStatuses.includes(answer.status) ? kept : answer;
}

async function fromCache(name: string, request: Request, keep: boolean): Promise<Response> {
  const kept = await caches.match(request, { cacheName: name });
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (keep && response.status === 200) void put(name, request, response.clone());
  return response;
}

/** The kept index goes with the kept files: a newer one is kept when its files are (keep-guest.ts). */
async function fromServer(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (!awayStatuses.includes(response.status)) return response;
  } catch {
    // As below.
  }
  return (await caches.match(request, { cacheName: guestCache })) ?? Response.error();
}

/** Storage that is full costs no more than that this is not kept. */
async function put(name: string, request: Request, response: Response): Promise<void> {
  try {
    const cache = await caches.open(name);
    await cache.put(request, response);
  } catch (error) {
    console.warn(`${request.url} is not kept:`, error);
  }
}
