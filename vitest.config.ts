import { defineConfig } from "vitest/config";

const oxc = { jsx: { importSource: "preact", runtime: "automatic" } } as const;
// Guests and browsers on a shared machine of CI: one more try there, which the report names. Such a test is a bug to hunt.
const retry = process.env["CI"] === undefined ? 0 : 1;
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
          testTimeout: 30_000,
        },
      },
      {
        oxc,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          exclude,
          retry,
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
          retry,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
