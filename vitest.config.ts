import { defineConfig } from "vitest/config";
import { markdownAsText } from "./scripts/markdown-as-text.ts";

const oxc = { jsx: { importSource: "preact", runtime: "automatic" } } as const;
const exclude = ["**/node_modules/**", "dist/**"];

// Unit tests stand beside the code. test/ holds what needs more than one part: contracts and fuzzers run with the
// unit tests; integration tests start real servers and guests; end-to-end tests drive a browser, one file at a time.
export default defineConfig({
  test: {
    projects: [
      {
        oxc,
        test: {
          name: "unit",
          include: ["{core,party,worker,client,rootfs,scripts,test/contracts,test/fuzz}/**/*.test.{ts,tsx}"],
          exclude,
          setupFiles: ["test/harness/property-seed.ts"],
          testTimeout: 30_000,
        },
      },
      {
        oxc,
        plugins: [markdownAsText],
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          exclude,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        oxc,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
