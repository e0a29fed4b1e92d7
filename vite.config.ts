// How the client is built: one page, its workers, and nothing that a content security policy would refuse.

import { defaultClientConditions, defineConfig, type Rolldown } from "vite";

/** v86 and wabt ask for Node's modules where they run under Node; in a browser they never do. */
function onLog(
  level: Rolldown.LogLevel,
  log: Rolldown.RollupLog,
  report: (level: Rolldown.LogLevel, log: Rolldown.RollupLog) => void,
): void {
  if (/has been externalized for browser compatibility, imported by "[^"]*\/(?:v86|wabt)\//.test(log.message))
    return;
  report(level, log);
}

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  // Page and workers share core, which may not rely on a DOM (the Markdown parser has a form of itself that does).
  resolve: { conditions: ["worker", ...defaultClientConditions] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    // Data URLs are not among what the page may fetch.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco is large by nature; a warning about it at every build says nothing.
    chunkSizeWarningLimit: 8192,
    reportCompressedSize: false,
    rolldownOptions: { onLog },
  },
  worker: { format: "es", rolldownOptions: { onLog } },
});
