import { defineConfig } from "vitest/config";

// Unit tests stand beside the code; test/ holds contracts, fuzzers, integration and end-to-end tests.
export default defineConfig({
  oxc: { jsx: { importSource: "preact", runtime: "automatic" } },
  test: {
    environment: "node",
    include: ["{core,party,worker,client,rootfs,scripts,test}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "dist/**"],
    testTimeout: 20_000,
  },
});
