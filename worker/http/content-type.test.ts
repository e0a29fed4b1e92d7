import { expect, it } from "vitest";
import { contentType } from "./content-type.ts";

it("knows everything that the page and the guest are made of", () => {
  for (const [path, type] of [
    ["/index.html", "text/html; charset=utf-8"],
    ["/assets/index-B3x.css", "text/css; charset=utf-8"],
    ["/assets/worker.JS", "text/javascript; charset=utf-8"],
    ["/assets/v86.mjs", "text/javascript; charset=utf-8"],
    ["/assets/v86-a1.wasm", "application/wasm"],
    ["/assets/worker.js.map", "application/json"],
    ["/assets/codicon.ttf", "font/ttf"],
    ["/assets/mono.woff2", "font/woff2"],
    ["/assets/mono.woff", "font/woff"],
    ["/icon.svg", "image/svg+xml; charset=utf-8"],
    ["/app.webmanifest", "application/manifest+json"],
    ["/guest/guest.json", "application/json"],
  ])
    expect(contentType(path ?? ""), path).toBe(type);
});

it("calls the rest bytes", () => {
  for (const path of ["/guest/packs/ab12", "/guest/snapshot", "/a.b/c", "/kernel.bzImage9x", "/"])
    expect(contentType(path), path).toBe("application/octet-stream");
});
