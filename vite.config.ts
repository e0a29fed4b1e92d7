// How the client is built: one page, its workers, and nothing that a content security policy would refuse.

import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    // Data URLs are not among what the page may fetch.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco is large by nature; a warning about it at every build says nothing.
    chunkSizeWarningLimit: 8192,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
