// The client and the guest product as static files: types, caching, and the one page behind every address of the app.

import type { Env } from "#worker/bindings/env.ts";
import { contentType } from "#worker/http/content-type.ts";

const forever = "public, max-age=31536000, immutable";

function isPage(path: string): boolean {
  return path === "/" || path === "/index.html" || path.startsWith("/p/");
}

/** Vite names what it hashes under assets/, the guest's packs are named by their hash. */
function isNamedByContent(path: string): boolean {
  return path.startsWith("/assets/") || path.startsWith("/guest/packs/");
}

async function page(env: Env, request: Request): Promise<Response> {
  const found = await env.ASSETS.fetch(new Request(new URL("/index.html", request.url)));
  if (!found.ok)
    return new Response("The client is not built. Run: npm run build\n", {
      status: 503,
      headers: { "Content-Type": "text/plain; charset=utf-8" },
    });
  const html = await found.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", html));
  const etag = `"${[...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
  const headers = { "Content-Type": contentType("index.html"), "Cache-Control": "no-cache", ETag: etag };
  if (request.headers.get("If-None-Match") === etag) return new Response(null, { status: 304, headers });
  return new Response(html, { headers });
}

async function guestFile(env: Env, guest: Fetcher, request: Request, path: string): Promise<Response> {
  const headers = new Headers({ "Content-Type": contentType(path) });
  const etag = `"${env.GUEST_VERSION ?? ""}"`;
  if (isNamedByContent(path)) headers.set("Cache-Control", forever);
  else {
    headers.set("Cache-Control", "no-cache");
    headers.set("ETag", etag);
    if (request.headers.get("If-None-Match") === etag) return new Response(null, { status: 304, headers });
  }
  const found = await guest.fetch(new Request(new URL(path.slice("/guest".length), request.url)));
  return found.ok ? new Response(found.body, { headers }) : missing();
}

/** Somebody looks at it in a browser: they get the page, which says so and leads on. */
async function missingPage(env: Env, request: Request): Promise<Response> {
  if (!(request.headers.get("Accept") ?? "").includes("text/html")) return missing();
  const found = await page(env, new Request(request.url));
  return found.ok ? new Response(found.body, { status: 404, headers: found.headers }) : missing();
}

function missing(): Response {
  return new Response("There is no such file.\n", {
    status: 404,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache" },
  });
}

export async function serveStatic(env: Env, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (isPage(path)) return await page(env, request);
  // A folder would be listed by the local disk service.
  if (path.endsWith("/")) return await missingPage(env, request);
  if (path.startsWith("/guest/") && env.GUEST !== undefined)
    return await guestFile(env, env.GUEST, request, path);
  const found = await env.ASSETS.fetch(request);
  if (!found.ok && found.status !== 304) return await missingPage(env, request);
  const headers = new Headers(found.headers);
  headers.set("Content-Type", contentType(path));
  headers.set("Cache-Control", isNamedByContent(path) ? forever : "no-cache");
  return new Response(found.body, { status: found.status, headers });
}
